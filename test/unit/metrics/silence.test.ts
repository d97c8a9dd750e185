import { expect, it } from 'vitest'
import { alarmAfter, createSilenceDetector, type SilenceDetector } from '../../../core/metrics/silence.ts'
import type { SalesHistory } from '../../../core/metrics/store-rhythm.ts'
import { drawSales, makeLiveEpoch } from '../../support/live-sales.ts'

const startMs = Date.UTC(2026, 0, 5, 8)
const secondMs = 1_000
const minuteMs = 60_000
const hourMs = 3_600_000

interface Simulated {
  readonly storeId: number
  readonly meanGapMs: number
  /** Sells nothing from then on, until `backMs`. */
  readonly silentFromMs?: number
  readonly backMs?: number
}

type Alarms = Map<number, number[]>

/** Lets stores sell from `fromMs` to `untilMs`, a tick a second; gives when each was found silent. */
function simulate(
  detector: SilenceDetector,
  stores: readonly Simulated[],
  fromMs: number,
  untilMs: number,
  stepMs = secondMs,
): Alarms {
  const alarms: Alarms = new Map()
  const known = new Set<number>()
  const streams = stores.map((store) => {
    const sales = drawSales(store.storeId, store.meanGapMs, fromMs)
    return { store, sales, nextMs: sales.next().value ?? 0 }
  })
  for (let atMs = fromMs; atMs < untilMs; atMs += stepMs) {
    const sold: { storeId: number; atMs: number }[] = []
    for (const stream of streams) {
      for (; stream.nextMs <= atMs; stream.nextMs = stream.sales.next().value ?? 0) {
        const { backMs = Number.POSITIVE_INFINITY, silentFromMs = Number.POSITIVE_INFINITY, storeId } = stream.store
        if (stream.nextMs < silentFromMs || stream.nextMs >= backMs) sold.push({ storeId, atMs: stream.nextMs })
      }
    }
    detector.observe(makeLiveEpoch(sold, atMs))
    detector.tick(atMs)
    for (const { storeId } of detector.listSilent()) {
      if (!known.has(storeId)) alarms.set(storeId, [...(alarms.get(storeId) ?? []), atMs])
      known.add(storeId)
    }
    for (const storeId of known) if (detector.silentSince(storeId) === null) known.delete(storeId)
  }
  return alarms
}

const alwaysOpen = (): boolean => true
const knowsHours = alwaysOpen

it('finds a silenced store within its bound, and lets go at its next sale', () => {
  const detector = createSilenceDetector({ isOpen: alwaysOpen, knowsHours, leastMs: 5 * minuteMs })
  const silentFromMs = startMs + 2 * hourMs
  const backMs = silentFromMs + hourMs
  const stores = [
    { storeId: 1, meanGapMs: 30_000, silentFromMs, backMs },
    { storeId: 2, meanGapMs: 20_000 },
  ]
  const alarms = simulate(detector, stores, startMs, backMs + 10 * minuteMs)
  const bound = alarmAfter(86_400_000 / 30_000 + 86_400_000 / 20_000)
  expect([...alarms.keys()]).toEqual([1])
  const [atMs = 0] = alarms.get(1) ?? []
  expect(atMs - silentFromMs).toBeGreaterThan(4 * minuteMs)
  // The learned gap may be half as long again as the true one.
  expect(atMs - silentFromMs).toBeLessThan(1.5 * bound * 30_000 * (1 + 2 / Math.sqrt(50)))
  expect(detector.silentSince(1)).toBeNull()
  expect(detector.usualGap(1)).toBeLessThan(60_000)
})

it('waits at least five minutes, however much a store sells', () => {
  const detector = createSilenceDetector({ isOpen: alwaysOpen, knowsHours, leastMs: 5 * minuteMs })
  const silentFromMs = startMs + 20 * minuteMs
  const alarms = simulate(
    detector,
    [{ storeId: 1, meanGapMs: 500, silentFromMs }],
    startMs,
    silentFromMs + 6 * minuteMs,
  )
  const [atMs = 0] = alarms.get(1) ?? []
  expect(atMs - silentFromMs).toBeGreaterThanOrEqual(5 * minuteMs - secondMs)
  expect(atMs - silentFromMs).toBeLessThan(5 * minuteMs + 3 * secondMs)
})

it('raises no alarm for slow stores over a week', () => {
  const detector = createSilenceDetector({ isOpen: alwaysOpen, knowsHours, leastMs: 5 * minuteMs })
  const stores = Array.from({ length: 20 }, (_, index) => ({ storeId: index + 1, meanGapMs: (index + 1) * minuteMs }))
  expect(simulate(detector, stores, startMs, startMs + 7 * 24 * hourMs, 20_000)).toEqual(new Map())
})

