import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createConnectionViews, type ConnectionViews } from '../../../core/pipeline/views/connection-views.ts'
import { createProfileViews, makeName, type ProfileViews } from '../../../core/pipeline/views/profile-views.ts'
import type { Keyring } from '../../../core/pipeline/views/profile-world.ts'
import type { ConnectionDraft, ConnectionField } from '../../../core/protocol/cluster.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

/** A secret that may turn up nowhere. */
const canary = 'canary-Zq7-password'

interface Kept {
  readonly keyring: Keyring
  readonly secrets: Map<string, Readonly<Record<string, string>>>
}

function makeKeyring(refusal: string | null = null): Kept {
  const secrets = new Map<string, Readonly<Record<string, string>>>()
  const keyring: Keyring = {
    refusal: async () => refusal,
    recall: async (profile) => secrets.get(profile) ?? {},
    async keep(profile, changes) {
      const after = Object.entries({ ...secrets.get(profile), ...changes })
      secrets.set(
        profile,
        Object.fromEntries(after.flatMap(([name, secret]) => (secret === null ? [] : [[name, secret]]))),
      )
    },
  }
  return { keyring, secrets }
}

interface Opened extends Kept {
  readonly home: string
  readonly profiles: ProfileViews
  readonly connections: ConnectionViews
}

function open(environment: Readonly<Record<string, string>> = {}, refusal: string | null = null): Opened {
  const home = makeTemporaryDirectory()
  const kept = makeKeyring(refusal)
  const world = { home, current: 'local', environment, keyring: kept.keyring }
  const profiles = createProfileViews(world)
  const readSecrets = (text: string): Readonly<Record<string, string>> =>
    text === '' ? {} : { 'kafka.sasl.password': text }
  return { home, ...kept, profiles, connections: createConnectionViews({ world, profiles, readSecrets }) }
}

const draftOf = (profile: string, values: ConnectionDraft['values'], more: Partial<ConnectionDraft> = {}) => ({
  profile,
  values,
  secrets: {},
  properties: null,
  ...more,
})

const readAll = (folder: string): string =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
        .join('\n')
    : ''

const fieldOf = (fields: readonly ConnectionField[], name: string): ConnectionField | undefined =>
  fields.find((field) => field.name === name)

it('lists the built-in profiles with what they lack, and the user’s own', async () => {
  const { profiles } = open()
  const name = profiles.create({ title: 'Köln, produktion!', kind: 'watch', colour: 'red' })
  expect(name).toBe('koln-produktion')
  const all = await profiles.list()
  expect(all.map((profile) => [profile.name, profile.isBuiltIn, profile.isCurrent])).toEqual([
    ['local', true, true],
    ['watch', true, false],
    ['process', true, false],
    ['kafka-local', true, false],
    ['koln-produktion', false, false],
  ])
  expect(all[0]).toMatchObject({ title: 'This computer', lacks: [], isReadOnly: false, eventsFrom: null })
  expect(all[1]?.lacks[0]).toMatch(/^kafka\.brokers is missing/)
  expect(all[2]?.lacks).toHaveLength(2)
  expect(all[4]).toMatchObject({ title: 'Köln, produktion!', kind: 'watch', colour: 'red', isReadOnly: true })
})

it('names the servers of a profile, and never what opens them', async () => {
  const { connections, profiles } = open({ DATABASE_URL: `postgres://ann:${canary}@db.example:5433/retail` })
  await connections.save(draftOf('process', { 'kafka.brokers': 'a.example:9093, b.example:9093' }))
  const profile = await profiles.find('process')
  expect(profile).toMatchObject({
    eventsFrom: 'a.example:9093 and 1 more',
    rowsTo: 'db.example:5433/retail',
    lacks: [],
  })
  const view = await connections.describe('process')
  expect(fieldOf(view.fields, 'warehouse.url')).toMatchObject({
    kind: 'secret',
    value: '',
    isSet: true,
    place: 'db.example:5433/retail',
    source: 'environment',
    variable: 'STOREPULSE_WAREHOUSE_URL',
  })
  expect(JSON.stringify([profile, view])).not.toContain(canary)
})

it('lists a profile whose file is broken with the reason', async () => {
  const { home, profiles } = open()
  mkdirSync(join(home, 'profiles'), { recursive: true })
  writeFileSync(join(home, 'profiles', 'torn.json'), '{"kind":')
  expect((await profiles.list()).at(-1)).toMatchObject({ name: 'torn', lacks: [expect.stringMatching(/valid JSON/)] })
})

it.each([
  ['', /must not be empty/],
  ['  ', /must not be empty/],
  ['a\nb', /must be one line/],
  ['x'.repeat(61), /at most 60/],
  ['This computer', /that of another profile/],
])('refuses the title %j', (title, rule) => {
  const { home, profiles } = open()
  expect(() => profiles.create({ title, kind: 'watch', colour: null })).toThrow(rule)
  expect(existsSync(join(home, 'profiles'))).toBe(false)
})

it('gives each profile a name that no file or folder has', () => {
  const { home, profiles } = open()
  mkdirSync(join(home, 'profiles', 'shop'), { recursive: true })
  const make = (title: string): string => profiles.create({ title, kind: 'local', colour: null })
  expect([make('Shop'), make('shop!'), make('Demo'), make('店')]).toEqual(['shop-2', 'shop-3', 'demo-2', 'profile'])
  expect(makeName('a'.repeat(80))).toHaveLength(40)
})

