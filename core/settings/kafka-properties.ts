import { parseJaas, parseProperties } from './properties.ts'
import { findSetting, type SettingValue } from './table.ts'

/** What a client's properties mean here. */
export interface ImportedProperties {
  /** Values of settings by dotted name, each of which keeps its rule. */
  readonly values: Readonly<Record<string, SettingValue>>
  /** Secrets by the dotted name of their setting: for a keyring or the environment, never for a file. */
  readonly secrets: Readonly<Record<string, string>>
  /** Keys that changed nothing, and why. Never a value. */
  readonly ignored: readonly { readonly key: string; readonly why: string }[]
}

/** What one key comes to: values for settings, or why it has none. */
type Meaning = Readonly<Record<string, SettingValue>> | string

type Properties = ReadonlyMap<string, string>

const starts: Readonly<Record<string, string>> = {
  earliest: 'earliest',
  smallest: 'earliest',
  beginning: 'earliest',
  latest: 'latest',
  largest: 'latest',
  end: 'latest',
}

function readMechanism(value: string): Meaning {
  const mechanism = value.trim().toLowerCase()
  if (mechanism === 'gssapi') return 'Kerberos is not supported: use scram, plain, oauthbearer or a client certificate'
  if (mechanism === 'aws_msk_iam') return 'sign in to MSK with scram-sha-512, oauthbearer or a client certificate'
  return { 'kafka.sasl.mechanism': mechanism }
}

function readJaas(value: string): Meaning {
  const login = parseJaas(value)
  if (!login) return 'is no login module that can be read'
  const { clientId, clientSecret, password, scope, username } = login.options
  const given = (name: string, option: string | undefined): Record<string, string> =>
    option === undefined ? {} : { [name]: option }
  switch (login.name) {
    case 'PlainLoginModule':
      return {
        'kafka.sasl.mechanism': 'plain',
        ...given('kafka.sasl.username', username),
        ...given('kafka.sasl.password', password),
      }
    case 'ScramLoginModule':
      return { ...given('kafka.sasl.username', username), ...given('kafka.sasl.password', password) }
    case 'OAuthBearerLoginModule':
      return {
        'kafka.sasl.mechanism': 'oauthbearer',
        ...given('kafka.oauth.clientId', clientId),
        ...given('kafka.oauth.clientSecret', clientSecret),
        ...given('kafka.oauth.scope', scope),
      }
    default:
      return `${login.name} is not supported: use scram, plain, oauthbearer or a client certificate`
  }
}

type StoreRole = 'truststore' | 'keystore'

/** The kind of a Java store: as it is said, else by the ending of its file. */
function storeType(role: StoreRole, properties: Properties): string {
  const said = properties.get(`ssl.${role}.type`)?.trim().toUpperCase()
  const location = properties.get(`ssl.${role}.location`)?.trim() ?? ''
  if (said !== undefined && said !== '') return said
  if (/\.(p12|pfx)$/i.test(location)) return 'PKCS12'
  return /\.(pem|crt|cer)$/i.test(location) ? 'PEM' : 'JKS'
}

