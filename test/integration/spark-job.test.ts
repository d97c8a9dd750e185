import { spawn } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel, type Producer } from 'kafkajs'
import { expect, it, onTestFinished } from 'vitest'
import { salesTopic } from '../../core/events/topics.ts'
import { readEnvelopes } from '../support/envelopes.ts'
import { poison } from '../support/poison.ts'
import { type PostgresAddress, runSql, startPostgres } from '../support/services/postgres.ts'
import { findSpark } from '../support/services/spark.ts'
import { describeWithServices, useKafka, usePostgres, useSecureKafka } from '../support/services/use.ts'
import { decodeSale, expectRows, readCheckpoint } from '../support/spark-batches.ts'
import { jsonLines, lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const partitionCount = 3

/** The best code for the JVM to make takes longer to make than these jobs take. */
const quick = ['--driver-java-options', '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC']

interface JobRun {
  readonly code: number | null
  readonly output: string
}

interface Composed {
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
  readonly command: readonly string[]
}

/** What `storepulse spark-job` prints for a cluster. */
async function composeJob(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Composed> {
  const printed = await runStorepulse(['spark-job', '--profile', 'process', '--json', ...args], {
    home: makeTemporaryDirectory(),
    environment,
  })
  expect(printed.code, printed.stderr).toBe(0)
  return lastJson<Composed>(printed)
}

/** Runs it here, on jars instead of what it would fetch. */
function submitJob(composed: Composed, secrets: Readonly<Record<string, string>>): Promise<JobRun> {
  const { submit, jars, environment: base } = findSpark()
  const at = composed.command.indexOf('--packages')
  const here = ['--master', 'local[2]', '--jars', jars, '--conf', 'spark.ui.enabled=false', ...quick]
  const rest = [...composed.command.slice(at + 2), '--max-offsets-per-trigger', '1500']
  const child = spawn(submit, [...here, ...rest], {
    env: { ...process.env, ...base, ...composed.environment, ...secrets },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: Buffer[] = []
  // What the job says on either, spark-submit says on the first.
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output: Buffer.concat(said).toString() }))
  })
}

/** The table against the batches of the checkpoint, by the command. */
const compareByCommand = (checkpoint: string, topic: string, brokers: string, url: string) =>
  runStorepulse(
    [
      'parity',
      '--json',
      '--profile',
      'process',
      '--checkpoint',
      checkpoint,
      '--set',
      `kafka.topics.retail-transactions=${topic}`,
    ],
    {
      home: makeTemporaryDirectory(),
      environment: { STOREPULSE_KAFKA_BROKERS: brokers, STOREPULSE_DATABASE_URL: url },
    },
  )

/** Sales of two hours with late, repeated and invalid ones among them, then the corpus; nothing from the future. */
async function makeValues(count: number): Promise<readonly (Buffer | null)[]> {
  const disorder = ['--disorder', 'late=0.05,duplicate=0.02,invalid=0.02']
  const virtual = ['--count', String(count), '--rate', '2', '--stores', '12', '--seed', '23', '--to', 'stdout']
  const { stdout } = await runStorepulse(['generate', ...virtual, ...disorder], { home: makeTemporaryDirectory() })
  const made = readEnvelopes(stdout, 0)
    .filter(({ topic }) => topic === salesTopic)
    .map(({ bytes }) => (bytes === null ? null : Buffer.from(bytes)))
  // What is larger by far than a topic takes is left to the test of the rules.
  const corpus = poison
    .filter(({ bytes, topic }) => topic === salesTopic && (bytes?.length ?? 0) < 2_000_000)
    .map(({ bytes }) => bytes)
  return [...made, ...corpus].filter((value) => {
    const decoded = decodeSale(value, Date.UTC(2025, 0, 7))
    return decoded.type !== 'rejection' || decoded.reason !== 'future_time'
  })
}

async function connectProducer(topic: string, brokers: string): Promise<Producer> {
  const client = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  const configEntries = [{ name: 'max.message.bytes', value: '8000000' }]
  await admin.createTopics({ topics: [{ topic, numPartitions: partitionCount, configEntries }] })
  await admin.disconnect()
  const producer = client.producer()
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  return producer
}

const readRows = (postgres: PostgresAddress): readonly string[] =>
  runSql(
    postgres,
    `select to_char(window_start, 'YYYY-MM-DD HH24:MI:SS'), store_id, total_transactions, total_revenue, unique_customers,
       avg_transaction_value from transactions_summary`,
  )
    .split('\n')
    .toSorted()

const readBirths = (postgres: PostgresAddress): readonly string[] =>
  runSql(postgres, 'select id, created_at from transactions_summary order by id').split('\n')

