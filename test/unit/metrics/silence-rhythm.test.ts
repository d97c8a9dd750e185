import { expect, it } from 'vitest'
import { createGenerator } from '../../../core/generator/create-generator.ts'
import { noDisorder } from '../../../core/generator/incidents.ts'
import { listStores } from '../../../core/generator/world.ts'
import { createOpenCheck } from '../../../core/metrics/opening-hours.ts'
import { createSilenceDetector } from '../../../core/metrics/silence.ts'
import { makeLiveEpoch } from '../../support/live-sales.ts'

const hourMs = 3_600_000
const stepMs = 5_000
const fromMs = Date.UTC(2026, 10, 20)

/** Days of the generated world, opening hours and rhythms included: which stores were ever found silent. */
function watchWorld(hours: number, isSilenced: (storeId: number, atMs: number) => boolean): ReadonlySet<number> {
  const rates = { 'retail-transactions': 1, 'customer-events': 0, 'inventory-updates': 0 }
  const options = { seed: 1, rate: 1, rates, stores: 10, shape: 'flat' as const, disorder: noDisorder }
  const generator = createGenerator(options, fromMs)
  const profiles = new Map(listStores(1, 10).map((store) => [store.id, store]))
  const isOpen = createOpenCheck((id) => profiles.get(id) ?? null)
  const detector = createSilenceDetector({ isOpen, leastMs: 300_000 })
  const found = new Set<number>()
  for (let atMs = fromMs + stepMs; atMs < fromMs + hours * hourMs; atMs += stepMs) {
    const sales = generator.advance(atMs, 1_000_000).flatMap(({ sentAtMs, value }) => {
      const { store_id: storeId } = JSON.parse(Buffer.from(value ?? []).toString())
      return isSilenced(Number(storeId), sentAtMs) ? [] : [{ storeId: Number(storeId), atMs: sentAtMs }]
    })
    detector.observe(makeLiveEpoch(sales, atMs))
    detector.tick(atMs)
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
