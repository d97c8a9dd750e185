import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAuthority } from './certificates.ts'
import { createTokenKey, tokenSettings } from './kafka-oauth.ts'

/** Ways into a broker: each SASL listener takes PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER, MTLS wants a certificate. */
export const kafkaListeners = ['PLAINTEXT', 'SSL', 'MTLS', 'SASL_PLAINTEXT', 'SASL_SSL'] as const
export type KafkaListener = (typeof kafkaListeners)[number]

const protocols: Readonly<Record<KafkaListener | 'PROXIED' | 'CONTROLLER', string>> = {
  PLAINTEXT: 'PLAINTEXT',
  SSL: 'SSL',
  MTLS: 'SSL',
  SASL_PLAINTEXT: 'SASL_PLAINTEXT',
  SASL_SSL: 'SASL_SSL',
  PROXIED: 'PLAINTEXT',
  CONTROLLER: 'PLAINTEXT',
}

/** What a client shows at the listeners that ask. */
export interface KafkaAccess {
  /** PLAIN and both SCRAMs. */
  readonly user: string
  readonly password: string
  /** Of the authority that signed the brokers. */
  readonly ca: string
  readonly caFile: string
  /** For MTLS. */
  readonly clientCertificate: string
  readonly clientKey: string
  readonly clientCertificateFile: string
  readonly clientKeyFile: string
  /** Signs tokens for OAUTHBEARER; see `signToken` and `startTokenServer`. */
  readonly tokenKey: string
  readonly jwksFile: string
}

const user = 'storepulse'
const password = 'open-all-hours'

/** Makes certificates, keys and names for all listeners, in `directory`. */
export function createAccess(directory: string): KafkaAccess {
  const authority = createAuthority(directory)
  const broker = authority.issue('localhost', ['localhost', '127.0.0.1'])
  const client = authority.issue('storepulse')
  const { privateKey, jwksFile } = createTokenKey(directory)
  writeFileSync(join(directory, 'broker.pem'), broker.key)
  appendFileSync(join(directory, 'broker.pem'), readFileSync(broker.certificateFile))
  return {
    user,
    password,
    ca: authority.certificate,
    caFile: authority.certificateFile,
    clientCertificate: client.certificate,
    clientKey: client.key,
    clientCertificateFile: client.certificateFile,
    clientKeyFile: client.keyFile,
    tokenKey: privateKey,
    jwksFile,
  }
}

const scramModule = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
const plainModule = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${user}="${password}";`
const tokenHandler = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler'

const saslSettings = (listener: string, jwksFile: string): Readonly<Record<string, string>> => ({
  [`listener.name.${listener}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
  [`listener.name.${listener}.plain.sasl.jaas.config`]: plainModule,
  [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`]: scramModule,
  [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`]: scramModule,
  [`listener.name.${listener}.oauthbearer.sasl.server.callback.handler.class`]: tokenHandler,
  ...tokenSettings(listener, jwksFile),
})

/** Settings of the listeners that ask who comes. */
export const accessSettings = (directory: string, access: KafkaAccess): Readonly<Record<string, string>> => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': join(directory, 'broker.pem'),
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.location': access.caFile,
  'listener.name.mtls.ssl.client.auth': 'required',
  ...saslSettings('sasl_plaintext', access.jwksFile),
  ...saslSettings('sasl_ssl', access.jwksFile),
})

/** Arguments for the tool that formats a broker's storage: the user of both SCRAMs. */
export const scramArguments: readonly string[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
  '--add-scram',
  `${mechanism}=[name=${user},password=${password}]`,
])

export interface NodePlan {
  readonly id: number
  readonly directory: string
  /** Who leads the cluster: the port of the controller on node 1, or of ZooKeeper. */
  readonly coordination: 'kraft' | 'zookeeper'
  readonly coordinatorPort: number
  readonly nodes: number
  /** Port on which each listener listens, and the one it tells clients. */
  readonly ports: Readonly<Record<string, { readonly port: number; readonly advertisedPort: number }>>
  readonly overrides: Readonly<Record<string, string>>
}

/** The broker's properties file. */
export function writeNodeSettings(plan: NodePlan): string {
  const { id, directory, coordination, coordinatorPort, nodes, ports, overrides } = plan
  const leads = coordination === 'kraft' && id === 1
  const names = Object.keys(ports)
  const copies = String(Math.min(nodes, 3))
  const settings: Readonly<Record<string, string>> = {
    ...(coordination === 'kraft'
      ? {
          'process.roles': leads ? 'broker,controller' : 'broker',
          'node.id': String(id),
          'controller.quorum.voters': `1@127.0.0.1:${coordinatorPort}`,
          'controller.listener.names': 'CONTROLLER',
        }
      : { 'broker.id': String(id), 'zookeeper.connect': `127.0.0.1:${coordinatorPort}` }),
    listeners: [
      ...names.map((name) => `${name}://127.0.0.1:${ports[name]?.port}`),
      ...(leads ? [`CONTROLLER://127.0.0.1:${coordinatorPort}`] : []),
    ].join(','),
    'advertised.listeners': names.map((name) => `${name}://127.0.0.1:${ports[name]?.advertisedPort}`).join(','),
    'listener.security.protocol.map': Object.entries(protocols)
      .map(([name, protocol]) => `${name}:${protocol}`)
      .join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(directory, `data-${id}`),
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.num.partitions': '4',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'num.network.threads': '2',
    'num.io.threads': '4',
    'log.cleaner.dedupe.buffer.size': '4194304',
    ...overrides,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
