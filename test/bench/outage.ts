import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Board } from '../../core/protocol/board.ts'
import { startKafka } from '../support/services/kafka.ts'
import { runSql, startPostgres } from '../support/services/postgres.ts'
import { startProxy } from '../support/services/proxy.ts'
import { type Figure, makeHome } from './measure.ts'

/**
 * R7: the real process between a real Kafka and a real PostgreSQL, sales coming all the time, while first one of them,
 * then the other, then the way to both is gone for OUTAGE_MINUTES (default 10) each; OUTAGE_RATE sets the sales a second.
 */
const minutes = Number(process.env['OUTAGE_MINUTES'] ?? 10)
const ratePerSecond = Number(process.env['OUTAGE_RATE'] ?? 200)
const topic = 'retail-transactions'
const tickMs = 100
/** So close that no sale can be late, though the partitions are sent one after the other when the broker is back. */
const stepMs = 2
const fromMs = Date.UTC(2026, 0, 5, 9)
const resumeMs = 120_000
const bin = join(process.cwd(), 'core/cli/bin/storepulse.mjs')

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function formatSale(index: number): string {
  const storeId = 1 + ((index * 7_919) % 25)
  const event = {
    transaction_id: `T-${index}`,
    store_id: storeId,
    customer_id: `C-${(index * 13) % 4_001}`,
    event_time: new Date(fromMs + index * stepMs - ((index * 104_729) % 300_000)).toISOString(),
    final_amount: (100 + ((index * 31) % 20_000)) / 100,
  }
  return `${storeId}\t${JSON.stringify(event)}\n`
}

/** Rows of the table that differ from the same sales added up in SQL, or are in one of the two only. */
const countDifferent = (sales: number): string => `SELECT count(*) FROM (
    SELECT date_trunc('minute', at) AS window_start, store_id, count(*) AS transactions,
      (sum(cents) / 100)::numeric(12, 2) AS revenue, round(sum(cents) / count(*) / 100, 2) AS average
    FROM (
      SELECT (1 + (i * 7919) % 25)::int AS store_id, 100 + (i * 31) % 20000 AS cents, timestamp 'epoch'
        + (${fromMs} + i * ${stepMs} - (i * 104729) % 300000) * interval '1 millisecond' AS at
      FROM generate_series(0::bigint, ${sales} - 1) AS i
    ) sold GROUP BY 1, 2
  ) expected FULL JOIN transactions_summary t USING (window_start, store_id)
  WHERE (transactions, revenue, average)
    IS DISTINCT FROM (t.total_transactions::bigint, t.total_revenue, t.avg_transaction_value)`

interface Sending {
  /** Sends what is on its way and keeps what follows; kcat would end with the last broker. */
  hold(): Promise<void>
  /** Sends what was kept, and goes on. */
  goOn(): void
  /** Resolves with how many sales there were. */
  stop(): Promise<number>
}

