import { expect, it } from 'vitest'
import { summarize } from '../../../core/warehouse/summary.ts'

it.each([
  [100n, 3, 33n],
  [200n, 3, 67n],
  [5n, 2, 3n],
  [-5n, 2, -3n],
  [-1n, 3, 0n],
  [1n, 2, 1n],
  [-1n, 2, -1n],
  [0n, 7, 0n],
  [999_999_999_999n, 1, 999_999_999_999n],
])('divides %d cents over %d sales as %d, half away from zero', (cents, transactions, averageCents) => {
  expect(summarize(cents, transactions)).toEqual({ revenueCents: cents, averageCents })
})

it.each([1_000_000_000_000n, -1_000_000_000_000n, 10n ** 30n])('has no money for %d cents', (cents) => {
  expect(summarize(cents, 2)).toEqual({ revenueCents: null, averageCents: null })
})
