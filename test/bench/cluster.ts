import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { startKafka } from '../support/services/kafka.ts'
import { createDatabase, type PostgresAddress, runSql, startPostgres } from '../support/services/postgres.ts'
import { findSpark } from '../support/services/spark.ts'
import { type Figure, makeHome } from './measure.ts'

/**
 * P1: a backlog in Kafka becomes rows in PostgreSQL, by Storepulse and by Spark with our job, one after the other on the
 * same topic, each into a database of its own; whole processes, from start to end. BENCH_RECORDS sets how many records.
 */
const records = Number(process.env['BENCH_RECORDS'] ?? 1_000_000)
const partitions = 4
const topic = 'retail-transactions'
const fromMs = Date.UTC(2026, 0, 5, 9)
const bin = join(process.cwd(), 'core/cli/bin/storepulse.mjs')

/** About 290 bytes each, a hundred stores, half an hour of events in all. */
function* makeLines(): Generator<string, void, void> {
  for (let index = 0; index < records; index += 1) {
    const storeId = 1 + ((index * 7_919) % 100)
    const cents = 100 + ((index * 31) % 20_000)
    const event = {
      transaction_id: `T-${index}`,
      store_id: storeId,
      customer_id: `C-${(index * 13) % 20_011}`,
      event_time: new Date(fromMs + Math.floor((index * 1_800_000) / records)).toISOString(),
      final_amount: cents / 100,
      products: [{ product_id: `P-${index % 500}`, name: 'Espresso beans 1 kg', category: 'groceries', quantity: 1 }],
      payment_method: 'card',
    }
    yield `${storeId}\t${JSON.stringify(event)}\n`
  }
}

/** Fills the topic with kcat. */
async function produce(brokers: string): Promise<void> {
  const child = spawn('kcat', ['-P', '-b', brokers, '-t', topic, '-K', '\t', '-X', 'linger.ms=20'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  let chunk = ''
  for (const line of makeLines()) {
    chunk += line
    if (chunk.length < 1_000_000) continue
    if (!child.stdin.write(chunk)) await new Promise((resolve) => child.stdin.once('drain', resolve))
    chunk = ''
  }
  child.stdin.end(chunk)
  await new Promise<void>((resolve, reject) => {
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`kcat ended with ${String(code)}`))))
  })
}

interface Measured {
  readonly elapsedMs: number
  /** Largest resident memory of the process and its children, MiB. */
  readonly peakMb: number
}

/** Resident memory of a process and all that came from it, KiB. */
function measureTree(processId: number): number {
  const table = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const ids = new Set([processId])
  let size = 0
  while (size !== ids.size) {
    size = ids.size
    for (const [id = 0, parent = 0] of table) if (ids.has(parent)) ids.add(id)
  }
  return table.reduce((sum, [id = 0, , rss = 0]) => sum + (ids.has(id) ? rss : 0), 0)
}

async function measure(command: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Measured> {
  const startedMs = performance.now()
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'pipe'] })
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  let peakKb = 0
  const watch = setInterval(() => {
    peakKb = Math.max(peakKb, measureTree(child.pid ?? 0))
  }, 500)
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) =>
        code === 0 ? resolve() : reject(new Error(`${command}: ${Buffer.concat(said).toString().slice(-2_000)}`)),
      )
    })
    return { elapsedMs: performance.now() - startedMs, peakMb: peakKb / 1_024 }
  } finally {
    clearInterval(watch)
  }
}

const runStorepulse = (home: string, brokers: string, { url }: PostgresAddress): Promise<Measured> =>
  measure(process.execPath, [bin, 'run', '--profile', 'process', '--until-caught-up', '--json'], {
    STOREPULSE_HOME: home,
    STOREPULSE_KAFKA_BROKERS: brokers,
    DATABASE_URL: url,
  })

function runSpark(home: string, brokers: string, { url }: PostgresAddress, name: string): Promise<Measured> {
  const { submit, jars, environment } = findSpark()
  return measure(
    submit,
    [
      '--master',
      'local[2]',
      '--jars',
      jars,
      '--conf',
      'spark.ui.enabled=false',
      '--driver-memory',
      '2g',
      join(process.cwd(), 'resources/spark/transactions_summary.py'),
      '--brokers',
      brokers,
      '--topic',
      name,
      '--checkpoint',
      join(home, `checkpoint-${name}`),
      '--mode',
      'update',
      '--trigger',
      'available-now',
    ],
    { ...environment, DATABASE_URL: url },
  )
}

const summarySql =
  'SELECT count(*), sum(total_transactions), sum(total_revenue), sum(unique_customers) FROM transactions_summary'

export async function benchCluster(): Promise<readonly Figure[]> {
  const { home, remove } = makeHome()
  const kafka = await startKafka({ overrides: { 'num.partitions': String(partitions) } })
  const postgres = await startPostgres()
  try {
    await produce(kafka.brokers)
    const bytes = [...makeLinesSample()].reduce((sum, line) => sum + line.length, 0) / 1_000
    const ours = createDatabase(postgres, 'ours')
    const theirs = createDatabase(postgres, 'theirs')
    const storepulse = await runStorepulse(home, kafka.brokers, ours)
    // What starting and stopping takes, when there is nothing left to do.
    const idle = await runStorepulse(home, kafka.brokers, ours)
    const spark = await runSpark(home, kafka.brokers, theirs, topic)
    const bench = `cluster, ${records.toLocaleString('en-US')} records`
    const figure = (what: string, value: number, unit: string): Figure => ({ bench, what, value, unit })
    const workMs = storepulse.elapsedMs - idle.elapsedMs
    return [
      figure('size of a record with its key', bytes, 'bytes'),
      figure('Storepulse, whole process', records / (storepulse.elapsedMs / 1_000), 'records/s'),
      figure('Storepulse, without starting', records / (workMs / 1_000), 'records/s'),
      figure('Storepulse, largest memory', storepulse.peakMb, 'MiB'),
      figure('Spark local[2], whole process', records / (spark.elapsedMs / 1_000), 'records/s'),
      figure('Spark local[2], largest memory', spark.peakMb, 'MiB'),
      figure('Storepulse ÷ Spark, whole processes', spark.elapsedMs / storepulse.elapsedMs, '×'),
      figure(
        'both tables add up to the same',
        runSql(ours, summarySql) === runSql(theirs, summarySql) ? 1 : 0,
        '1 = yes',
      ),
    ]
  } finally {
    await postgres.stop()
    await kafka.stop()
    remove()
  }
}

function* makeLinesSample(): Generator<string, void, void> {
  let left = 1_000
  for (const line of makeLines()) {
    if (left === 0) return
    left -= 1
    yield line
  }
}
