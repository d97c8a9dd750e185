import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../../core/base/clock.ts'
import type { Random } from '../../../core/base/random.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import type { AppendRecord } from '../../../core/events/record.ts'
import { type KafkaLog, openKafkaLog } from '../../../core/log/kafka/kafka-log.ts'
import { createKafkaTopics } from '../../../core/log/kafka/topics.ts'
import { openPostgresWarehouse } from '../../../core/warehouse/postgres/postgres-warehouse.ts'
import type { KafkaAddress } from '../services/kafka.ts'
import { type PostgresAddress, runSql } from '../services/postgres.ts'
import { compareSent, orderByLedger, readAll } from './cluster-truth.ts'
import { findDifferences } from './compare.ts'
import { makeEvents } from './events.ts'
import type { Kill } from './kill.ts'
import { closingAheadMs, futureMs, sortKills } from './kill.ts'
import type { Occasion } from './point.ts'
import { noteDeath, type Tally } from './tally.ts'
import { type Death, runWell, startVictim, type Victim, type VictimOptions } from './victim.ts'

/** Servers that are killed nothing of; the database is empty and of this round alone. */
export interface ClusterServers {
  readonly kafka: Pick<KafkaAddress, 'brokers'>
  readonly postgres: PostgresAddress
}

/** Days ago: closed by the clock, and kept by the broker. */
const pastAgeMs = 2 * 86_400_000
const pastRecords = 1_200
const partitions = 3

/** A topic prefix and a database whose processes are killed. */
interface Site {
  readonly home: string
  readonly servers: ClusterServers
  readonly options: VictimOptions
  readonly log: KafkaLog
  readonly rules: readonly string[]
  /** What the brokers have acknowledged, in no order. */
  readonly sent: AppendRecord[]
  /** Goes on making what is sent while processes live. */
  readonly makeMore: (nowMs: number, count: number) => readonly AppendRecord[]
}

const connectionTo = (brokers: string) => ({ brokers: brokers.split(','), clientId: 'crash', tls: null, sasl: null })

async function layOut(servers: ClusterServers, program: string, random: Random): Promise<Site> {
  const { brokers } = servers.kafka
  const home = mkdtempSync(join(tmpdir(), 'storepulse-crash-'))
  const prefix = `crash-${servers.postgres.database.slice(-12)}-`
  const topics = {
    'retail-transactions': `${prefix}retail-transactions`,
    'customer-events': `${prefix}customer-events`,
    'inventory-updates': `${prefix}inventory-updates`,
  }
  const connection = connectionTo(brokers)
  await createKafkaTopics({ connection, topics, partitions, replicationFactor: 1 })
  const log = await openKafkaLog({ writes: true, connection, topics })
  const seed = 1 + random.nextInt(1_000_000)
  const site: Site = {
    home,
    servers,
    options: {
      program,
      home,
      environment: { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: servers.postgres.url },
    },
    log,
    rules: ['--set', `events.futureMs=${futureMs}`, '--set', `kafka.topicPrefix=${prefix}`],
    sent: [],
    makeMore: (nowMs, count) => makeEvents(seed + (nowMs % 1_000_000), nowMs, count),
  }
  const past = makeEvents(seed, Date.now() - pastAgeMs, pastRecords)
  await send(
    site,
    past,
    past.map(({ sentAtMs }) => sentAtMs),
  )
  return site
}

async function send(
  site: Site,
  records: readonly AppendRecord[],
  appendedAtMs: number | readonly number[],
): Promise<void> {
  await site.log.append(records, { appendedAtMs, origin: 'live' })
  await site.log.sync()
  site.sent.push(...records)
}

/** Everything small and often, so that a kill falls anywhere. */
const paces = ['pipeline.epochMs=5', 'pipeline.epochRecords=50', 'pipeline.snapshotMs=100'].flatMap((setting) => [
  '--set',
  setting,
])

const command = ['run', '--profile', 'process', '--json']
const argumentsOf = ({ rules }: Site, ...more: readonly string[]): readonly string[] => [
  ...command,
  ...rules,
  ...paces,
  ...more,
]
const noIdle = ['--set', 'window.idleMs=0']

/** Sends a little every moment until the process is gone. */
async function sendWhile(site: Site, victim: Victim): Promise<void> {
  const over = new AbortController()
  void victim.end.finally(() => over.abort())
  while (!over.signal.aborted) {
    const nowMs = Date.now()
    await send(site, site.makeMore(nowMs, 20), nowMs)
    await sleep(50)
  }
}

