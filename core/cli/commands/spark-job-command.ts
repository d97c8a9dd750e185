import { Fault } from '../../base/fault.ts'
import { readKafkaConnection, readKafkaTopics } from '../../settings/kafka-connection.ts'
import { type PostgresServers, readPostgresServers } from '../../settings/postgres-connection.ts'
import type { Settings } from '../../settings/settings.ts'
import { environmentName } from '../../settings/table.ts'

/** What the Spark job is started with besides what the profile says. */
export interface SparkJobOptions {
  /** File of the job. */
  readonly script: string
  readonly checkpoint: string
  readonly mode: string
  readonly trigger: string
  /** Of Spark itself, for the packages that go with it. */
  readonly sparkVersion: string
  /** Without it whatever spark-submit is set up with. */
  readonly master: string | null
}

/** How to start the job: nothing in it is secret. */
export interface SparkJobCommand {
  /** Variables to set, which may be shown. */
  readonly environment: Readonly<Record<string, string>>
  /** Variables that have to be set to secrets. */
  readonly secrets: readonly string[]
  readonly command: readonly string[]
  readonly notes: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

const driverVersion = '42.7.7'

/** Settings of Kafka's security that the job reads from the same variables, and may be shown. */
const shownSettings = [
  'kafka.sasl.mechanism',
  'kafka.sasl.username',
  'kafka.oauth.tokenUrl',
  'kafka.oauth.clientId',
  'kafka.oauth.scope',
  'kafka.ssl.ca',
  'kafka.ssl.cert',
  'kafka.ssl.verifyHost',
  'kafka.isolation',
]
const secretSettings = ['kafka.sasl.password', 'kafka.oauth.clientSecret', 'kafka.ssl.key', 'kafka.ssl.passphrase']

const refuse = (message: string, hint: string): Fault => new Fault('setting', message, { domain: 'user', hint })

interface KafkaPart {
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
  readonly args: readonly string[]
  /** For Spark's own arguments. */
  readonly conf: readonly string[]
}

function describeKafka(settings: Settings): KafkaPart {
  const { brokers, tls, sasl } = readKafkaConnection(settings)
  const { names, startFrom } = readKafkaTopics(settings)
  if (sasl && 'token' in sasl) {
    throw refuse(
      'kafka.oauth.token cannot be used by Spark: it signs in again when a token has expired',
      'set kafka.oauth.tokenUrl, kafka.oauth.clientId and kafka.oauth.clientSecret',
    )
  }
  const security = `${sasl ? 'sasl_' : ''}${tls ? 'ssl' : 'plaintext'}`
  const shown = shownSettings.filter((name) => settings.source(name) !== 'default')
  const url = sasl && 'tokenUrl' in sasl ? sasl.tokenUrl : null
  const start = typeof startFrom === 'string' ? ['offsets', startFrom] : ['timestamp', String(startFrom.atMs)]
  return {
    environment: Object.fromEntries([
      ...(security === 'plaintext' ? [] : [[environmentName('kafka.security'), security]]),
      ...shown.map((name) => [environmentName(name), String(settings.shown(name))]),
    ]),
    secrets: secretSettings.filter((name) => settings.secret(name) !== '').map(environmentName),
    args: [
      '--brokers',
      brokers.join(','),
      '--topic',
      names['retail-transactions'],
      ...(start[1] === 'earliest' ? [] : [`--starting-${start[0]}`, start[1] ?? '']),
    ],
    conf: url === null ? [] : ['driver', 'executor'].flatMap((who) => ['--conf', allowTokensFrom(who, url)]),
  }
}

/** Java's Kafka client asks nobody for tokens whom it is not told to. */
const allowTokensFrom = (who: string, url: string): string =>
  `spark.${who}.extraJavaOptions=-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${url}`

interface PostgresPart extends Omit<KafkaPart, 'conf'> {
  readonly notes: readonly string[]
}

/** The job's driver reads files, not texts, and has no sockets in the file system. */
function describePostgres(
  { connections }: PostgresServers,
  settings: Settings,
  environment: Environment,
): PostgresPart {
  const [first] = connections
  if (first === undefined) throw new Fault('internal', 'no PostgreSQL server is left')
  const places = connections.map(({ host, port }) => `${host.startsWith('/') ? 'localhost' : bracket(host)}:${port}`)
  const ca = settings.text('warehouse.ssl.ca') || (environment['PGSSLROOTCERT'] ?? '')
  const query = new URLSearchParams({
    ...(first.tls.mode === 'prefer' ? {} : { sslmode: first.tls.mode }),
    ...(connections.length > 1 ? { targetServerType: 'primary' } : {}),
    ...(ca === '' || ca.includes('-----BEGIN') ? {} : { sslrootcert: ca }),
  }).toString()
  const url = `jdbc:postgresql://${places.join(',')}/${encodeURIComponent(first.database)}${query && `?${query}`}`
  return {
    environment: { PGUSER: first.user },
    secrets: first.password === null ? [] : ['PGPASSWORD'],
    args: ['--jdbc-url', url],
    notes: [
      ...(ca.includes('-----BEGIN') ? ['put warehouse.ssl.ca into a file and its path into PGSSLROOTCERT'] : []),
      ...(first.tls.cert === null ? [] : ['add sslcert and sslkey (PKCS#8, DER) to the JDBC URL: Java reads no PEM']),
    ],
  }
}

const bracket = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/**
 * The command that starts the Spark job on what the settings describe.
 *
 * @throws Fault `setting` when the profile has no Kafka or PostgreSQL, or something of it is missing
 */
export function composeSparkJob(
  settings: Settings,
  environment: Environment,
  options: SparkJobOptions,
): SparkJobCommand {
  const { kind, services } = settings.profile
  if (!services.includes('kafka') || !services.includes('postgres')) {
    const hint = 'name one with --profile, such as process'
    throw refuse(`a profile of kind ${kind} has no Kafka and PostgreSQL for Spark to work on`, hint)
  }
  const kafka = describeKafka(settings)
  const postgres = describePostgres(readPostgresServers(settings, environment), settings, environment)
  const packages = [
    `org.apache.spark:spark-sql-kafka-0-10_2.13:${options.sparkVersion}`,
    `org.postgresql:postgresql:${driverVersion}`,
  ]
  return {
    environment: { ...kafka.environment, ...postgres.environment },
    secrets: [...kafka.secrets, ...postgres.secrets],
    command: [
      'spark-submit',
      ...(options.master === null ? [] : ['--master', options.master]),
      '--packages',
      packages.join(','),
      ...kafka.conf,
      options.script,
      ...kafka.args,
      ...postgres.args,
      '--checkpoint',
      options.checkpoint,
      '--mode',
      options.mode,
      '--trigger',
      options.trigger,
    ],
    notes: postgres.notes,
  }
}
