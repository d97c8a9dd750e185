import type { ConnectionField, ConnectionGroup, ConnectionView } from '../../../core/protocol/cluster.ts'
import type { SettingView } from '../../../core/protocol/views.ts'

type Value = SettingView['value']

/** What is typed and not saved: values by name, secrets by name (null = forget it), and an imported file. */
export interface ConnectionEdits {
  readonly values: Readonly<Record<string, Value>>
  readonly secrets: Readonly<Record<string, string | null>>
  readonly imported: { readonly text: string; readonly secrets: readonly string[] } | null
}

export const noEdits: ConnectionEdits = { values: {}, secrets: {}, imported: null }

export const countEdits = ({ imported, secrets, values }: ConnectionEdits): number =>
  Object.keys(values).length +
  Object.keys(secrets).length +
  (imported?.secrets.filter((name) => !(name in secrets)).length ?? 0)

/** With one value typed; typed back to what it is, it is no edit any more. */
export function editValue(edits: ConnectionEdits, field: ConnectionField, value: Value): ConnectionEdits {
  const { [field.name]: _before, ...others } = edits.values
  const isAsBefore = String(value) === String(field.value)
  return { ...edits, values: isAsBefore ? others : { ...others, [field.name]: value } }
}

/** With one secret typed; nothing typed leaves the one that is kept. */
export function editSecret(edits: ConnectionEdits, name: string, secret: string | null): ConnectionEdits {
  const { [name]: _before, ...others } = edits.secrets
  return { ...edits, secrets: secret === '' ? others : { ...others, [name]: secret } }
}

/** What is typed in a number's field as the number it means, or as it is, so that the rule refuses it. */
function readTyped(field: ConnectionField | undefined, value: Value): Value {
  if (field?.kind !== 'number' || typeof value !== 'string') return value
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(value.trim()) ? Number(value) : value.trim()
}

/** The values to save or to test; one typed back to its default leaves the file. */
export function readValues(view: ConnectionView, { values }: ConnectionEdits): Readonly<Record<string, Value | null>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, typed]) => {
      const field = view.fields.find((known) => known.name === name)
      const value = readTyped(field, typed)
      return [name, value === field?.default ? null : value]
    }),
  )
}

/** The form as it is typed: values, and which secrets there would be. */
interface Typed {
  readonly text: (name: string) => string
  readonly hasSecret: (name: string) => boolean
  readonly kind: ConnectionView['kind']
}

/** What a field holds as it is typed. */
export function readText(view: ConnectionView, edits: ConnectionEdits, name: string): string {
  const field = view.fields.find((known) => known.name === name)
  return String(edits.values[name] ?? field?.value ?? '')
}

function readForm(view: ConnectionView, edits: ConnectionEdits): Typed {
  const find = (name: string): ConnectionField | undefined => view.fields.find((field) => field.name === name)
  return {
    kind: view.kind,
    text: (name) => readText(view, edits, name),
    hasSecret(name) {
      const typed = edits.secrets[name]
      if (typed !== undefined) return typed !== null
      return edits.imported?.secrets.includes(name) === true || find(name)?.isSet === true
    },
  }
}

const hasSasl = ({ text }: Typed): boolean => text('kafka.security').startsWith('sasl')
const hasTls = ({ text }: Typed): boolean => text('kafka.security').endsWith('ssl')
const isOauth = (typed: Typed): boolean => hasSasl(typed) && typed.text('kafka.sasl.mechanism') === 'oauthbearer'
const hasPassword = (typed: Typed): boolean => hasSasl(typed) && !isOauth(typed)
const hasEndpoint = (typed: Typed): boolean => isOauth(typed) && typed.text('kafka.oauth.tokenUrl') !== ''
const showsCertificate =
  (prefix: string) =>
  (typed: Typed): boolean =>
    typed.text(`${prefix}.cert`) !== '' || typed.hasSecret(`${prefix}.key`)
const hasPostgresTls = ({ text }: Typed): boolean => !['disable', 'url'].includes(text('warehouse.ssl.mode'))
const hasTunnel = ({ text }: Typed): boolean => text('tunnel.host') !== ''
const hasRegistry = ({ text }: Typed): boolean => text('registry.url') !== ''
const hasRedis = ({ hasSecret }: Typed): boolean => hasSecret('redis.url')
const archivesTo =
  (target: string) =>
  ({ text }: Typed): boolean =>
    text('archive.target') === target

