import { parseBrokers } from './brokers.ts'
import {
  address,
  anyTextSetting,
  booleanSetting,
  choiceSetting,
  listSetting,
  numberSetting,
  of,
  secretSetting,
  type SettingEntry,
  textSetting,
  zoneSetting,
} from './entries.ts'

const topicRule = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/
const instantRule = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/i

const isStart = (text: string): boolean =>
  ['earliest', 'latest'].includes(text) || (instantRule.test(text) && Number.isFinite(Date.parse(text)))

const topicSetting = (topic: string): SettingEntry =>
  textSetting(
    `kafka.topics.${topic}`,
    topic,
    topicRule,
    'must be a topic name: letters, digits, dots, hyphens and underscores',
    `name that ${topic} has on the cluster`,
  )

/** It may be shown and stand in a profile file, so a key pasted along with it is refused; a file may hold both. */
const certificateSetting = (name: string, doc: string): SettingEntry =>
  textSetting(
    name,
    '',
    (text) => !text.includes('PRIVATE KEY-----'),
    'must not hold a private key, which has a setting of its own',
    doc,
  )

/** What a certificate, a key or an authority may be given as. */
const pem = 'PEM text, or a path to a file of it'

const kafkaSettings: readonly SettingEntry[] = [
  textSetting('kafka.clientId', 'storepulse', /^\S{1,249}$/, 'must be a name without blanks', 'name brokers see'),
  choiceSetting(
    'kafka.security',
    ['plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl'],
    'how connections to Kafka are protected',
  ),
  choiceSetting(
    'kafka.sasl.mechanism',
    ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'],
    'how to sign in, where kafka.security has sasl',
  ),
  anyTextSetting('kafka.sasl.username', 'who signs in with plain or scram'),
  secretSetting('kafka.sasl.password', 'password of kafka.sasl.username'),
  secretSetting('kafka.oauth.token', 'token for oauthbearer, used as it is'),
  textSetting(
    'kafka.oauth.tokenUrl',
    '',
    /^$|^https?:\/\/[^\s/@]+(\/\S*)?$/i,
    'must be an http or https URL without a user',
    'where tokens for oauthbearer come from (client credentials)',
  ),
  anyTextSetting('kafka.oauth.clientId', 'client id for kafka.oauth.tokenUrl'),
  secretSetting('kafka.oauth.clientSecret', 'client secret for kafka.oauth.tokenUrl'),
  anyTextSetting('kafka.oauth.scope', 'scope asked for at kafka.oauth.tokenUrl'),
  certificateSetting('kafka.ssl.ca', `authorities to trust instead of the well-known ones: ${pem}`),
  certificateSetting('kafka.ssl.cert', `certificate shown to brokers that ask for one: ${pem}`),
  secretSetting('kafka.ssl.key', `key of kafka.ssl.cert: ${pem}`),
  secretSetting('kafka.ssl.passphrase', 'passphrase of kafka.ssl.key'),
  booleanSetting('kafka.ssl.verifyHost', true, 'whether a broker’s certificate must be for the name it is reached by'),
  textSetting(
    'kafka.startFrom',
    'earliest',
    isStart,
    'must be earliest, latest, or a time such as 2025-01-06T00:00:00Z',
    'where a topic is begun that was never read',
  ),
  textSetting(
    'kafka.topicPrefix',
    '',
    /^[A-Za-z0-9._-]{0,200}$/,
    'must be letters, digits, dots, hyphens and underscores',
    'put before the name of each topic',
  ),
  topicSetting('retail-transactions'),
  topicSetting('customer-events'),
  topicSetting('inventory-updates'),
  numberSetting('kafka.partitions', 4, { min: 1, max: 10_000 }, 'partitions of a topic that is created'),
  numberSetting(
    'kafka.replicationFactor',
    -1,
    { min: -1, max: 100 },
    'replicas of a topic that is created; -1 takes the cluster’s own default',
  ),
  textSetting(
    'kafka.groupId',
    'storepulse',
    /^\S{1,249}$/,
    'must be a name without blanks',
    'group under which positions are shown to lag tools',
  ),
  choiceSetting(
    'kafka.isolation',
    ['read_committed', 'read_uncommitted'],
    'whether records of open and aborted transactions are left out',
  ),
  anyTextSetting(
    'spark.checkpoint',
    'checkpoint directory of a Spark query on the same topic, whose lag is shown; empty = none',
  ),
]

const registrySettings: readonly SettingEntry[] = [
  anyTextSetting('registry.username', 'who signs in to the schema registry'),
  secretSetting('registry.password', 'password of registry.username'),
  secretSetting('registry.token', 'token to sign in with instead'),
  certificateSetting('registry.ssl.ca', `authorities to trust instead of the well-known ones: ${pem}`),
  certificateSetting('registry.ssl.cert', `certificate shown to a registry that asks for one: ${pem}`),
  secretSetting('registry.ssl.key', `key of registry.ssl.cert: ${pem}`),
  booleanSetting('registry.ssl.verifyHost', true, 'whether its certificate must be for the name it is reached by'),
]

