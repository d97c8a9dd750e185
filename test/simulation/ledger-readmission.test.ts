import { expect, it } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import { silentLogger } from '../../core/base/logger.ts'
import { createProbe } from '../../core/base/probe.ts'
import { createRandom } from '../../core/base/random.ts'
import { spanSketch } from '../../core/base/span-sketch.ts'
import { windowSketch } from '../../core/base/window-sketch.ts'
import { createDecoder } from '../../core/events/decode.ts'
import { formatRef } from '../../core/events/record.ts'
import { createGenerator } from '../../core/generator/create-generator.ts'
import { noDisorder } from '../../core/generator/incidents.ts'
import { createLedger } from '../../core/pipeline/ledger.ts'
import { createPipeline, type Pipeline, type PipelineFacts } from '../../core/pipeline/pipeline.ts'
import { createReadingStage } from '../../core/pipeline/reading.ts'
import { recover } from '../../core/pipeline/recovery.ts'
import { compareWindows, recompute } from '../../core/pipeline/replay.ts'
import { findLedgerStart, listRetraced } from '../../core/pipeline/retracing.ts'
import { createMemoryTables, createMemoryWarehouse } from '../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../core/warehouse/warehouse.ts'
import { createLedgerLog, type LedgerLog } from '../support/ledger-log.ts'

const fromMs = Date.UTC(2025, 0, 6)
const engineOptions = {
  windowSizeMs: 60_000,
  latenessMs: 600_000,
  duplicates: 'drop',
  maxIds: 1_000_000,
  sketch: windowSketch,
} as const
const options = {
  epochMs: 5,
  epochRecords: 200,
  snapshotMs: 60_000,
  idleMs: 0,
  windowSizeMs: 60_000,
  latenessMs: 600_000,
  finalRowsOnly: false,
}

async function fillLog(): Promise<LedgerLog> {
  const log = createLedgerLog(3, createRandom(5, 'fetches'))
  const disorder = { ...noDisorder, late: 0.1, duplicate: 0.05, invalid: 0.02 }
  const generator = createGenerator({ seed: 5, rate: 20, rates: {}, stores: 4, shape: 'flat', disorder }, fromMs)
  const made = generator.advance(fromMs + 3_600_000, 4_000)
  await log.append(made, { appendedAtMs: made.map(({ sentAtMs }) => sentAtMs), origin: 'live' })
  return log
}

const readingOf = (log: LedgerLog): ReturnType<typeof createReadingStage> =>
  createReadingStage(createDecoder({ futureMs: 300_000, zone: 'UTC' }), log)

async function startPipeline(log: LedgerLog, warehouse: Warehouse): Promise<Pipeline> {
  const reading = readingOf(log)
  const token = String(systemClock.monotonicMs())
  await warehouse.claim({ token, processId: 1, command: 'test', atMs: 0 })
  const recovered = await recover({ log, warehouse, reading, engineOptions, spanSketch, logger: silentLogger })
  const parts = { log, warehouse, reading, recovered, token, options, clock: systemClock, logger: silentLogger }
  const pipeline = createPipeline({ ...parts, probe: createProbe<PipelineFacts>() })
  pipeline.start()
  await pipeline.waitUntilCommitted(log.describe().endSequence)
  return pipeline
}

it('lets late records count where the log has no place for a word about it, through a lost snapshot and in a replay', async () => {
  const log = await fillLog()
  const reading = readingOf(log)
  const warehouse = createMemoryWarehouse({ sketch: windowSketch, tables: createMemoryTables() })
  const first = await startPipeline(log, warehouse)
  const before = first.counters.perTopic['retail-transactions']
  const late = await warehouse.listLate({ limit: 5, offset: 0 })
  expect(late).toHaveLength(5)

  const ledger = createLedger({
    findPipeline: () => first,
    log,
    reading,
    clock: systemClock,
    openWarehouse: async () => warehouse,
  })
  const refs = late.map(({ ref }) => formatRef(ref))
  const results = await ledger.readmit(refs, 'late', 'test')
  expect(results.map(({ outcome }) => outcome)).toEqual(refs.map(() => 'readmitted'))
  expect(first.counters.perTopic['retail-transactions']).toMatchObject({
    received: before.received,
    counted: before.counted + 5,
    late: before.late - 5,
  })
  await first.stop(0)

  // Without a snapshot everything is gone over again, the re-admissions at their place in the ledger.
  const forgetful: Warehouse = { ...warehouse, loadSnapshots: async () => [] }
  const second = await startPipeline(log, forgetful)
  expect(second.counters).toEqual(first.counters)
  const again = await createLedger({
    findPipeline: () => second,
    log,
    reading,
    clock: systemClock,
    openWarehouse: async () => warehouse,
  }).readmit(refs, 'late', 'test')
  expect(again.map(({ outcome }) => outcome)).toEqual(refs.map(() => 'already'))
  await second.stop(0)

  const progress = await warehouse.loadProgress()
  if (!progress) throw new Error('nothing was committed')
  const epochs = await listRetraced(log, warehouse, 1)
  const scratch = createMemoryWarehouse({ sketch: windowSketch, tables: createMemoryTables() })
  await scratch.claim({ token: 'replay', processId: 1, command: 'replay', atMs: 0 })
  await recompute({
    log,
    reading,
    engineOptions,
    finalRowsOnly: false,
    clock: systemClock,
    scratch,
    token: 'replay',
    epochs,
    firstEpoch: 1,
    wholeFromMs: 0,
    from: findLedgerStart(epochs, 1, progress),
    untilSequence: progress.untilSequence,
    speed: 0,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  })
  const all = [0, Number.MAX_SAFE_INTEGER] as const
  const report = compareWindows(await warehouse.listWindows(...all), await scratch.listWindows(...all))
  expect(report).toMatchObject({ differs: 0, differences: [] })
  expect(report.same).toBeGreaterThan(20)
})

it('refuses while no pipeline runs that could count them', async () => {
  const log = await fillLog()
  const warehouse = createMemoryWarehouse({ sketch: windowSketch, tables: createMemoryTables() })
  await (await startPipeline(log, warehouse)).stop(0)
  const [late] = await warehouse.listLate({ limit: 1, offset: 0 })
  const ledger = createLedger({
    findPipeline: () => null,
    log,
    reading: readingOf(log),
    clock: systemClock,
    openWarehouse: async () => warehouse,
  })
  const results = await ledger.readmit(late ? [formatRef(late.ref)] : [], 'late', 'test')
  expect(results).toMatchObject([{ outcome: 'refused', reason: 'the pipeline does not run' }])
})
