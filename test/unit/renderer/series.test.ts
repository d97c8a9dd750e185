import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Series } from '../../../core/protocol/views.ts'
import { ranges, spanAt, spanOf, stepOf } from '../../../renderer/stores/range.ts'
import { expectLast, layOut, overlaySeries, sumSeries } from '../../../renderer/stores/series.ts'

const minute = 60_000

const makeSeries = (startMinutes: readonly number[], value = 1, final = true): Series => ({
  stepMs: minute,
  startMs: startMinutes.map((start) => start * minute),
  transactions: startMinutes.map(() => value),
  cents: startMinutes.map((start) => start * 100 + value),
  final: startMinutes.map(() => final),
})

it('lays newer minutes over those that were fetched, and keeps the others', () => {
  const merged = overlaySeries(makeSeries([1, 2, 3, 9]), makeSeries([3, 4], 5))
  expect(merged.startMs).toEqual([1, 2, 3, 4, 9].map((start) => start * minute))
  expect(merged.transactions).toEqual([1, 1, 5, 5, 1])
})

it('keeps what was fetched when nothing newer came', () => {
  const fetched = makeSeries([1, 2])
  expect(overlaySeries(fetched, makeSeries([]))).toBe(fetched)
})

it('gives every step of a span a place, those without a sale as zero', () => {
  const span = { fromMs: 0, untilMs: 10 * minute, stepMs: 5 * minute }
  const { transactions, cents } = layOut([makeSeries([0, 1, 6])], span, null)
  expect(transactions).toEqual([2, 1])
  expect(cents).toEqual([1 + 101, 601])
})

it('leaves out what lies outside of the span', () => {
  const span = { fromMs: 5 * minute, untilMs: 6 * minute, stepMs: minute }
  expect(layOut([makeSeries([4, 5, 6])], span, null).transactions).toEqual([1])
})

it('calls a step final when all its windows are, and an empty one when the watermark has passed it', () => {
  const span = { fromMs: 0, untilMs: 8 * minute, stepMs: 2 * minute }
  const parts = [makeSeries([0, 1]), makeSeries([2], 1, true), makeSeries([3], 1, false)]
  expect(layOut(parts, span, 6 * minute).final).toEqual([true, false, true, false])
})

it('loses and invents nothing on the way from minutes to steps', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 119 })),
      fc.constantFrom(1, 2, 5, 15),
      fc.integer({ min: 1, max: 50 }),
      (starts, stepMinutes, value) => {
        const series = makeSeries(
          starts.toSorted((left, right) => left - right),
          value,
        )
        const span = { fromMs: 0, untilMs: 120 * minute, stepMs: stepMinutes * minute }
        const { transactions, cents } = layOut([series], span, null)
        const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0)
        expect({ transactions: sum(transactions), cents: sum(cents) }).toEqual(sumSeries(series))
      },
    ),
  )
})

it('expects of a running step what it has and the pace of those before for the rest', () => {
  expect(expectLast([10, 10, 10, 4], 0.5)).toBe(4 + 5)
  expect(expectLast([10, 4], 1)).toBe(4)
  expect(expectLast([4], 0.5)).toBeNull()
})

it('spans whole steps up to the running one, whatever the window', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ranges),
      fc.constantFrom(5_000, minute, 7 * minute, 3_600_000),
      fc.integer({ min: 1, max: 2e12 }),
      (range, windowMs, nowMs) => {
        const { fromMs, untilMs, stepMs } = spanAt(range, windowMs, nowMs)
        expect(stepMs % windowMs).toBe(0)
        expect((untilMs - fromMs) % stepMs).toBe(0)
        expect(untilMs).toBeGreaterThan(nowMs)
        expect(untilMs - nowMs).toBeLessThanOrEqual(stepMs)
      },
    ),
  )
})

it('draws at most about a hundred steps', () => {
  for (const range of ranges) expect(spanOf(range) / stepOf(range, minute)).toBeLessThanOrEqual(100)
})