it('does not count the hours in which a store is closed', () => {
  const isOpen = (_: number, atMs: number): boolean => atMs < startMs + hourMs || atMs >= startMs + 11 * hourMs
  const detector = createSilenceDetector({ isOpen, knowsHours, leastMs: 5 * minuteMs })
  const closed = { storeId: 1, meanGapMs: 20_000, silentFromMs: startMs + hourMs, backMs: startMs + 11 * hourMs }
  const other = { storeId: 2, meanGapMs: 60_000 }
  expect(simulate(detector, [closed], startMs, startMs + 12 * hourMs)).toEqual(new Map())
  expect(detector.usualGap(1)).toBeLessThan(40_000)

  const vanished = createSilenceDetector({ isOpen, knowsHours, leastMs: 5 * minuteMs })
  const gone = { storeId: 1, meanGapMs: 20_000, silentFromMs: startMs + hourMs }
  const alarms = simulate(vanished, [gone, other], startMs, startMs + 12 * hourMs)
  const [atMs = 0] = alarms.get(1) ?? []
  expect(atMs).toBeGreaterThan(startMs + 11 * hourMs)
})

it('holds still while nothing comes in at all', () => {
  const detector = createSilenceDetector({ isOpen: alwaysOpen, knowsHours, leastMs: 5 * minuteMs })
  simulate(detector, [{ storeId: 1, meanGapMs: 10_000 }], startMs, startMs + hourMs)
  for (let atMs = startMs + hourMs; atMs < startMs + 3 * hourMs; atMs += secondMs) detector.tick(atMs)
  expect(detector.listSilent()).toEqual([])
  detector.observe(makeLiveEpoch([], startMs + 3 * hourMs))
  detector.tick(startMs + 3 * hourMs)
  expect(detector.listSilent()).toEqual([])
})

const perHour = (sales: (hour: number) => number): number[] => Array.from({ length: 24 }, (_, hour) => sales(hour))

const historyOf = (lastMs: number, recent: number): SalesHistory => ({
  untilMs: startMs,
  isSeen: perHour(() => 1).map(Boolean),
  stores: [{ storeId: 1, perHour: perHour(() => 120), recent, recentMs: 3 * hourMs, lastMs }],
})

it('knows after a restart that a store had vanished before', () => {
  const detector = createSilenceDetector({ isOpen: alwaysOpen, knowsHours, leastMs: 5 * minuteMs })
  detector.observe(makeLiveEpoch([{ storeId: 2, atMs: startMs }], startMs))
  detector.tick(startMs)
  detector.learn(historyOf(startMs - hourMs, 240))
  detector.observe(makeLiveEpoch([{ storeId: 2, atMs: startMs + secondMs }], startMs + secondMs))
  detector.tick(startMs + secondMs)
  expect(detector.listSilent()).toMatchObject([{ storeId: 1, sinceMs: startMs - hourMs }])
  detector.observe(makeLiveEpoch([{ storeId: 1, atMs: startMs + 2 * secondMs }], startMs + 2 * secondMs))
  detector.tick(startMs + 2 * secondMs)
  expect(detector.listSilent()).toEqual([])
})

it('expects no more than the same hour of the day before', () => {
  const quiet: SalesHistory = {
    ...historyOf(startMs, 360),
    stores: [
      {
        storeId: 1,
        perHour: perHour((hour) => (hour >= 8 && hour < 12 ? 1 : 120)),
        recent: 360,
        recentMs: 3 * hourMs,
        lastMs: startMs,
      },
    ],
  }
  const detector = createSilenceDetector({ isOpen: alwaysOpen, knowsHours, leastMs: 5 * minuteMs })
  detector.learn(quiet)
  const alarms = simulate(detector, [{ storeId: 2, meanGapMs: 20_000 }], startMs, startMs + 3 * hourMs)
  expect(alarms.has(1)).toBe(false)
})

it('judges no store of which it has seen less than ten gaps', () => {
  const detector = createSilenceDetector({ isOpen: alwaysOpen, knowsHours, leastMs: 5 * minuteMs })
  const early = { storeId: 1, meanGapMs: 20_000, silentFromMs: startMs + minuteMs }
  const alarms = simulate(detector, [early, { storeId: 2, meanGapMs: 20_000 }], startMs, startMs + 2 * hourMs)
  expect(alarms).toEqual(new Map())
  expect(detector.usualGap(1)).toBeNull()
})

it('asks for more silence the more is sold, so that false alarms stay as rare', () => {
  expect(alarmAfter(0)).toBeCloseTo(Math.log(10_000))
  expect(alarmAfter(288_000_000)).toBeCloseTo(Math.log(2_880_000_000))
})

it('looks at ten thousand stores within a few milliseconds', () => {
  const detector = createSilenceDetector({ isOpen: alwaysOpen, knowsHours, leastMs: 5 * minuteMs })
  const stores = Array.from({ length: 10_000 }, (_, index) => ({ storeId: index + 1, meanGapMs: 10_000 }))
  simulate(detector, stores, startMs, startMs + minuteMs, 5_000)
  const beganMs = performance.now()
  for (let tick = 1; tick <= 20; tick += 1) {
    detector.observe(makeLiveEpoch([], startMs + minuteMs + tick * secondMs))
    detector.tick(startMs + minuteMs + tick * secondMs)
  }
  // A bound far above what it takes, for machines that are busy.
  expect((performance.now() - beganMs) / 20).toBeLessThan(100)
})