/** When a field is asked for; those that are not here always are. */
const conditions: Readonly<Record<string, (typed: Typed) => boolean>> = {
  'kafka.sasl.mechanism': hasSasl,
  'kafka.sasl.username': hasPassword,
  'kafka.sasl.password': hasPassword,
  'kafka.oauth.token': (typed) => isOauth(typed) && !hasEndpoint(typed),
  'kafka.oauth.tokenUrl': isOauth,
  'kafka.oauth.clientId': hasEndpoint,
  'kafka.oauth.clientSecret': hasEndpoint,
  'kafka.oauth.scope': hasEndpoint,
  'kafka.ssl.ca': hasTls,
  'kafka.ssl.cert': hasTls,
  'kafka.ssl.key': (typed) => hasTls(typed) && showsCertificate('kafka.ssl')(typed),
  'kafka.ssl.passphrase': (typed) => hasTls(typed) && showsCertificate('kafka.ssl')(typed),
  'kafka.ssl.verifyHost': hasTls,
  'kafka.partitions': ({ kind }) => kind === 'process',
  'kafka.replicationFactor': ({ kind }) => kind === 'process',
  'kafka.groupId': ({ kind }) => kind === 'process',
  'warehouse.ssl.ca': hasPostgresTls,
  'warehouse.ssl.cert': hasPostgresTls,
  'warehouse.ssl.key': (typed) => hasPostgresTls(typed) && showsCertificate('warehouse.ssl')(typed),
  'warehouse.ssl.passphrase': (typed) => hasPostgresTls(typed) && showsCertificate('warehouse.ssl')(typed),
  'warehouse.adopt': ({ kind }) => kind === 'process',
  'redis.cluster': hasRedis,
  'redis.prefix': hasRedis,
  'redis.ttlMs': (typed) => hasRedis(typed) && typed.kind === 'process',
  'redis.ssl.ca': hasRedis,
  'redis.ssl.cert': hasRedis,
  'redis.ssl.key': (typed) => hasRedis(typed) && showsCertificate('redis.ssl')(typed),
  'redis.ssl.verifyHost': hasRedis,
  'tunnel.port': hasTunnel,
  'tunnel.username': hasTunnel,
  'tunnel.password': hasTunnel,
  'tunnel.key': hasTunnel,
  'tunnel.passphrase': (typed) => hasTunnel(typed) && typed.hasSecret('tunnel.key'),
  'tunnel.hostKey': hasTunnel,
  'registry.username': hasRegistry,
  'registry.password': hasRegistry,
  'registry.token': hasRegistry,
  'registry.ssl.ca': hasRegistry,
  'registry.ssl.cert': hasRegistry,
  'registry.ssl.key': (typed) => hasRegistry(typed) && showsCertificate('registry.ssl')(typed),
  'registry.ssl.verifyHost': hasRegistry,
  'archive.directory': archivesTo('disk'),
  's3.endpoint': archivesTo('s3'),
  's3.bucket': archivesTo('s3'),
  's3.region': archivesTo('s3'),
  's3.accessKey': archivesTo('s3'),
  's3.secretKey': archivesTo('s3'),
  's3.prefix': archivesTo('s3'),
}

/** Fields that few ever change: folded away until one of them is. */
const rare = [
  'kafka.clientId',
  'kafka.topicPrefix',
  'kafka.topics.retail-transactions',
  'kafka.topics.customer-events',
  'kafka.topics.inventory-updates',
  'kafka.partitions',
  'kafka.replicationFactor',
  'kafka.groupId',
  'kafka.isolation',
  'spark.checkpoint',
  'warehouse.zone',
  'warehouse.ssl.cert',
  'redis.prefix',
  'redis.ttlMs',
  'redis.cluster',
  'redis.ssl.ca',
  'redis.ssl.cert',
  'redis.ssl.verifyHost',
  's3.prefix',
]

/** One group of the form: what is asked for, and what is folded away. */
export interface FormGroup {
  readonly group: ConnectionGroup
  readonly fields: readonly ConnectionField[]
  readonly folded: readonly ConnectionField[]
}

/** The fields that the form as it is typed needs, by group, in the order of the settings' own table. */
export function arrangeFields(view: ConnectionView, edits: ConnectionEdits): readonly FormGroup[] {
  const typed = readForm(view, edits)
  const shown = view.fields.filter(({ name }) => conditions[name]?.(typed) ?? true)
  const isFolded = ({ default: usual, name, value }: ConnectionField): boolean =>
    rare.includes(name) && String(value) === String(usual)
  const groups = [...new Set(shown.map(({ group }) => group))]
  return groups.map((group) => {
    const own = shown.filter((field) => field.group === group)
    return {
      group,
      fields: own.filter((field) => !isFolded(field)),
      folded: own.filter(isFolded),
    }
  })
}

const pemNames = /\.ssl\.(ca|cert|key)$|^tunnel\.key$/

/** Whether it takes PEM text or a path to it. */
export const isPem = ({ name }: ConnectionField): boolean => pemNames.test(name)
