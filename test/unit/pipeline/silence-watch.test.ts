import { expect, it, onTestFinished, vi } from 'vitest'
import { silentLogger } from '../../../core/base/logger.ts'
import { createProbe } from '../../../core/base/probe.ts'
import { createAlertBook } from '../../../core/metrics/alerts.ts'
import type { PipelineFacts } from '../../../core/pipeline/pipeline.ts'
import { formatGap, readSalesHistory, watchForSilence } from '../../../core/pipeline/silence-watch.ts'
import { createManualClock } from '../../support/clock.ts'
import { makeLiveEpoch } from '../../support/live-sales.ts'

const startMs = Date.UTC(2026, 0, 5, 8)
/** Open round the clock. */
const profile = { city: 'Oslo', zone: 'Europe/Oslo', sizeClass: 'small', opensAtMinute: 0, closesAtMinute: 0 } as const

/** A watched pipeline: `live` lets seconds go by, with a sale of each store every ten. */
function watchStores(knowsHours = true): {
  readonly alerts: ReturnType<typeof createAlertBook>
  readonly live: (seconds: number, storeIds: readonly number[]) => Promise<void>
} {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const clock = createManualClock(startMs)
  const probe = createProbe<PipelineFacts>()
  const alerts = createAlertBook()
  const directory = {
    find: (id: number) => (knowsHours ? { ...profile, id, name: `Store ${id}` } : null),
    nameOf: (id: number) => `Store ${id}`,
    list: async () => [],
    note: () => undefined,
  }
  const ask = async (): Promise<readonly []> => []
  const watch = watchForSilence({
    probe,
    alerts,
    clock,
    logger: silentLogger,
    ask,
    directory,
    windowSizeMs: 60_000,
    leastMs: 300_000,
  })
  onTestFinished(watch.stop)
  return {
    alerts,
    async live(seconds, storeIds) {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000)
        const atMs = clock.nowMs()
        const isTime = Math.floor(atMs / 1_000) % 10 === 0
        probe.emit('committed', makeLiveEpoch(isTime ? storeIds.map((storeId) => ({ storeId, atMs })) : [], atMs))
        await vi.advanceTimersByTimeAsync(1_000)
      }
    },
  }
}

it('raises an alert that names the store, and resolves it at the next sale', async () => {
  const { alerts, live } = watchStores()
  await live(1_200, [1, 2])
  expect(alerts.list()).toEqual([])
  await live(310, [2])
  expect(alerts.list()).toMatchObject([
    {
      id: 'silent-store/1',
      kind: 'silent-store',
      severity: 'critical',
      storeId: 1,
      message: 'Store 1 is silent: no sale for 5 min, usual gap 10 s',
    },
  ])
  const [alert] = alerts.list()
  // Noticed five minutes after the last sale, which is where it began.
  const beganMs = Date.parse(alert?.beganAt ?? '')
  expect(Date.parse(alert?.since ?? '') - beganMs).toBeGreaterThanOrEqual(300_000)
  expect(beganMs % 10_000).toBe(0)
  await live(120, [2])
  expect(alerts.list()).toMatchObject([{ message: expect.stringContaining('no sale for 7 min'), since: alert?.since }])
  await live(15, [1, 2])
  expect(alerts.list()).toEqual([])
  expect(alerts.listPast(10)).toMatchObject([{ alert: { id: 'silent-store/1', since: alert?.since } }])
  expect(alerts.listPast(10)[0]?.resolvedAtMs).toBeGreaterThan(startMs)
})

it('says of a store whose hours nobody knows yet that it may have closed', async () => {
  const { alerts, live } = watchStores(false)
  await live(1_200, [1, 2])
  await live(310, [2])
  expect(alerts.list()).toMatchObject([
    {
      severity: 'warning',
      message: 'Store 1 is silent: no sale for 5 min, usual gap 10 s; it may have closed, its hours are not known yet',
    },
  ])
})

it('puts what goes beyond fifty silent stores into one alert', async () => {
  const { alerts, live } = watchStores()
  const many = Array.from({ length: 60 }, (_, index) => index + 1)
  await live(1_200, [...many, 100])
  await live(320, [100])
  expect(alerts.list()).toHaveLength(51)
  expect(alerts.list().at(-1)).toMatchObject({ message: '10 more stores are silent' })
  await live(15, [...many, 100])
  expect(alerts.list()).toEqual([])
})

it('reads a day of sales by store and hour', async () => {
  const hour = startMs / 3_600_000
  const atMs = startMs + 1_800_000
  const rows = [[7, `${hour - 23}:5,${hour - 1}:40,${hour}:20`, startMs + 1_740_000]]
  const history = await readSalesHistory(async () => rows, atMs, 60_000)
  expect(history.untilMs).toBe(atMs)
  expect(history.stores).toMatchObject([{ storeId: 7, recent: 60, recentMs: 9_000_000, lastMs: atMs }])
  expect(history.stores[0]?.perHour).toEqual(
    Array.from({ length: 24 }, (_, index) => (index === 7 ? 40 : index === 9 ? 5 : 0)),
  )
  expect(history.isSeen.filter(Boolean)).toHaveLength(2)
})

it('writes gaps as people say them', () => {
  expect([400, 74_000, 540_000, 10_800_000].map(formatGap)).toEqual(['1 s', '74 s', '9 min', '3 h'])
})
