import { expect, it } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import { Fault } from '../../core/base/fault.ts'
import { silentLogger } from '../../core/base/logger.ts'
import { createProbe } from '../../core/base/probe.ts'
import { createRandom, type Random } from '../../core/base/random.ts'
import { spanSketch } from '../../core/base/span-sketch.ts'
import { windowSketch } from '../../core/base/window-sketch.ts'
import { createDecoder } from '../../core/events/decode.ts'
import type { EpochRecord, PartitionRange } from '../../core/events/epoch.ts'
import { valueOf } from '../../core/events/record.ts'
import { eventTopics, isEventTopic } from '../../core/events/topics.ts'
import { createGenerator } from '../../core/generator/create-generator.ts'
import { noDisorder } from '../../core/generator/incidents.ts'
import { createMemoryLog } from '../../core/log/memory/memory-log.ts'
import type { EventLog } from '../../core/log/log.ts'
import { createPipeline, type PipelineFacts, type PipelineOptions } from '../../core/pipeline/pipeline.ts'
import { createReadingStage } from '../../core/pipeline/reading.ts'
import { recover } from '../../core/pipeline/recovery.ts'
import {
  createMemoryTables,
  createMemoryWarehouse,
  type MemoryTables,
} from '../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../core/warehouse/warehouse.ts'
import { createLedgerLog, type LedgerLog, mergeFetched } from '../support/ledger-log.ts'
import { defaultOracleOptions, type OracleRecord, recompute } from '../support/oracle.ts'

const from = Date.UTC(2025, 0, 6)
const records = 6_000
const engineOptions = {
  windowSizeMs: 60_000,
  latenessMs: 600_000,
  duplicates: 'drop',
  maxIds: 1_000_000,
  sketch: windowSketch,
} as const
const options: PipelineOptions = {
  epochMs: 5,
  epochRecords: 150,
  snapshotMs: 5,
  idleMs: 0,
  windowSizeMs: 60_000,
  latenessMs: 600_000,
  finalRowsOnly: false,
}

async function fill<Log extends EventLog>(
  log: Log,
  seed: number,
): Promise<{ readonly log: Log; readonly truth: readonly OracleRecord[] }> {
  const disorder = { ...noDisorder, late: 0.08, duplicate: 0.06, invalid: 0.03 }
  const generator = createGenerator({ seed, rate: 20, rates: {}, stores: 6, shape: 'flat', disorder }, from)
  const made = generator.advance(from + 3_600_000, records)
  await log.append(made, { appendedAtMs: made.map(({ sentAtMs }) => sentAtMs), origin: 'import' })
  const truth = made.flatMap(({ topic, value, sentAtMs }): readonly OracleRecord[] =>
    isEventTopic(topic) ? [{ topic, partition: 0, bytes: value, appendedAtMs: sentAtMs }] : [],
  )
  return { log, truth }
}

/** A warehouse that fails as disks and processes do: before a commit, after it with the answer lost, in a snapshot. */
function breakWarehouse(warehouse: Warehouse, random: Random): Warehouse {
  const killed = (): Fault => new Fault('internal', 'killed')
  const full = (): Fault => new Fault('disk-full', 'the disk is full', { retry: true })
  return {
    ...warehouse,
    async commit(commit) {
      const draw = random.next()
      if (draw < 0.06) throw killed()
      if (draw < 0.1) throw full()
      await warehouse.commit(commit)
      if (draw < 0.16) throw killed()
      if (draw < 0.2) throw full()
    },
    async saveSnapshot(snapshot) {
      if (random.chance(0.2)) throw full()
      await warehouse.saveSnapshot(snapshot)
      if (random.chance(0.1)) throw killed()
    },
    async loadSnapshots() {
      const snapshots = await warehouse.loadSnapshots()
      return random.chance(0.2) ? snapshots.slice(1) : snapshots
    },
  }
}

