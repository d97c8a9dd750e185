import { expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { Fault } from '../../../core/base/fault.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { createProbe } from '../../../core/base/probe.ts'
import { spanSketch } from '../../../core/base/span-sketch.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { createDecoder } from '../../../core/events/decode.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { createAlertBook } from '../../../core/metrics/alerts.ts'
import type { PipelineFacts } from '../../../core/pipeline/pipeline.ts'
import { createReadingStage } from '../../../core/pipeline/reading.ts'
import { recover } from '../../../core/pipeline/recovery.ts'
import { watchForRestarts } from '../../../core/pipeline/restart-watch.ts'
import { createSupervisor } from '../../../core/pipeline/supervisor.ts'
import { createMemoryTables, createMemoryWarehouse } from '../../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../../core/warehouse/warehouse.ts'
import { createManualClock } from '../../support/clock.ts'

const startMs = Date.UTC(2026, 0, 5, 8)

function watch() {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const clock = createManualClock(startMs)
  const probe = createProbe<PipelineFacts>()
  const alerts = createAlertBook()
  const restarts = watchForRestarts(probe, alerts, clock)
  onTestFinished(restarts.stop)
  return {
    alerts,
    note: (reason: string, what: 'engine' | 'pipeline' = 'pipeline') =>
      restarts.note({ what, reason, atMs: clock.nowMs() }),
    say: (state: 'running' | 'catching-up' | 'paused' | 'faulted') => probe.emit('state', { state, reason: null }),
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000)
        await vi.advanceTimersByTimeAsync(1_000)
      }
    },
  }
}

it('says why it was restarted until it has run steadily for a minute, and the history keeps it', async () => {
  const { alerts, note, pass, say } = watch()
  say('running')
  await pass(120)
  note('it did not answer', 'engine')
  await pass(58)
  expect(alerts.list()).toMatchObject([
    {
      kind: 'restart',
      severity: 'warning',
      message: 'the engine was restarted: it did not answer',
      since: new Date(startMs + 120_000).toISOString(),
    },
  ])
  await pass(3)
  expect(alerts.list()).toEqual([])
  expect(alerts.listPast(9)).toMatchObject([{ alert: { message: 'the engine was restarted: it did not answer' } }])
})

it('counts restarts that follow one another as one, and waits while it is paused', async () => {
  const { alerts, note, pass, say } = watch()
  say('running')
  for (const reason of ['first', 'second']) {
    say('faulted')
    note(reason)
    say('running')
    await pass(30)
  }
  expect(alerts.list()).toMatchObject([{ message: 'the pipeline was restarted 2 times, the last time: second' }])
  say('paused')
  await pass(120)
  expect(alerts.list()).toHaveLength(1)
  say('catching-up')
  await pass(59)
  expect(alerts.list()).toHaveLength(1)
  await pass(2)
  expect(alerts.list()).toEqual([])
  note('third')
  expect(alerts.list()).toMatchObject([{ message: 'the pipeline was restarted: third' }])
  expect(alerts.listPast(9)).toHaveLength(2)
})

it('is told by the supervisor why the pipeline ended', async () => {
  const log = createMemoryLog({ partitions: 1 })
  const reading = createReadingStage(createDecoder({ futureMs: 300_000, zone: 'UTC' }), log)
  const tables = createMemoryTables()
  let failures = 1
  const openWarehouse = async (): Promise<Warehouse> => {
    const warehouse = createMemoryWarehouse({ sketch: windowSketch, tables })
    return {
      ...warehouse,
      async commit(commit) {
        failures -= 1
        if (failures >= 0) throw new Fault('internal', 'a row was cut in two')
        await warehouse.commit(commit)
      },
    }
  }
  const engineOptions = {
    windowSizeMs: 60_000,
    latenessMs: 600_000,
    duplicates: 'drop',
    maxIds: 1_000,
    sketch: windowSketch,
  } as const
  const reasons: string[] = []
  const supervisor = createSupervisor({
    log,
    reading,
    openWarehouse,
    recover: (warehouse) => recover({ log, warehouse, reading, engineOptions, spanSketch, logger: silentLogger }),
    replaceDamaged: async () => undefined,
    async claim(warehouse) {
      await warehouse.claim({ token: 't', processId: 1, command: 'test', atMs: 0 })
      return 't'
    },
    onRestart: ({ message }) => void reasons.push(message),
    options: {
      epochMs: 5,
      epochRecords: 10,
      snapshotMs: 1_000,
      idleMs: 0,
      windowSizeMs: 60_000,
      latenessMs: 600_000,
      finalRowsOnly: false,
    },
    clock: systemClock,
    logger: silentLogger,
    probe: createProbe<PipelineFacts>(),
  })
  onTestFinished(() => supervisor.stop(0))
  await supervisor.start()
  const value = Buffer.from('no event')
  await log.append([{ topic: 'retail-transactions', key: null, value }], { appendedAtMs: 0, origin: 'import' })
  await expect.poll(() => tables.progress?.untilSequence, { timeout: 10_000 }).toBe(1)
  expect(reasons).toEqual(['a row was cut in two'])
})