it('changes nothing of a locked profile until it is unlocked', async () => {
  const { connections, profiles } = open()
  const name = profiles.create({ title: 'Live', kind: 'watch', colour: null })
  profiles.update(name, { isLocked: true })
  expect(() => profiles.update(name, { title: 'Other' })).toThrow(/is locked/)
  expect(() => profiles.update(name, { isLocked: false, title: 'Other' })).toThrow(/is locked/)
  await expect(connections.save(draftOf(name, { 'kafka.brokers': 'a:1' }))).rejects.toThrow(/is locked/)
  await expect(profiles.remove(name)).rejects.toThrow(/is locked/)
  profiles.update(name, { isLocked: false })
  profiles.update(name, { title: 'Other', colour: 'teal' })
  expect(await profiles.find(name)).toMatchObject({ title: 'Other', colour: 'teal', isLocked: false })
})

it('deletes neither the open profile nor a built-in one, and keeps the data of the others', async () => {
  const { home, profiles, secrets } = open()
  await expect(profiles.remove('watch')).rejects.toThrow(/built in/)
  await expect(profiles.remove('gone')).rejects.toMatchObject({ code: 'not-found' })
  const name = profiles.create({ title: 'Old', kind: 'watch', colour: null })
  secrets.set(name, { 'kafka.sasl.password': canary })
  mkdirSync(join(home, 'profiles', name, 'log'), { recursive: true })
  expect(await profiles.remove(name)).toBe(join(home, 'profiles', name))
  expect(existsSync(join(home, 'profiles', name, 'log'))).toBe(true)
  expect(secrets.get(name)).toEqual({})
  expect((await profiles.list()).some((profile) => profile.name === name)).toBe(false)
})

it('saves values and secrets of a connection, all or none, and no secret on disk or in an answer', async () => {
  const { connections, home, secrets } = open()
  const values = { 'kafka.brokers': 'a.example:9093', 'kafka.security': 'sasl_ssl', 'kafka.sasl.username': 'ann' }
  const broken = { ...values, 'kafka.partitions': 0, 'window.colour': 1 }
  const refused = await connections.save(draftOf('watch', broken, { secrets: { 'kafka.sasl.password': canary } }))
  expect(refused).toEqual({
    saved: false,
    errors: [
      { name: 'kafka.partitions', message: 'must be at least 1' },
      { name: 'window.colour', message: 'is not a setting' },
    ],
  })
  expect([secrets.size, readAll(home)]).toEqual([0, ''])
  const draft = draftOf('watch', values, { secrets: { 'kafka.sasl.password': canary } })
  expect(await connections.save(draft)).toEqual({ saved: true, errors: [] })
  expect(secrets.get('watch')).toEqual({ 'kafka.sasl.password': canary })
  const view = await connections.describe('watch')
  expect(fieldOf(view.fields, 'kafka.sasl.username')).toMatchObject({ value: 'ann', source: 'profile' })
  expect(fieldOf(view.fields, 'kafka.sasl.password')).toMatchObject({ value: '', isSet: true, source: 'profile' })
  expect(readAll(home) + JSON.stringify(view)).not.toContain(canary)
  expect(readAll(home)).toContain('a.example:9093')
})

it('forgets a secret that is cleared', async () => {
  const { connections, secrets } = open()
  await connections.save(draftOf('watch', {}, { secrets: { 'redis.url': 'redis://x', 'kafka.oauth.token': canary } }))
  await connections.save(draftOf('watch', {}, { secrets: { 'kafka.oauth.token': null } }))
  expect(secrets.get('watch')).toEqual({ 'redis.url': 'redis://x' })
})

it('says at the field why a secret cannot be kept, and saves nothing', async () => {
  const { connections, home } = open({}, 'the keyring of this computer only obfuscates')
  const draft = draftOf('watch', { 'kafka.brokers': 'a:1' }, { secrets: { 'kafka.sasl.password': canary } })
  expect(await connections.save(draft)).toEqual({
    saved: false,
    errors: [{ name: 'kafka.sasl.password', message: 'the keyring of this computer only obfuscates' }],
  })
  expect(readAll(home)).toBe('')
})

it('takes the secrets of an imported file where none is typed, and keeps none that is not used', async () => {
  const { connections, secrets } = open()
  const settings = await connections.readDraft(draftOf('watch', { 'kafka.brokers': 'a:1' }, { properties: canary }))
  expect([settings.secret('kafka.sasl.password'), settings.text('kafka.brokers')]).toEqual([canary, 'a:1'])
  await connections.save(draftOf('watch', {}, { properties: canary, secrets: { 'kafka.sasl.password': 'typed' } }))
  expect(secrets.get('watch')).toEqual({ 'kafka.sasl.password': 'typed' })
  await connections.save(draftOf('local', {}, { properties: canary }))
  expect(secrets.get('local')).toBeUndefined()
})

it('puts the secrets back when the values cannot be written', async () => {
  const { connections, home, secrets } = open()
  writeFileSync(join(home, 'profiles'), 'a file where the folder should be')
  const draft = draftOf('watch', { 'kafka.brokers': 'a:1' }, { secrets: { 'kafka.sasl.password': canary } })
  await expect(connections.save(draft)).rejects.toThrow()
  expect(secrets.get('watch')).toEqual({})
})
