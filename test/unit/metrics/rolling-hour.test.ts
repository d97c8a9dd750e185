import { expect, it } from 'vitest'
import { spanSketch } from '../../../core/base/span-sketch.ts'
import type { CountedSale } from '../../../core/events/epoch.ts'
import { createRollingHour } from '../../../core/metrics/rolling-hour.ts'

const noon = Date.UTC(2025, 0, 6, 12)
const minute = 60_000
const hour = 60 * minute

const sale = (at: number, customer = 1, more: Partial<CountedSale> = {}): CountedSale => ({
  storeId: 1,
  eventTimeMs: at,
  appendedAtMs: at,
  cents: 100,
  customerHashHigh: customer,
  customerHashLow: customer,
  live: true,
  ...more,
})

it('is empty without a sale', () => {
  const totals = createRollingHour(spanSketch, null).totals(noon)
  expect(totals).toEqual({ sales: 0, cents: 0, customers: 0, stores: 0, minutesCovered: 0 })
})

it('sums the sales of (now − 60 min, now] and forgets older ones', () => {
  const rolling = createRollingHour(spanSketch, null)
  for (const at of [noon - hour - 1_000, noon - hour, noon - hour + 1_000, noon]) rolling.add(sale(at))
  expect(rolling.totals(noon)).toMatchObject({ sales: 2, cents: 200, minutesCovered: 60 })
  expect(rolling.totals(noon + 2 * hour)).toMatchObject({ sales: 0, stores: 0, customers: 0 })
})

it('holds sales ahead of now until now has reached them', () => {
  const rolling = createRollingHour(spanSketch, null)
  rolling.add(sale(noon + 5_000))
  expect(rolling.totals(noon).sales).toBe(0)
  expect(rolling.totals(noon + 5_000).sales).toBe(1)
})

it('counts distinct customers and stores', () => {
  const rolling = createRollingHour(spanSketch, null)
  for (let index = 0; index < 600; index += 1) {
    rolling.add(sale(noon - index * 1_000, index % 200, { storeId: 1 + (index % 3) }))
  }
  expect(rolling.totals(noon)).toMatchObject({ customers: 200, stores: 3, sales: 600 })
})

it('covers the minutes since the first sale', () => {
  const rolling = createRollingHour(spanSketch, null)
  rolling.add(sale(noon))
  expect(rolling.totals(noon + 5 * minute).minutesCovered).toBe(5)
})

it('goes on where it was saved', () => {
  const rolling = createRollingHour(spanSketch, null)
  for (let index = 0; index < 3_000; index += 1) rolling.add(sale(noon + index * 1_000, index % 700))
  const saved = JSON.parse(JSON.stringify(rolling.save()))
  const now = noon + 3_000_000
  expect(createRollingHour(spanSketch, saved).totals(now)).toEqual(rolling.totals(now))
})

it('stays bounded over days of sales', () => {
  const rolling = createRollingHour(spanSketch, null)
  for (let at = 0; at < 72 * hour; at += 20_000) rolling.add(sale(noon + at, at))
  const saved = rolling.save()
  expect(saved.seconds.length).toBeLessThan(400)
  expect(saved.slices.length).toBeLessThan(400)
})