describeWithServices('the job on Spark', ['spark', 'kafka', 'postgres'], () => {
  it.each(['append', 'update'] as const)(
    'counts what its batches hold in %s mode, over a restart and a batch done twice',
    async (mode) => {
      const topic = `spark-${mode}`
      const postgres = await usePostgres()
      const checkpoint = join(makeTemporaryDirectory(), 'checkpoint')
      const { brokers } = await useKafka()
      const producer = await connectProducer(topic, brokers)
      const partitions: (Buffer | null)[][] = Array.from({ length: partitionCount }, () => [])
      const produce = async (values: readonly (Buffer | null)[]): Promise<void> => {
        for (let at = 0; at < values.length; at += 200) {
          const messages = values.slice(at, at + 200).map((value, index) => {
            const partition = (at + index) % partitionCount
            partitions[partition]?.push(value)
            return { partition, value }
          })
          await producer.send({ topic, messages })
        }
      }
      const plan = ['--mode', mode, '--trigger', 'available-now', '--checkpoint', checkpoint]
      const composed = await composeJob([...plan, '--set', `kafka.topics.retail-transactions=${topic}`], {
        STOREPULSE_KAFKA_BROKERS: brokers,
        STOREPULSE_DATABASE_URL: postgres.url,
      })
      expect(composed.secrets).toEqual(['PGPASSWORD'])
      const run = async (): Promise<void> => {
        const { code, output } = await submitJob(composed, { PGPASSWORD: postgres.password })
        expect(code, output.slice(-4_000)).toBe(0)
      }
      const values = await makeValues(18_000)
      const half = Math.floor(values.length / 2)

      await produce(values.slice(0, half))
      await run()
      const births = readBirths(postgres)
      expect(births.length).toBeGreaterThan(100)
      // The last batch was written, and Spark did not get to say so: it is done over.
      const [last = ''] = readdirSync(join(checkpoint, 'commits'))
        .filter((name) => /^\d+$/.test(name))
        .toSorted((a, b) => Number(b) - Number(a))
      for (const name of [last, `.${last}.crc`]) rmSync(join(checkpoint, 'commits', name), { force: true })
      await produce(values.slice(half))
      await run()

      const batches = readCheckpoint(checkpoint, topic)
      expect(batches.length).toBeGreaterThan(3)
      const expected = expectRows(partitions, batches, mode)
      expect(expected.late).toBeGreaterThan(10)
      expect(expected.invalid).toBeGreaterThan(100)
      expect(readRows(postgres)).toEqual(expected.rows)
      expect(readBirths(postgres).slice(0, births.length)).toEqual(births)
      const compare = () => compareByCommand(checkpoint, topic, brokers, postgres.url)
      const found = await compare()
      const counts = { same: expected.rows.length, missing: 0, extra: 0, differs: 0, rejectedByUs: 0 }
      expect([found.code, found.stderr, lastJson(found)]).toEqual([0, '', expect.objectContaining(counts)])
      expect(jsonLines(found)[0]).toMatchObject({ replayed: { mode, lateSales: expected.late } })
      // No number of the sequence went to an update.
      expect(runSql(postgres, 'select last_value from transactions_summary_id_seq')).toBe(String(expected.rows.length))

      runSql(
        postgres,
        `update transactions_summary set unique_customers = unique_customers + 1 where id = 7;
          delete from transactions_summary where id = 8;
          insert into transactions_summary (window_start, window_end, store_id, total_transactions)
            select window_start, window_end, 999, 1 from transactions_summary where id = 9`,
      )
      const spoilt = await compare()
      const planted = { same: expected.rows.length - 2, missing: 1, extra: 1, differs: 1, rejectedByUs: 0 }
      expect([spoilt.code, lastJson(spoilt)]).toEqual([1, expect.objectContaining(planted)])
      const column = expect.objectContaining({ column: 'unique_customers', by: '1' })
      expect(jsonLines(spoilt)).toContainEqual(expect.objectContaining({ row: 'differs', columns: [column] }))
    },
  )

  it('signs in with SCRAM over TLS, writes over TLS, and refuses what lies in the future if told to', async () => {
    const topic = 'spark-secure'
    const { listeners, access } = await useSecureKafka()
    const { user = '', password = '', caFile = '' } = access ?? {}
    const postgres = await startPostgres({ tlsOnly: true })
    onTestFinished(() => postgres.stop())
    const producer = await connectProducer(topic, listeners.PLAINTEXT ?? '')
    const sell = (id: string, eventTime: string): { readonly value: string } => ({
      value: JSON.stringify({
        transaction_id: id,
        store_id: 7,
        customer_id: 'C',
        event_time: eventTime,
        final_amount: -0.005,
        kind: 'refund',
      }),
    })
    const messages = [
      sell('1', '2025-01-06T10:00:10Z'),
      sell('2', '2099-01-06T10:00:00Z'),
      sell('3', '2025-01-06T10:00:20Z'),
    ]
    await producer.send({ topic, messages })
    const composed = await composeJob(
      [
        '--mode',
        'update',
        '--trigger',
        'available-now',
        '--checkpoint',
        join(makeTemporaryDirectory(), 'checkpoint'),
        '--set',
        `kafka.topics.retail-transactions=${topic}`,
      ],
      {
        STOREPULSE_KAFKA_BROKERS: listeners.SASL_SSL ?? '',
        STOREPULSE_KAFKA_SECURITY: 'sasl_ssl',
        STOREPULSE_KAFKA_SASL_MECHANISM: 'scram-sha-512',
        STOREPULSE_KAFKA_SASL_USERNAME: user,
        STOREPULSE_KAFKA_SASL_PASSWORD: password,
        STOREPULSE_KAFKA_SSL_CA: caFile,
        STOREPULSE_DATABASE_URL: postgres.url,
        STOREPULSE_WAREHOUSE_SSL_MODE: 'verify-full',
        STOREPULSE_WAREHOUSE_SSL_CA: postgres.caFile ?? '',
      },
    )
    expect(composed.secrets).toEqual(['STOREPULSE_KAFKA_SASL_PASSWORD', 'PGPASSWORD'])
    const { code, output } = await submitJob(
      { ...composed, command: [...composed.command, '--max-future', '5m'] },
      { STOREPULSE_KAFKA_SASL_PASSWORD: password, PGPASSWORD: postgres.password },
    )
    expect(code, output.slice(-4_000)).toBe(0)
    // Half a cent each, away from zero.
    expect(readRows(postgres)).toEqual(['2025-01-06 10:00:00|7|2|-0.02|1|-0.01'])
    expect(output).toContain('"received": 3, "sales": 2, "tombstones": 0, "invalid": 1')
  })
})
