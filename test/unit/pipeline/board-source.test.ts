import { expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { Fault } from '../../../core/base/fault.ts'
import { spanSketch } from '../../../core/base/span-sketch.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { createAlertBook } from '../../../core/metrics/alerts.ts'
import { createMetrics } from '../../../core/metrics/metrics.ts'
import { createBoardSource } from '../../../core/pipeline/board-source.ts'
import { createEngine } from '../../../core/stream/engine.ts'
import { createMemoryWarehouse } from '../../../core/warehouse/memory/memory-warehouse.ts'
import { makeCounters } from '../../support/warehouse-commits.ts'

it('keeps the newest board as the last one, whichever was drawn first', async () => {
  const log = createMemoryLog({ partitions: 1 })
  const warehouse = createMemoryWarehouse({ sketch: windowSketch })
  await warehouse.migrate()
  const engine = createEngine(
    { windowSizeMs: 60_000, latenessMs: 0, duplicates: 'drop', maxIds: 1_000, sketch: windowSketch },
    null,
  )
  let received = 0
  let isStopped = false
  const held: (() => void)[] = []
  const readBoard = createBoardSource({
    profile: 'local',
    log,
    clock: systemClock,
    alerts: createAlertBook(),
    findRunning: () => ({
      warehouse,
      recovered: {
        engine,
        metrics: createMetrics(spanSketch, null),
        reader: log.openReader([]),
        progress: null,
        reread: 0,
        wholeSpan: { fromMs: 0 },
      },
      pipeline: {
        start: () => undefined,
        stop: async () => undefined,
        waitUntilCommitted: async () => undefined,
        fail: () => undefined,
        readmit: async () => undefined,
        progress: { epoch: 1, untilSequence: 0, watermarkMs: null, oldestPendingMs: null },
        counters: makeCounters(received),
        state: 'running',
        reason: null,
        finished: Promise.resolve(),
      },
    }),
    isStopped: () => isStopped,
    findTrouble: () => null,
    onDamaged: () => undefined,
    findStats: () => null,
    // The first board asks a table that takes its time.
    findTable: () =>
      received === 0 ? new Promise((resolve) => held.push(() => resolve(null))) : Promise.resolve(null),
    lookPassively: () => Promise.reject(new Error('nothing is recovered here')),
    findObstacle: () => null,
  })

  const slow = readBoard()
  received = 500
  const quick = await readBoard()
  for (const letGo of held) letGo()
  const late = await slow
  isStopped = true
  expect(late.records).not.toEqual(quick.records)
  expect((await readBoard()).records).toEqual(quick.records)
})

it('says on a board without numbers what somebody has to decide first', async () => {
  const readBoard = createBoardSource({
    profile: 'process',
    log: createMemoryLog({ partitions: 1 }),
    clock: systemClock,
    alerts: createAlertBook(),
    findRunning: () => null,
    isStopped: () => false,
    findStats: () => null,
    findTable: async () => null,
    findTrouble: () => null,
    onDamaged: () => undefined,
    lookPassively: () => Promise.reject(new Error('there is nothing to recover from')),
    findObstacle: () => new Fault('schema-missing', 'database retail has no schema of Storepulse yet'),
  })
  expect(await readBoard()).toMatchObject({
    state: 'faulted',
    reason: 'database retail has no schema of Storepulse yet',
    epoch: 0,
    records: { received: 0, counted: 0 },
    revenueLastHour: '0.00',
    warehouse: { windows: 0, latestWindow: null },
  })
})