/** Sends sales on and on. */
function startSending(brokers: string): Sending {
  const startedMs = performance.now()
  let kcat: ChildProcess | null = null
  let due = 0
  let sent = 0
  const goOn = (): void => {
    const settings = ['-X', 'enable.idempotence=true', '-X', 'linger.ms=5', '-X', 'message.timeout.ms=900000']
    kcat = spawn('kcat', ['-P', '-b', brokers, '-t', topic, '-K', '\t', ...settings], {
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    // What is written to one that has ended is told by its code.
    kcat.stdin?.on('error', () => undefined)
  }
  const hold = async (): Promise<void> => {
    const child = kcat
    kcat = null
    child?.stdin?.end()
    const [code] = child ? await once(child, 'exit') : [0]
    if (code !== 0) throw new Error(`kcat ended with ${String(code)}`)
  }
  const timer = setInterval(() => {
    due = Math.floor(((performance.now() - startedMs) / 1_000) * ratePerSecond)
    if (!kcat) return
    kcat.stdin?.write(Array.from({ length: due - sent }, (_, index) => formatSale(sent + index)).join(''))
    sent = due
  }, tickMs)
  goOn()
  return {
    hold,
    goOn,
    async stop() {
      clearInterval(timer)
      await hold()
      return sent
    },
  }
}

interface App {
  readonly board: Board | null
  /** Resident memory, MiB, and processor seconds so far. */
  measure(): { readonly memoryMb: number; readonly cpuSeconds: number }
  stop(): Promise<void>
}

function startApp(home: string, brokers: string, url: string): App {
  const child: ChildProcess = spawn(process.execPath, [bin, 'run', '--profile', 'process', '--json'], {
    env: { ...process.env, STOREPULSE_HOME: home, STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let board: Board | null = null
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (text + chunk.toString()).split('\n')
    text = lines.pop() ?? ''
    const newest = lines.at(-1)
    if (newest !== undefined) board = JSON.parse(newest) as Board
  })
  return {
    get board() {
      if (child.exitCode !== null) throw new Error(`storepulse ended with ${child.exitCode}`)
      return board
    },
    measure() {
      const line = execFileSync('ps', ['-p', String(child.pid), '-o', 'rss=,cputimes='], { encoding: 'utf8' })
      const [rssKb = 0, cpuSeconds = 0] = line.trim().split(/\s+/).map(Number)
      return { memoryMb: rssKb / 1_024, cpuSeconds }
    },
    async stop() {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

async function waitUntil(isReached: () => boolean, withinMs: number, what: string): Promise<number> {
  const startedMs = performance.now()
  while (!isReached()) {
    if (performance.now() - startedMs > withinMs) throw new Error(`${what} took more than ${withinMs / 1_000} s`)
    await sleep(100)
  }
  return performance.now() - startedMs
}

interface Outage {
  readonly name: string
  readonly begin: () => Promise<void>
  readonly end: () => Promise<void>
}

const countedOf = ({ board }: App): number => board?.records.counted ?? 0

/** One outage from before its beginning until everything that piled up is counted. */
async function sitOut({ begin, end, name }: Outage, app: App): Promise<readonly Figure[]> {
  const before = app.measure()
  await begin()
  const pausedMs = await waitUntil(() => app.board?.state === 'paused', 60_000, `${name}: being paused`)
  const held = countedOf(app)
  const reasons = new Set<string>()
  const states = new Map<string, number>()
  const startedMs = performance.now()
  const started = app.measure()
  let mostMb = 0
  while (performance.now() - startedMs < minutes * 60_000) {
    await sleep(1_000)
    mostMb = Math.max(mostMb, app.measure().memoryMb)
    const { board } = app
    if (!board) continue
    states.set(board.state, (states.get(board.state) ?? 0) + 1)
    if (board.reason !== null) reasons.add(board.reason)
  }
  const goneMs = performance.now() - startedMs
  const ended = app.measure()
  await end()
  const resumedMs = await waitUntil(() => countedOf(app) > held, resumeMs, `${name}: going on`)
  const isCaughtUp = (): boolean => app.board?.state === 'running' && app.board.lag.records < ratePerSecond
  const caughtUpMs = await waitUntil(isCaughtUp, resumeMs, `${name}: catching up`)
  await sleep(10_000)
  const after = app.measure()
  process.stdout.write(`${name}: ${JSON.stringify(Object.fromEntries(states))}\n`)
  for (const reason of reasons) process.stdout.write(`  ${reason}\n`)
  const share = ((ended.cpuSeconds - started.cpuSeconds) / goneMs) * 100_000
  const figure = (what: string, value: number, unit: string): Figure => ({ bench: name, what, value, unit })
  return [
    figure('until it said that it is paused', pausedMs / 1_000, 's'),
    figure('gone for', goneMs / 60_000, 'min'),
    figure('memory before', before.memoryMb, 'MiB'),
    figure('largest memory meanwhile', mostMb, 'MiB'),
    figure('memory after', after.memoryMb, 'MiB'),
    figure('processor meanwhile', share, '% of a core'),
    figure('from its return to the next commit', resumedMs / 1_000, 's'),
    figure('from there until nothing waited', caughtUpMs / 1_000, 's'),
  ]
}

export async function benchOutage(): Promise<readonly Figure[]> {
  const { home, remove } = makeHome()
  const kafka = await startKafka({ proxied: true, overrides: { 'num.partitions': '3' } })
  const postgres = await startPostgres()
  const toPostgres = await startProxy({ host: postgres.host, port: postgres.port })
  const url = new URL(postgres.url)
  url.host = `${toPostgres.host}:${toPostgres.port}`
  const sending = startSending(kafka.brokers)
  await sleep(2_000)
  const app = startApp(home, kafka.listeners.PROXIED ?? '', url.href)
  const ways = [toPostgres, ...kafka.proxies]
  const outages: readonly Outage[] = [
    {
      name: 'outage: PostgreSQL stopped',
      async begin() {
        await Promise.all([toPostgres.refuse(), postgres.halt()])
      },
      async end() {
        await postgres.start()
        await toPostgres.accept()
      },
    },
    {
      name: 'outage: Kafka stopped',
      async begin() {
        await sending.hold()
        await Promise.all([...kafka.proxies.map((way) => way.refuse()), kafka.halt()])
      },
      async end() {
        await kafka.start()
        await Promise.all(kafka.proxies.map((way) => way.accept()))
        sending.goOn()
      },
    },
    {
      name: 'outage: nothing passes to either',
      begin: async () => ways.forEach((way) => way.freeze()),
      end: async () => ways.forEach((way) => way.thaw()),
    },
  ]
  const figures: Figure[] = []
  try {
    await waitUntil(() => countedOf(app) > ratePerSecond * 20, 120_000, 'starting')
    for (const outage of outages) figures.push(...(await sitOut(outage, app)))
    const sent = await sending.stop()
    await waitUntil(() => countedOf(app) >= sent, resumeMs, 'counting the last')
    const board = app.board
    await app.stop()
    const figure = (what: string, value: number, unit: string): Figure => ({ bench: 'outage', what, value, unit })
    return [
      ...figures,
      figure('sales sent', sent, 'sales'),
      figure('lost', sent - (board?.records.counted ?? 0), 'sales'),
      figure('late, double or invalid', (board?.records.received ?? 0) - (board?.records.counted ?? 0), 'sales'),
      figure('rows unlike their recomputation in SQL', Number(runSql(postgres, countDifferent(sent))), 'rows'),
    ]
  } finally {
    await app.stop()
    await toPostgres.stop()
    await postgres.stop()
    await kafka.stop()
    remove()
  }
}