/** In single quotes for a shell, where it is more than plain signs. */
const quote = (text: string): string =>
  /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`

function readStore(role: StoreRole, location: string, properties: Properties): Meaning {
  const type = storeType(role, properties)
  const setting = role === 'truststore' ? 'kafka.ssl.ca' : 'kafka.ssl.cert'
  if (type === 'PEM') return { [setting]: location.trim() }
  const file = quote(location.trim())
  const target = role === 'truststore' ? 'ca.pem' : 'client.pem'
  const openssl = (from: string): string =>
    `openssl pkcs12 -in ${from} ${role === 'truststore' ? '-nokeys' : '-nodes'} -out ${target}`
  const toPkcs12 = `keytool -importkeystore -srckeystore ${file} -destkeystore store.p12 -deststoretype PKCS12`
  const lines = type === 'PKCS12' ? openssl(file) : `${toPkcs12} && ${openssl('store.p12')}`
  return `${type} stores are not supported: run ${lines} and set ${setting} to ${target}`
}

const to =
  (setting: string) =>
  (value: string): Meaning => ({ [setting]: value.trim() })
/** As it is: blanks may be part of it. */
const secretTo =
  (setting: string) =>
  (value: string): Meaning => ({ [setting]: value })

/** Keys of Kafka's own clients and of librdkafka. */
const meanings: Readonly<Record<string, (value: string, properties: Properties) => Meaning>> = {
  'bootstrap.servers': to('kafka.brokers'),
  'metadata.broker.list': to('kafka.brokers'),
  'client.id': to('kafka.clientId'),
  'group.id': to('kafka.groupId'),
  'isolation.level': (value) => ({ 'kafka.isolation': value.trim().toLowerCase() }),
  'auto.offset.reset': (value) => ({ 'kafka.startFrom': starts[value.trim().toLowerCase()] ?? 'none' }),
  'security.protocol': (value) => ({ 'kafka.security': value.trim().toLowerCase() }),
  'sasl.mechanism': readMechanism,
  'sasl.mechanisms': readMechanism,
  'sasl.jaas.config': readJaas,
  'sasl.username': to('kafka.sasl.username'),
  'sasl.password': secretTo('kafka.sasl.password'),
  'sasl.oauthbearer.token.endpoint.url': to('kafka.oauth.tokenUrl'),
  'sasl.oauthbearer.client.id': to('kafka.oauth.clientId'),
  'sasl.oauthbearer.client.credentials.client.id': to('kafka.oauth.clientId'),
  'sasl.oauthbearer.client.secret': secretTo('kafka.oauth.clientSecret'),
  'sasl.oauthbearer.client.credentials.client.secret': secretTo('kafka.oauth.clientSecret'),
  'sasl.oauthbearer.scope': to('kafka.oauth.scope'),
  'ssl.ca.location': to('kafka.ssl.ca'),
  'ssl.ca.pem': to('kafka.ssl.ca'),
  'ssl.truststore.certificates': to('kafka.ssl.ca'),
  'ssl.truststore.location': (value, properties) => readStore('truststore', value, properties),
  'ssl.certificate.location': to('kafka.ssl.cert'),
  'ssl.certificate.pem': to('kafka.ssl.cert'),
  'ssl.keystore.certificate.chain': to('kafka.ssl.cert'),
  'ssl.keystore.location': (value, properties) => readStore('keystore', value, properties),
  'ssl.key.location': to('kafka.ssl.key'),
  'ssl.key.pem': to('kafka.ssl.key'),
  'ssl.keystore.key': to('kafka.ssl.key'),
  'ssl.key.password': secretTo('kafka.ssl.passphrase'),
  'ssl.endpoint.identification.algorithm': (value) => ({
    'kafka.ssl.verifyHost': !['', 'none'].includes(value.trim().toLowerCase()),
  }),
  'enable.ssl.certificate.verification': (value) =>
    value.trim() === 'true' ? {} : 'certificates are always checked: name your own authority in kafka.ssl.ca',
  // They only say how others are to be read.
  'ssl.truststore.type': () => ({}),
  'ssl.keystore.type': () => ({}),
  'sasl.oauthbearer.method': () => ({}),
}

const isReference = (value: string): boolean => /\$\{[^}]*\}/.test(value)

function findMeaning(key: string, value: string, properties: Properties): Meaning {
  if (isReference(value)) return 'refers to a value that stands elsewhere'
  if (key === 'ssl.truststore.password' || key === 'ssl.keystore.password') {
    return 'belongs to a store of Java’s; PEM files have none, and ssl.key.password opens a key'
  }
  const read = Object.hasOwn(meanings, key) ? meanings[key] : undefined
  return read?.(value, properties) ?? 'has no counterpart here'
}

/** What breaks the rule of its setting, said without the value. */
function findBroken(meaning: Readonly<Record<string, SettingValue>>): string | null {
  for (const [name, value] of Object.entries(meaning)) {
    const checked = findSetting(name)?.schema.safeParse(value)
    if (checked?.success === false) return checked.error.issues[0]?.message ?? 'does not keep its rule'
  }
  return null
}

/**
 * Reads a Kafka client's properties (`client.properties`, or librdkafka's spellings) as settings. A later line wins over
 * an earlier one with the same key, and sasl.mechanism over what the login module lets guess.
 */
export function importKafkaProperties(text: string): ImportedProperties {
  const properties = new Map(parseProperties(text).map(({ key, value }) => [key, value]))
  const values: Record<string, SettingValue> = {}
  const secrets: Record<string, string> = {}
  const ignored: { key: string; why: string }[] = []
  const mechanism = properties.get('sasl.mechanism') ?? properties.get('sasl.mechanisms')
  for (const [key, value] of properties) {
    const meaning = findMeaning(key, value, properties)
    const why = typeof meaning === 'string' ? meaning : findBroken(meaning)
    if (why !== null || typeof meaning === 'string') {
      ignored.push({ key, why: why ?? '' })
      continue
    }
    for (const [name, read] of Object.entries(meaning)) {
      const isGuess = key === 'sasl.jaas.config' && name === 'kafka.sasl.mechanism' && mechanism !== undefined
      if (findSetting(name)?.isSecret === true) secrets[name] = String(read)
      else if (!isGuess) values[name] = read
    }
  }
  return { values, secrets, ignored }
}
