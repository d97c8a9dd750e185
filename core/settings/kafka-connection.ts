import type { KafkaConnection, KafkaSasl, KafkaTls } from '../base/connections.ts'
import { Fault } from '../base/fault.ts'
import { formatBroker, parseBrokers } from './brokers.ts'
import { refuseMissing } from './missing.ts'
import { readPem } from './pem.ts'
import type { Settings } from './settings.ts'

/** Where the topics are on the cluster and how they are read or created. */
export interface KafkaTopics {
  readonly names: Readonly<Record<KafkaTopic, string>>
  /** Where a topic is begun that was never read: its first record, its end, or an instant. */
  readonly startFrom: 'earliest' | 'latest' | { readonly atMs: number }
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly groupId: string
  readonly partitions: number
  /** -1: the cluster's own default. */
  readonly replicationFactor: number
}

export const kafkaTopics = ['retail-transactions', 'customer-events', 'inventory-updates'] as const
export type KafkaTopic = (typeof kafkaTopics)[number]

const refuse = (message: string, hint: string): Fault => new Fault('setting', message, { domain: 'user', hint })

type Security = 'plaintext' | 'ssl' | 'sasl_plaintext' | 'sasl_ssl'

const securities: readonly Security[] = ['plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl']

/** What kafka.security says, else what the schemes of the brokers do. */
function readSecurity(settings: Settings, schemes: ReadonlySet<string>): Security {
  const said = securities.find((known) => known === settings.text('kafka.security')) ?? 'plaintext'
  const meant = securities.filter((known) => schemes.has(known.toUpperCase()))
  if (meant.length > 1) {
    throw refuse(`/kafka/brokers has both ${meant.join(' and ')} in front of brokers`, 'name brokers of one listener')
  }
  const [only] = meant
  if (only === undefined || only === said) return said
  if (settings.source('kafka.security') === 'default') return only
  throw refuse(
    `/kafka/brokers says ${only} and /kafka/security says ${said}`,
    'leave out what stands before :// in kafka.brokers, or make both the same',
  )
}

function readTls(settings: Settings): KafkaTls {
  const cert = readPem('kafka.ssl.cert', settings.text('kafka.ssl.cert'))
  const key = readPem('kafka.ssl.key', settings.secret('kafka.ssl.key'))
  // One file may hold both, as openssl writes it.
  const ownKey = key ?? (cert?.includes('PRIVATE KEY-----') ? cert : null)
  if (cert === null && key !== null) throw refuseMissing('kafka.ssl.cert', 'kafka.ssl.key is there')
  if (cert !== null && ownKey === null) throw refuseMissing('kafka.ssl.key', 'kafka.ssl.cert is there')
  return {
    ca: readPem('kafka.ssl.ca', settings.text('kafka.ssl.ca')),
    cert,
    key: ownKey,
    passphrase: settings.secret('kafka.ssl.passphrase') || null,
    verifiesHost: settings.flag('kafka.ssl.verifyHost'),
  }
}

function readOauth(settings: Settings): KafkaSasl {
  const token = settings.secret('kafka.oauth.token')
  const tokenUrl = settings.text('kafka.oauth.tokenUrl')
  if (token !== '' && tokenUrl !== '') {
    throw refuse('kafka.oauth.token and kafka.oauth.tokenUrl are both set', 'unset one of them')
  }
  if (token !== '') return { mechanism: 'oauthbearer', token }
  if (tokenUrl === '') throw refuseMissing('kafka.oauth.tokenUrl', 'kafka.sasl.mechanism is oauthbearer')
  const clientId = settings.text('kafka.oauth.clientId')
  const clientSecret = settings.secret('kafka.oauth.clientSecret')
  if (clientId === '') throw refuseMissing('kafka.oauth.clientId', 'kafka.oauth.tokenUrl is there')
  if (clientSecret === '') throw refuseMissing('kafka.oauth.clientSecret', 'kafka.oauth.tokenUrl is there')
  return {
    mechanism: 'oauthbearer',
    tokenUrl,
    clientId,
    clientSecret,
    scope: settings.text('kafka.oauth.scope') || null,
  }
}

const passwordMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

function readSasl(settings: Settings): KafkaSasl {
  const mechanism = passwordMechanisms.find((known) => known === settings.text('kafka.sasl.mechanism'))
  if (mechanism === undefined) return readOauth(settings)
  const username = settings.text('kafka.sasl.username')
  const password = settings.secret('kafka.sasl.password')
  if (username === '') throw refuseMissing('kafka.sasl.username', `kafka.sasl.mechanism is ${mechanism}`)
  if (password === '') throw refuseMissing('kafka.sasl.password', `kafka.sasl.mechanism is ${mechanism}`)
  return { mechanism, username, password }
}

/** Settings that say how a connection is protected, by what kafka.security must have in it for them to count. */
const protections = [
  ['sasl', 'kafka.sasl.username'],
  ['ssl', 'kafka.ssl.ca'],
  ['ssl', 'kafka.ssl.cert'],
] as const

/** Who names an authority or a user means to be protected: a connection without is not what they asked for. */
function checkProtections(settings: Settings, security: Security): void {
  const parts: readonly string[] = security.split('_')
  const unused = protections.find(([part, name]) => {
    const isMeant = ['profile', 'flag'].includes(settings.source(name)) && settings.text(name) !== ''
    return isMeant && !parts.includes(part)
  })
  if (unused === undefined) return
  const [part, name] = unused
  const fitting = securities.filter((known) => known.split('_').includes(part))
  throw refuse(
    `${name} is set, and kafka.security is ${security}, which makes no use of it`,
    `set kafka.security to ${fitting.join(' or ')}, or unset ${name}`,
  )
}

/**
 * The connection to Kafka that the settings describe; reads certificates from their files.
 *
 * @throws Fault `setting` naming what is missing and the variable for it, or what does not go together; never a secret
 */
export function readKafkaConnection(settings: Settings): KafkaConnection {
  const brokers = parseBrokers(settings.text('kafka.brokers')) ?? []
  if (brokers.length === 0) {
    throw refuseMissing('kafka.brokers', `a profile of kind ${settings.profile.kind} reads Kafka`)
  }
  const security = readSecurity(settings, new Set(brokers.flatMap(({ scheme }) => scheme ?? [])))
  checkProtections(settings, security)
  return {
    brokers: [...new Set(brokers.map(formatBroker))],
    clientId: settings.text('kafka.clientId'),
    tls: security.endsWith('ssl') ? readTls(settings) : null,
    sasl: security.startsWith('sasl') ? readSasl(settings) : null,
  }
}

/** @throws Fault `setting` when two topics would be the same one on the cluster */
export function readKafkaTopics(settings: Settings): KafkaTopics {
  const prefix = settings.text('kafka.topicPrefix')
  const nameOf = (topic: KafkaTopic): string => `${prefix}${settings.text(`kafka.topics.${topic}`)}`
  const names = {
    'retail-transactions': nameOf('retail-transactions'),
    'customer-events': nameOf('customer-events'),
    'inventory-updates': nameOf('inventory-updates'),
  }
  if (new Set(Object.values(names)).size < kafkaTopics.length) {
    throw refuse('/kafka/topics gives two topics the same name', 'give each a name of its own')
  }
  const startFrom = settings.text('kafka.startFrom')
  return {
    names,
    startFrom: startFrom === 'earliest' || startFrom === 'latest' ? startFrom : { atMs: Date.parse(startFrom) },
    isolation: settings.text('kafka.isolation') === 'read_uncommitted' ? 'read_uncommitted' : 'read_committed',
    groupId: settings.text('kafka.groupId'),
    partitions: settings.number('kafka.partitions'),
    replicationFactor: settings.number('kafka.replicationFactor'),
  }
}
