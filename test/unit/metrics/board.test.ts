import { expect, it } from 'vitest'
import { formatCents } from '../../../core/metrics/board.ts'
import { createSlidingCounts, createSlidingLatency } from '../../../core/metrics/sliding.ts'

it.each([
  [0, '0.00'],
  [5, '0.05'],
  [-5, '-0.05'],
  [12_345, '123.45'],
  [-100, '-1.00'],
  [10_000_000_000_000_001n, '100000000000000.01'],
])('writes %s cents as %s', (cents, text) => {
  expect(formatCents(cents)).toBe(text)
})

it('summarises latencies of the last minute, and says null without a sample', () => {
  const latency = createSlidingLatency()
  expect(latency.summary(0)).toEqual({ avg: null, p50: null, p95: null, p99: null, max: null })
  for (let ms = 1; ms <= 100; ms += 1) latency.record(ms, 10_000)
  const { avg, p50, p95, p99, max } = latency.summary(10_000)
  expect(avg).toBe(50.5)
  expect(max).toBe(100)
  for (const [value, exact] of [
    [p50, 50],
    [p95, 95],
    [p99, 99],
  ] as const) {
    expect(Math.abs((value ?? 0) - exact) / exact).toBeLessThan(0.02)
  }
  expect(latency.summary(80_000).p50).toBeNull()
})

it('sums counts over a span and tells since when', () => {
  const counts = createSlidingCounts(60_000, [])
  counts.add(1_000, 5, 1)
  counts.add(2_500, 5, 0)
  expect(counts.sums(3_000, 60_000)).toEqual({ first: 10, second: 1, sinceMs: 1_000 })
  expect(counts.sums(61_500, 60_000)).toEqual({ first: 5, second: 0, sinceMs: 2_000 })
})