const tunnelSettings: readonly SettingEntry[] = [
  numberSetting('tunnel.port', 22, { min: 1, max: 65_535 }, 'port of tunnel.host'),
  anyTextSetting('tunnel.username', 'who signs in to tunnel.host'),
  secretSetting('tunnel.password', 'password of tunnel.username'),
  secretSetting('tunnel.key', 'private key of tunnel.username: text, or a path to a file of it'),
  secretSetting('tunnel.passphrase', 'passphrase of tunnel.key'),
  textSetting(
    'tunnel.hostKey',
    '',
    /^$|^SHA256:[A-Za-z0-9+/]{43}$/,
    'must be SHA256:… as ssh-keygen -l prints it',
    'key of tunnel.host; no other is signed in to',
  ),
]

const postgresSettings: readonly SettingEntry[] = [
  choiceSetting(
    'warehouse.ssl.mode',
    ['url', 'disable', 'prefer', 'require', 'verify-ca', 'verify-full'],
    'how connections to PostgreSQL are protected; url = as sslmode in the URL or PGSSLMODE says',
  ),
  certificateSetting('warehouse.ssl.ca', `authorities to trust instead of the well-known ones: ${pem}`),
  certificateSetting('warehouse.ssl.cert', `certificate shown to a server that asks for one: ${pem}`),
  secretSetting('warehouse.ssl.key', `key of warehouse.ssl.cert: ${pem}`),
  secretSetting('warehouse.ssl.passphrase', 'passphrase of warehouse.ssl.key'),
  booleanSetting(
    'warehouse.adopt',
    false,
    'whether a transactions_summary with rows of somebody else’s may be taken over',
  ),
  zoneSetting('warehouse.zone', 'zone of the times in a table that something else fills'),
]

const redisSettings: readonly SettingEntry[] = [
  booleanSetting('redis.cluster', false, 'whether redis.url names nodes of a Redis cluster'),
  textSetting('redis.prefix', 'storepulse:', /^\S{0,100}$/, 'must be without blanks', 'put before every key'),
  numberSetting('redis.ttlMs', 30_000, { min: 1_000, max: 86_400_000 }, 'how long a board lives that is not renewed'),
  certificateSetting('redis.ssl.ca', `authorities to trust instead of the well-known ones: ${pem}`),
  certificateSetting('redis.ssl.cert', `certificate shown to a server that asks for one: ${pem}`),
  secretSetting('redis.ssl.key', `key of redis.ssl.cert: ${pem}`),
  booleanSetting('redis.ssl.verifyHost', true, 'whether its certificate must be for the name it is reached by'),
]

/** Bucket names by the rules S3 and MinIO share. */
const bucketRule = /^$|^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

const archiveSettings: readonly SettingEntry[] = [
  choiceSetting('archive.target', ['none', 'disk', 's3'], 'where raw events are archived as Parquet'),
  anyTextSetting('archive.directory', 'folder of the archive on disk; empty = archive/ in the data directory'),
  address(
    's3',
    textSetting(
      's3.endpoint',
      '',
      /^$|^https?:\/\/[^\s/@]+\/?$/i,
      'must be an http or https URL without a user or a path',
      'where the S3 server is; empty = AWS',
    ),
  ),
  address('s3', textSetting('s3.bucket', '', bucketRule, 'must be a bucket name', 'bucket of the archive')),
  address(
    's3',
    textSetting('s3.region', 'us-east-1', /^[a-z0-9-]{1,40}$/i, 'must be a region name', 'region of the bucket'),
  ),
  address('s3', secretSetting('s3.accessKey', 'access key; empty = as AWS’s own tools find one')),
  address('s3', secretSetting('s3.secretKey', 'secret key of s3.accessKey')),
  of(
    's3',
    textSetting('s3.prefix', 'storepulse/', /^[^\s\\]{0,200}$/, 'must be without blanks', 'put before every object'),
  ),
]

/** The settings of profiles that are attached to servers. */
export const clusterSettings: readonly SettingEntry[] = [
  address(
    'kafka',
    listSetting(
      'kafka.brokers',
      (text) => parseBrokers(text) !== null,
      'must be host:port, … with IPv6 addresses in brackets',
      'brokers to begin with: host:port, …',
    ),
  ),
  ...kafkaSettings.map((entry) => of('kafka', entry)),
  address(
    'kafka',
    textSetting(
      'registry.url',
      '',
      /^$|^https?:\/\/[^\s/@,]+(\/[^\s,?#]*)?$/i,
      'must be an http or https URL without a user',
      'schema registry of records that begin with the number of a schema; empty = none',
    ),
  ),
  ...registrySettings.map((entry) => of('kafka', entry)),
  address(
    'kafka',
    textSetting(
      'tunnel.host',
      '',
      /^[^\s/@,]*$/,
      'must be a name or an address',
      'SSH server through which Kafka, PostgreSQL, the schema registry and kafka.oauth.tokenUrl are reached, and neither Redis nor S3; empty = directly',
    ),
  ),
  ...tunnelSettings.map((entry) => of('kafka', entry)),
  address('postgres', secretSetting('warehouse.url', 'PostgreSQL to write to: a URL or key=value …'), [
    'STOREPULSE_DATABASE_URL',
    'DATABASE_URL',
  ]),
  address(
    'postgres',
    secretSetting('warehouse.readUrl', 'PostgreSQL to read from, such as a replica; empty or away = warehouse.url'),
  ),
  ...postgresSettings.map((entry) => of('postgres', entry)),
  address('redis', secretSetting('redis.url', 'Redis that shares the board: redis://… or rediss://…')),
  ...redisSettings.map((entry) => of('redis', entry)),
  ...archiveSettings,
]
