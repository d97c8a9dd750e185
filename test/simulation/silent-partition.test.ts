import { expect, it } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import { silentLogger } from '../../core/base/logger.ts'
import { createProbe } from '../../core/base/probe.ts'
import { createRandom } from '../../core/base/random.ts'
import { spanSketch } from '../../core/base/span-sketch.ts'
import { windowSketch } from '../../core/base/window-sketch.ts'
import { createDecoder } from '../../core/events/decode.ts'
import { salesTopic } from '../../core/events/topics.ts'
import type { EventLog } from '../../core/log/log.ts'
import { createMemoryLog } from '../../core/log/memory/memory-log.ts'
import { createPipeline, type PipelineFacts } from '../../core/pipeline/pipeline.ts'
import { createReadingStage } from '../../core/pipeline/reading.ts'
import { recover } from '../../core/pipeline/recovery.ts'
import { createMemoryTables, createMemoryWarehouse } from '../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../core/warehouse/warehouse.ts'
import { createLedgerLog } from '../support/ledger-log.ts'

const minute = 60_000
const noon = Date.UTC(2025, 0, 6, 12)
const engineOptions = {
  windowSizeMs: minute,
  latenessMs: 10 * minute,
  duplicates: 'drop',
  maxIds: 1_000_000,
  sketch: windowSketch,
} as const

/** A sale a minute of each store from `fromMs` until `untilMs`, appended as it was made. */
async function sell(log: EventLog, storeId: number, fromMs: number, untilMs: number): Promise<void> {
  const times = Array.from({ length: (untilMs - fromMs) / minute }, (_, index) => fromMs + index * minute)
  const records = times.map((atMs) => ({
    topic: salesTopic,
    key: Buffer.from(String(storeId)),
    value: Buffer.from(
      JSON.stringify({
        transaction_id: `${storeId}@${atMs}`,
        store_id: storeId,
        customer_id: 'C',
        event_time: atMs,
        final_amount: 1,
      }),
    ),
  }))
  await log.append(records, { appendedAtMs: times, origin: 'import' })
}

async function runUntilCaughtUp(log: EventLog, warehouse: Warehouse) {
  const reading = createReadingStage(createDecoder({ futureMs: 300_000, zone: 'UTC' }), log)
  await warehouse.claim({ token: 'test', processId: 1, command: 'test', atMs: 0 })
  const recovered = await recover({ log, warehouse, reading, engineOptions, spanSketch, logger: silentLogger })
  const options = {
    epochMs: 1,
    epochRecords: 50,
    snapshotMs: 60_000,
    idleMs: 0,
    windowSizeMs: minute,
    latenessMs: 10 * minute,
    finalRowsOnly: false,
  }
  const parts = { log, warehouse, reading, recovered, token: 'test', options, clock: systemClock, logger: silentLogger }
  const pipeline = createPipeline({ ...parts, probe: createProbe<PipelineFacts>() })
  pipeline.start()
  await pipeline.waitUntilCommitted(log.describe().endSequence)
  await pipeline.stop(0)
  return { counters: pipeline.counters, watermarkMs: pipeline.progress.watermarkMs }
}

it.each<readonly [string, () => EventLog]>([
  ['in the log’s own order', () => createMemoryLog({ partitions: 4 })],
  ['in the order of the ledger', () => createLedgerLog(4, createRandom(3, 'fetches'))],
])('a partition that was silent for two hours wakes with old data, %s', async (_, createLog) => {
  const log = createLog()
  const warehouse = createMemoryWarehouse({ sketch: windowSketch, tables: createMemoryTables() })
  await sell(log, 1, noon - 120 * minute, noon)
  const before = await runUntilCaughtUp(log, warehouse)
  expect(before.watermarkMs).toBe(noon - 11 * minute)

  await sell(log, 7, noon - 120 * minute, noon)
  const woken = await runUntilCaughtUp(log, warehouse)
  // Its last eleven minutes find their windows open; what is older is late, and its time moves nothing.
  expect(woken.watermarkMs).toBe(before.watermarkMs)
  expect(woken.counters.perTopic[salesTopic]).toMatchObject({ received: 240, counted: 131, late: 109 })
  expect((await warehouse.sumLedgers()).late).toMatchObject([{ storeId: 7, records: 109, cents: 10_900n }])

  await sell(log, 1, noon, noon + minute)
  const after = await runUntilCaughtUp(log, warehouse)
  expect(after.watermarkMs).toBe(noon - 10 * minute)
  expect(after.counters.perTopic[salesTopic]).toMatchObject({ received: 241, counted: 132, late: 109 })

  // Without a snapshot, going over the log again finds the same.
  const forgetful: Warehouse = { ...warehouse, loadSnapshots: async () => [] }
  expect(await runUntilCaughtUp(log, forgetful)).toEqual(after)
})
