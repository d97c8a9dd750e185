import { spawn } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel, type Producer } from 'kafkajs'
import { expect, it, onTestFinished } from 'vitest'
import { salesTopic } from '../../core/events/topics.ts'
import { readEnvelopes } from '../support/envelopes.ts'
import { poison } from '../support/poison.ts'
import { type PostgresAddress, runSql } from '../support/services/postgres.ts'
import { findSpark } from '../support/services/spark.ts'
import { describeWithServices, useKafka, usePostgres } from '../support/services/use.ts'
import { decodeSale, expectRows, readCheckpoint } from '../support/spark-batches.ts'
import { lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const partitionCount = 3

/** The best code for the JVM to make takes longer to make than these jobs take. */
const quick = ['--driver-java-options', '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC']

interface JobRun {
  readonly code: number | null
  readonly stderr: string
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
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stderr: Buffer.concat(said).toString() }))
  })
}

/** Sales of two hours with late, repeated and invalid ones among them, then the corpus; nothing from the future. */
async function makeValues(count: number): Promise<readonly (Buffer | null)[]> {
  const disorder = ['--disorder', 'late=0.05,duplicate=0.02,invalid=0.02']
  const virtual = ['--count', String(count), '--rate', '2', '--stores', '12', '--seed', '23', '--to', 'stdout']
  const { stdout } = await runStorepulse(['generate', ...virtual, ...disorder], { home: makeTemporaryDirectory() })
  const made = readEnvelopes(stdout, 0)
    .filter(({ topic }) => topic === salesTopic)
    .map(({ bytes }) => (bytes === null ? null : Buffer.from(bytes)))
  const corpus = poison.filter(({ topic }) => topic === salesTopic).map(({ bytes }) => bytes)
  return [...made, ...corpus].filter((value) => {
    const decoded = decodeSale(value, Date.UTC(2025, 0, 7))
    return decoded.type !== 'rejection' || decoded.reason !== 'future_time'
  })
}

async function connectProducer(topic: string): Promise<Producer> {
  const client = new Kafka({ brokers: [(await useKafka()).brokers], logLevel: logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  const configEntries = [{ name: 'max.message.bytes', value: '4000000' }]
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
      const producer = await connectProducer(topic)
      const postgres = await usePostgres()
      const checkpoint = join(makeTemporaryDirectory(), 'checkpoint')
      const { brokers } = await useKafka()
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
        const { code, stderr } = await submitJob(composed, { PGPASSWORD: postgres.password })
        expect(code, stderr.slice(-4_000)).toBe(0)
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
      // No number of the sequence went to an update.
      expect(runSql(postgres, 'select last_value from transactions_summary_id_seq')).toBe(String(expected.rows.length))
    },
  )
})
