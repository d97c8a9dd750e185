import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { createRandom, type Random } from '../../core/base/random.ts'
import type { Board } from '../../core/protocol/board.ts'
import { connectTo, formatSales, readTable, recomputeInSql } from '../support/cluster-sales.ts'
import { type KafkaServer, startKafka } from '../support/services/kafka.ts'
import { type PostgresServer, runSql, startPostgres } from '../support/services/postgres.ts'
import { type FaultProxy, startProxy } from '../support/services/proxy.ts'
import { describeWithServices } from '../support/services/use.ts'
import { startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

/**
 * R2: the real process on a real Kafka and a real PostgreSQL while everything between and under them breaks, the process
 * itself too. `FAULTS` sets how many, `FAULT_SEED` which.
 */
const faults = Number(process.env['FAULTS'] ?? 24)
const seed = Number(process.env['FAULT_SEED'] ?? 1)
/** Sales are sent so close that none can be late, whatever partition is held up. */
const stepMs = 5
const salesPerChunk = 60
const chunkMs = 100
const topic = 'retail-transactions'
const progressMs = 60_000

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface World {
  readonly kafka: KafkaServer
  readonly postgres: PostgresServer
  readonly toPostgres: FaultProxy
  readonly random: Random
  readonly app: App
}

/** The process, started again when it was killed. */
interface App {
  kill(): void
  readonly restarts: number
  readonly last: Board | null
  readonly complaints: readonly string[]
  stop(): Promise<number | null>
}

function startApp(environment: Readonly<Record<string, string>>): App {
  const home = makeTemporaryDirectory()
  const complaints: string[] = []
  let last: Board | null = null
  let restarts = -1
  let isStopping = false
  let child: ChildProcess | null = null
  const start = (): void => {
    restarts += 1
    const started = startStorepulse(['run', '--profile', 'process', '--json', '--log-level', 'error'], {
      home,
      environment,
    })
    child = started.process
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      const newest = lines.at(-1)
      if (newest !== undefined) last = JSON.parse(newest) as Board
    })
    void started.finished.then(({ code, stderr }) => {
      if (isStopping) return
      // Killed is killed; whatever else ends it by itself is a complaint, and it is started again as a service would be.
      if (code !== null) complaints.push(`ended with ${code}: ${stderr}`)
      setTimeout(start, 300)
    })
  }
  start()
  return {
    kill: () => void child?.kill('SIGKILL'),
    get restarts() {
      return restarts
    },
    get last() {
      return last
    },
    complaints,
    async stop() {
      isStopping = true
      if (!child || child.exitCode !== null) return child?.exitCode ?? null
      child.kill('SIGTERM')
      const [code] = await once(child, 'exit')
      return typeof code === 'number' ? code : null
    },
  }
}

