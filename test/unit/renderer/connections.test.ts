import { expect, it } from 'vitest'
import type { ConnectionField, ConnectionView } from '../../../core/protocol/cluster.ts'
import {
  arrangeFields,
  countEdits,
  editSecret,
  editValue,
  noEdits,
  readValues,
} from '../../../renderer/panels/connections/fields.ts'
import { judgeTrend } from '../../../renderer/panels/lag/trend.ts'

const fieldOf = (name: string, parts: Partial<ConnectionField> = {}): ConnectionField => ({
  name,
  group: name.startsWith('kafka') ? 'security' : 'postgres',
  kind: 'text',
  choices: [],
  value: '',
  default: '',
  source: 'default',
  doc: '',
  isSet: false,
  place: null,
  variable: '',
  ...parts,
})

const security = fieldOf('kafka.security', { value: 'plaintext', default: 'plaintext' })
const mechanism = fieldOf('kafka.sasl.mechanism', { value: 'plain', default: 'plain' })
const partitions = fieldOf('kafka.partitions', { kind: 'number', value: 4, default: 4 })

const view: ConnectionView = {
  profile: 'watch',
  title: 'Watch',
  kind: 'watch',
  isLocked: false,
  isCurrent: false,
  cannotKeepSecrets: null,
  fields: [
    security,
    mechanism,
    fieldOf('kafka.sasl.username'),
    fieldOf('kafka.sasl.password', { kind: 'secret' }),
    fieldOf('kafka.oauth.token', { kind: 'secret' }),
    fieldOf('kafka.oauth.tokenUrl'),
    fieldOf('kafka.oauth.clientSecret', { kind: 'secret' }),
    fieldOf('kafka.ssl.ca'),
    fieldOf('kafka.ssl.cert'),
    fieldOf('kafka.ssl.key', { kind: 'secret' }),
    partitions,
    fieldOf('kafka.isolation', { value: 'read_committed', default: 'read_committed' }),
  ],
}

/** Names of the fields that are asked for with these values typed. */
const namesWith = (values: Readonly<Record<string, string>>): readonly string[] =>
  arrangeFields(view, { ...noEdits, values }).flatMap(({ fields }) =>
    fields.map(({ name }) => name.replace('kafka.', '')),
  )

it.each([
  ['plaintext', {}, ['security']],
  ['ssl', { 'kafka.security': 'ssl' }, ['security', 'ssl.ca', 'ssl.cert']],
  [
    'a client certificate',
    { 'kafka.security': 'ssl', 'kafka.ssl.cert': '/cert.pem' },
    ['security', 'ssl.ca', 'ssl.cert', 'ssl.key'],
  ],
  [
    'a password',
    { 'kafka.security': 'sasl_plaintext' },
    ['security', 'sasl.mechanism', 'sasl.username', 'sasl.password'],
  ],
  [
    'a token',
    { 'kafka.security': 'sasl_plaintext', 'kafka.sasl.mechanism': 'oauthbearer' },
    ['security', 'sasl.mechanism', 'oauth.token', 'oauth.tokenUrl'],
  ],
  [
    'a token endpoint',
    {
      'kafka.security': 'sasl_plaintext',
      'kafka.sasl.mechanism': 'oauthbearer',
      'kafka.oauth.tokenUrl': 'https://id.example',
    },
    ['security', 'sasl.mechanism', 'oauth.tokenUrl', 'oauth.clientSecret'],
  ],
])('asks for %s only what it needs', (_kind, values, names) => {
  expect(namesWith(values)).toEqual(names)
})

it('folds away what few change, until it is changed', () => {
  const [group] = arrangeFields(view, noEdits)
  expect(group?.folded.map(({ name }) => name)).toEqual(['kafka.isolation'])
  const changed = view.fields.map((field) =>
    field.name === 'kafka.isolation' ? { ...field, value: 'read_uncommitted' } : field,
  )
  expect(arrangeFields({ ...view, fields: changed }, noEdits)[0]?.folded).toEqual([])
})

it('counts edits, and none for what is typed back', () => {
  const typed = editValue(noEdits, security, 'ssl')
  expect(countEdits(typed)).toBe(1)
  expect(editValue(typed, security, 'plaintext')).toEqual(noEdits)
  const withSecret = editSecret(typed, 'kafka.sasl.password', 'x')
  expect(countEdits(withSecret)).toBe(2)
  expect(countEdits(editSecret(withSecret, 'kafka.sasl.password', ''))).toBe(1)
  expect(countEdits({ ...withSecret, imported: { text: '', secrets: ['kafka.sasl.password', 'kafka.ssl.key'] } })).toBe(
    3,
  )
})

it('reads numbers as numbers, and what is back at its default as nothing', () => {
  const typed = editValue(editValue(noEdits, partitions, '12'), mechanism, 'oauthbearer')
  expect(readValues(view, typed)).toEqual({ 'kafka.partitions': 12, 'kafka.sasl.mechanism': 'oauthbearer' })
  const away = { ...view, fields: [{ ...partitions, value: 12 }] }
  expect(readValues(away, editValue(noEdits, { ...partitions, value: 12 }, '4'))).toEqual({ 'kafka.partitions': null })
  expect(readValues(view, editValue(noEdits, partitions, 'many'))).toEqual({ 'kafka.partitions': 'many' })
})

it('calls a lag steady while it hardly changes', () => {
  const judge = (records: number, changePerSecond: number | null): ReturnType<typeof judgeTrend> =>
    judgeTrend({ records, changePerSecond, etaSeconds: null })
  expect([judge(10, 0.4), judge(10, -3), judge(10, 3)]).toEqual(['steady', 'falling', 'growing'])
  expect([judge(1_000_000, 900), judge(1_000_000, 2_500), judge(5, null)]).toEqual(['steady', 'growing', null])
})
