import { expect, it } from 'vitest'
import { createGenerator } from '../../../core/generator/create-generator.ts'
import { noDisorder } from '../../../core/generator/incidents.ts'
import { listStores } from '../../../core/generator/world.ts'
import { createOpenCheck } from '../../../core/metrics/opening-hours.ts'
import { createSilenceDetector } from '../../../core/metrics/silence.ts'
import type { SalesHistory } from '../../../core/metrics/store-rhythm.ts'
import { makeLiveEpoch } from '../../support/live-sales.ts'

const hourMs = 3_600_000
const stepMs = 5_000
const fromMs = Date.UTC(2026, 10, 20)

/** What the windows of the day before an instant say, of sales by store and hour. */
function describeDay(
  sold: ReadonlyMap<string, number>,
  lastMs: ReadonlyMap<number, number>,
  atMs: number,
): SalesHistory {
  const thisHour = Math.floor(atMs / hourMs)
  const count = (storeId: number, hour: number): number => sold.get(`${storeId} ${hour}`) ?? 0
  const stores = [...lastMs].map(([storeId, latestMs]) => {
    const perHour = Array.from({ length: 24 }, () => 0)
    for (let hour = thisHour - 24; hour < thisHour; hour += 1) perHour[hour % 24] = count(storeId, hour)
    const recent = count(storeId, thisHour - 2) + count(storeId, thisHour - 1)
    return { storeId, perHour, recent, recentMs: 2 * hourMs, lastMs: latestMs }
  })
  const isSeen = Array.from({ length: 24 }, (_, hour) => stores.some(({ perHour }) => (perHour[hour] ?? 0) > 0))
  return { untilMs: atMs, isSeen, stores }
}

/**
 * Days of the generated world, opening hours and rhythms included: which stores were found silent after the first
 * `judgedFrom` hours.
 */
function watchWorld(
  hours: number,
  isSilenced: (storeId: number, atMs: number) => boolean,
  { knowsHours = true, judgedFrom = 0, rate = 1 } = {},
): ReadonlySet<number> {
  const rates = { 'retail-transactions': rate, 'customer-events': 0, 'inventory-updates': 0 }
  const options = { seed: 1, rate, rates, stores: 10, shape: 'flat' as const, disorder: noDisorder }
  const generator = createGenerator(options, fromMs)
  const profiles = new Map(listStores(1, 10).map((store) => [store.id, store]))
  const isOpen = createOpenCheck((id) => (knowsHours ? (profiles.get(id) ?? null) : null))
  const detector = createSilenceDetector({ isOpen, knowsHours: () => knowsHours, leastMs: 300_000 })
  const found = new Set<number>()
  const sold = new Map<string, number>()
  const lastMs = new Map<number, number>()
  for (let atMs = fromMs + stepMs; atMs < fromMs + hours * hourMs; atMs += stepMs) {
    const sales = generator.advance(atMs, 1_000_000).flatMap(({ sentAtMs, value }) => {
      const { store_id: storeId } = JSON.parse(Buffer.from(value ?? []).toString())
      return isSilenced(Number(storeId), sentAtMs) ? [] : [{ storeId: Number(storeId), atMs: sentAtMs }]
    })
    for (const sale of sales) {
      const key = `${sale.storeId} ${Math.floor(sale.atMs / hourMs)}`
      sold.set(key, (sold.get(key) ?? 0) + 1)
      lastMs.set(sale.storeId, sale.atMs)
    }
    if (atMs % hourMs === 0 && atMs >= fromMs + 24 * hourMs) detector.learn(describeDay(sold, lastMs, atMs))
    detector.observe(makeLiveEpoch(sales, atMs))
    detector.tick(atMs)
    if (atMs < fromMs + judgedFrom * hourMs) continue
    for (const { storeId } of detector.listSilent()) found.add(storeId)
  }
  return found
}

it('takes no night, weekend or closing hour of the generated world for silence', () => {
  expect(watchWorld(72, () => false)).toEqual(new Set())
})

it('finds the store that vanishes from it', () => {
  expect(watchWorld(14, (storeId, atMs) => storeId === 1 && atMs > fromMs + 13 * hourMs)).toEqual(new Set([1]))
})

it('learns within a day when stores close whose hours nobody has told', () => {
  const learned = { knowsHours: false, judgedFrom: 36, rate: 0.4 }
  expect(watchWorld(60, () => false, learned)).toEqual(new Set())
  const isGone = (storeId: number, atMs: number): boolean => storeId === 1 && atMs > fromMs + 37 * hourMs
  expect(watchWorld(40, isGone, learned)).toEqual(new Set([1]))
})