/** Sends sales all the time, until it is told to stop; resolves with how many. */
function startSending(brokers: string): { stop(): Promise<number> } {
  const child = spawn(
    'kcat',
    // prettier-ignore
    [
      '-P',
      // Waits for a broker that is gone.
      '-E',
      '-b',
      brokers,
      '-t',
      topic,
      '-K',
      '\t',
      '-X',
      'enable.idempotence=true',
      '-X',
      'linger.ms=5',
      '-X',
      'message.timeout.ms=300000',
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  )
  let sent = 0
  const timer = setInterval(() => {
    child.stdin.write(formatSales(sent, sent + salesPerChunk, undefined, stepMs))
    sent += salesPerChunk
  }, chunkMs)
  return {
    async stop() {
      clearInterval(timer)
      child.stdin.end()
      const [code] = await once(child, 'exit')
      expect(code).toBe(0)
      return sent
    },
  }
}

type Break = (world: World) => Promise<void>

const endBackends = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE application_name LIKE 'storepulse%' AND pid <> pg_backend_pid()`

/** What breaks, each with how often it is drawn. */
const breaks: Readonly<Record<string, readonly [number, Break]>> = {
  'connections to PostgreSQL reset': [4, async ({ toPostgres }) => toPostgres.cut()],
  'PostgreSQL refuses for a while': [
    3,
    async ({ random, toPostgres }) => {
      await toPostgres.refuse()
      toPostgres.cut()
      await sleep(500 + random.nextInt(3_000))
      await toPostgres.accept()
    },
  ],
  'nothing passes to PostgreSQL for a while': [
    2,
    async ({ random, toPostgres }) => {
      toPostgres.freeze()
      await sleep(500 + random.nextInt(4_000))
      toPostgres.thaw()
    },
  ],
  'the answer of PostgreSQL is lost, whatever was asked': [
    6,
    async ({ random, toPostgres }) => {
      toPostgres.killAfterBytes(1 + random.nextInt(600), 'server')
      await sleep(600)
    },
  ],
  'a commit is sent and its answer lost': [
    6,
    async ({ toPostgres }) => {
      toPostgres.watch((chunk, from) => (from === 'client' && chunk.includes('COMMIT') ? 'pass-then-cut' : 'pass'))
      await sleep(400)
      toPostgres.watch(null)
    },
  ],
  'half of what is sent to PostgreSQL arrives': [
    4,
    async ({ random, toPostgres }) => {
      toPostgres.killAfterBytes(200 + random.nextInt(20_000), 'client')
      await sleep(600)
    },
  ],
  'backends terminated': [4, async ({ postgres }) => void runSql(postgres, endBackends)],
  'PostgreSQL restarted': [1, ({ postgres, random }) => postgres.restart(random.chance(0.5) ? 'SIGINT' : 'SIGQUIT')],
  'connections to Kafka reset': [4, async ({ kafka }) => kafka.proxies[0]?.cut()],
  'Kafka refuses for a while': [
    2,
    async ({ kafka, random }) => {
      const [proxy] = kafka.proxies
      await proxy?.refuse()
      proxy?.cut()
      await sleep(500 + random.nextInt(3_000))
      await proxy?.accept()
    },
  ],
  'half of what Kafka sends arrives': [
    4,
    async ({ kafka, random }) => {
      kafka.proxies[0]?.killAfterBytes(100 + random.nextInt(50_000), 'server')
      await sleep(600)
    },
  ],
  'the broker is held': [
    2,
    async ({ kafka, random }) => {
      kafka.pause()
      await sleep(1_000 + random.nextInt(6_000))
      kafka.resume()
    },
  ],
  'the broker restarted': [1, ({ kafka }) => kafka.restart()],
  'the process killed': [6, async ({ app }) => app.kill()],
}

function drawBreak(random: Random): readonly [string, Break] {
  const bag = Object.entries(breaks).flatMap(([name, [weight, run]]) =>
    Array.from({ length: weight }, () => [name, run] as const),
  )
  const drawn = bag[random.nextInt(bag.length)]
  if (!drawn) throw new Error('there is nothing to break')
  return drawn
}

async function untilCounted(app: App, total: number, withinMs: number): Promise<void> {
  const untilMs = performance.now() + withinMs
  while (performance.now() < untilMs) {
    if ((app.last?.records.counted ?? 0) >= total) return
    await sleep(250)
  }
}

describeWithServices('a cluster that breaks all the time', ['kafka', 'postgres'], () => {
  it(`loses nothing and doubles nothing through ${faults} faults`, { timeout: 60_000 + faults * 15_000 }, async () => {
    const kafka = await startKafka({ proxied: true, overrides: { 'num.partitions': '3' } })
    onTestFinished(() => kafka.stop())
    const postgres = await startPostgres()
    onTestFinished(() => postgres.stop())
    const toPostgres = await startProxy({ host: postgres.host, port: postgres.port })
    onTestFinished(() => toPostgres.stop())
    const url = new URL(postgres.url)
    url.host = `${toPostgres.host}:${toPostgres.port}`
    const sending = startSending(kafka.brokers)
    await sleep(1_500)
    const app = startApp({ STOREPULSE_KAFKA_BROKERS: kafka.listeners.PROXIED ?? '', DATABASE_URL: url.href })
    onTestFinished(() => void app.stop())
    await untilCounted(app, 1, progressMs)

    const random = createRandom(seed, 'faults')
    const world: World = { kafka, postgres, toPostgres, random, app }
    const done: string[] = []
    for (let index = 0; index < faults; index += 1) {
      const [name, run] = drawBreak(random)
      done.push(name)
      await run(world)
      await sleep(200 + random.nextInt(2_500))
    }
    const total = await sending.stop()
    await untilCounted(app, total, progressMs)
    expect(app.last?.records, `${done.join('\n')}\n\n${app.complaints.join('\n')}`).toMatchObject({
      received: total,
      counted: total,
      late: 0,
      duplicate: 0,
      invalid: 0,
    })
    expect(await app.stop()).toBe(0)
    const client = await connectTo(postgres.url)
    expect(await readTable(client)).toEqual(await recomputeInSql(client, total, stepMs))
  })
})