async function killLive(site: Site, death: Death, tally: Tally, ...more: readonly string[]): Promise<boolean> {
  const victim = startVictim(argumentsOf(site, ...noIdle, ...more), death, site.options)
  const sending = sendWhile(site, victim)
  const isKilled = await noteDeath(tally, victim, death)
  await sending
  return isKilled
}

/** Late sales that do not count yet. */
const listLate = ({ servers }: Site): readonly string[] =>
  runSql(
    servers.postgres,
    `SELECT topic || '/' || partition || '/' || record_offset FROM storepulse.late
      WHERE readmitted_at IS NULL ORDER BY epoch, record_offset LIMIT 5`,
  )
    .split('\n')
    .filter((line) => line !== '')

/** A running process is asked to count some late sales after all. */
async function killReadmitting(site: Site, death: Death, tally: Tally): Promise<boolean> {
  const refs = listLate(site)
  const victim = startVictim(argumentsOf(site, ...noIdle), death, site.options)
  const asking =
    (await victim.spoke) && refs.length > 0
      ? startVictim(['late', 'readmit', '--profile', 'process', ...refs], null, site.options).end
      : null
  const isKilled = await noteDeath(tally, victim, death)
  await asking
  return isKilled
}

type WayToDie = (site: Site, death: Death, tally: Tally) => Promise<boolean>

/** How a process is brought to a point. */
const ways: Readonly<Record<Occasion, WayToDie>> = {
  'first-start': (site, death, tally) =>
    noteDeath(tally, startVictim(argumentsOf(site, ...noIdle), death, site.options), death),
  idle: (site, death, tally) => {
    const args = argumentsOf(site, '--set', 'window.idleMs=100', '--duration', '12s')
    return noteDeath(tally, startVictim(args, death, site.options), death)
  },
  live: (site, death, tally) => killLive(site, death, tally),
  stop: (site, death, tally) => killLive(site, death, tally, '--duration', '500ms'),
  readmission: killReadmitting,
  'asking-readmission': killReadmitting,
}

async function settle(site: Site, tally: Tally): Promise<void> {
  const catchUp = [...command, '--until-caught-up', ...site.rules]
  const nowMs = Date.now()
  const closing = {
    transaction_id: 'last',
    store_id: 1,
    customer_id: 'last',
    event_time: nowMs + closingAheadMs,
    final_amount: 1,
  }
  const last = { topic: 'retail-transactions', key: null, value: Buffer.from(JSON.stringify(closing)) } as const
  await runWell(catchUp, site.options)
  await send(site, [last], nowMs)
  await runWell(catchUp, site.options)
  tally.starts += 2
  const { database, host, password, port, user } = site.servers.postgres
  const warehouse = await openPostgresWarehouse({
    connection: { host, port, user, password, database, tls: { mode: 'disable', ca: null, cert: null, key: null } },
    readConnection: null,
    sketch: windowSketch,
    writes: false,
    adopt: false,
    zone: 'UTC',
    clock: systemClock,
  })
  try {
    const records = await readAll(site.log, site.sent.length)
    tally.differences.push(...compareSent(site.sent, records))
    const steps = orderByLedger(records, await warehouse.listEpochs(0, 1_000_000))
    const missing = site.sent.length - steps.filter((step) => 'topic' in step).length
    if (missing !== 0) tally.differences.push(`${missing} records are in no epoch`)
    tally.differences.push(...(await findDifferences(warehouse, { steps, futureMs })))
  } finally {
    await warehouse.close()
  }
  tally.acknowledged += site.sent.length
}

/** As {@link runEmbeddedRound}, over real Kafka and PostgreSQL. */
export async function runClusterRound(
  kills: readonly Kill[],
  program: string,
  servers: ClusterServers,
  random: Random,
  tally: Tally,
): Promise<void> {
  const site = await layOut(servers, program, random)
  try {
    for (const { point } of sortKills(kills, random)) {
      if (point === null) {
        await killLive(site, { afterMs: 300 + random.nextInt(1_800) }, tally)
        continue
      }
      const nth = 1 + random.nextInt(point.often)
      if (await ways[point.occasion](site, { point: point.name, nth }, tally)) continue
      if (nth > 1) await ways[point.occasion](site, { point: point.name, nth: 1 }, tally)
    }
    await settle(site, tally)
  } finally {
    await site.log.close()
    rmSync(site.home, { recursive: true, force: true })
  }
}
