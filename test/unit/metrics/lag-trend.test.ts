import { expect, it } from 'vitest'
import { createLagTrend } from '../../../core/metrics/lag-trend.ts'

it('tells nothing before it has seen a few seconds', () => {
  const trend = createLagTrend()
  trend.note(0, 100)
  trend.note(1_000, 50)
  expect(trend.forecast()).toEqual({ changePerSecond: null, etaSeconds: null })
})

it('says when a lag that shrinks will be gone', () => {
  const trend = createLagTrend()
  for (let second = 0; second <= 30; second += 1) trend.note(second * 1_000, 10_000 - second * 200)
  const { changePerSecond, etaSeconds } = trend.forecast()
  expect(changePerSecond).toBeCloseTo(-200)
  expect(etaSeconds).toBeCloseTo(20)
})

it('gives no end to a lag that grows or stands', () => {
  const trend = createLagTrend()
  for (let second = 0; second <= 10; second += 1) trend.note(second * 1_000, 500 + second * 30)
  expect(trend.forecast().changePerSecond).toBeCloseTo(30)
  expect(trend.forecast().etaSeconds).toBeNull()
})

it('looks at the last minute only', () => {
  const trend = createLagTrend()
  for (let second = 0; second <= 200; second += 1)
    trend.note(second * 1_000, second < 100 ? second * 100 : 20_000 - second * 50)
  expect(trend.forecast().changePerSecond).toBeCloseTo(-50)
})

it('is done where nothing is left, and begins anew after a jump of the clock', () => {
  const trend = createLagTrend()
  for (let second = 10; second <= 20; second += 1) trend.note(second * 1_000, 20 - second)
  expect(trend.forecast().etaSeconds).toBe(0)
  trend.note(5_000, 40)
  expect(trend.forecast()).toEqual({ changePerSecond: null, etaSeconds: null })
})