/** Starts from the last commit and runs until everything is committed or a fault ends it; true when done. */
async function runOnce(log: EventLog, warehouse: Warehouse, random: Random): Promise<boolean> {
  const reading = createReadingStage(createDecoder({ futureMs: 300_000, zone: 'UTC' }), log)
  const token = String(random.next())
  await warehouse.claim({ token, processId: 1, command: 'test', atMs: 0 })
  const recovered = await recover({ log, warehouse, reading, engineOptions, spanSketch, logger: silentLogger })
  const parts = {
    log,
    warehouse,
    reading,
    recovered,
    token,
    options: { ...options, epochRecords: 50 + random.nextInt(300) },
  }
  // Waiting out a retry is not what is looked at here.
  const clock = { ...systemClock, sleep: (_ms: number, signal?: AbortSignal) => systemClock.sleep(0, signal) }
  const pipeline = createPipeline({ ...parts, clock, logger: silentLogger, probe: createProbe<PipelineFacts>() })
  pipeline.start()
  try {
    await pipeline.waitUntilCommitted(log.describe().endSequence)
    await pipeline.stop(0)
    return true
  } catch (error) {
    if (error instanceof Fault && (error.code === 'internal' || error.code === 'cancelled')) {
      await pipeline.finished.catch(() => undefined)
      return false
    }
    throw error
  }
}

function expectTruth(tables: MemoryTables, truth: readonly OracleRecord[]): void {
  const expected = recompute(truth, defaultOracleOptions)
  const rows = [...tables.windows.values()].map((row) => [
    `${row.storeId}@${row.startMs}`,
    row.transactions,
    row.cents,
    row.final,
  ])
  const windows = [...expected.windows].map(([key, { count, cents }]) => [key, count, cents, expected.final.has(key)])
  expect(rows.sort()).toEqual(windows.sort())
  expect(tables.progress?.counters.perTopic).toEqual(expected.counters)
}

it.each(Array.from({ length: 20 }, (_, index) => index + 1))(
  'loses nothing and doubles nothing through faults and restarts, seed %i',
  async (seed) => {
    const { log, truth } = await fill(createMemoryLog({ partitions: 4 }), seed)
    const random = createRandom(seed, 'faults')
    const tables = createMemoryTables()
    let restarts = 0
    while (
      !(await runOnce(log, breakWarehouse(createMemoryWarehouse({ sketch: windowSketch, tables }), random), random))
    ) {
      restarts += 1
      expect(restarts).toBeLessThan(500)
    }
    expectTruth(tables, truth)
  },
)

/** The records in the order in which the ledger says they were committed. */
function orderByLedger(log: LedgerLog, epochs: readonly EpochRecord[]): readonly OracleRecord[] {
  return epochs.flatMap(({ ranges, readAtMs }) => {
    const slots = [...ranges].sort((a, b) => topicOrder(a) - topicOrder(b) || a.partition - b.partition)
    return mergeFetched(slots.map((range) => log.recordsOf(range))).flatMap((record): readonly OracleRecord[] =>
      isEventTopic(record.topic)
        ? [
            {
              topic: record.topic,
              partition: record.partition,
              bytes: valueOf(record),
              appendedAtMs: Math.min(record.appendedAtMs, readAtMs),
            },
          ]
        : [],
    )
  })
}

const topicOrder = ({ topic }: PartitionRange): number => eventTopics.findIndex((known) => known === topic)

it.each(Array.from({ length: 10 }, (_, index) => index + 1))(
  'commits what the ledger says in its order, where only the ledger has one, seed %i',
  async (seed) => {
    const random = createRandom(seed, 'faults')
    const { log, truth } = await fill(createLedgerLog(4, createRandom(seed, 'fetches')), seed)
    const tables = createMemoryTables()
    let restarts = 0
    while (
      !(await runOnce(log, breakWarehouse(createMemoryWarehouse({ sketch: windowSketch, tables }), random), random))
    ) {
      restarts += 1
      expect(restarts).toBeLessThan(500)
    }
    const ordered = orderByLedger(log, [...tables.epochs])
    expect(ordered).toHaveLength(truth.length)
    expectTruth(tables, ordered)
  },
)
