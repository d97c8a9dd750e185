import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createBucketTable } from '../../../core/base/bucket-table.ts'

it('closes buckets in ascending order, whatever the order they were opened in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 60 }), (numbers) => {
      const table = createBucketTable()
      for (const number of numbers) table.enter(number)
      const expected = [...new Set(numbers)].sort((left, right) => left - right)
      const closed: (readonly [number | null, number])[] = []
      while (table.lowest() !== null) closed.push([table.lowest(), table.closeLowest()])
      expect(closed).toEqual(expected.map((bucket) => [bucket, numbers.filter((other) => other === bucket).length]))
      expect(table.closeLowest()).toBe(0)
    }),
  )
})

it('gives a reopened bucket another id while old entries remain', () => {
  const table = createBucketTable()
  const first = table.enter(7)
  table.closeBelow(8)
  const second = table.enter(7)
  expect(second).not.toBe(first)
  expect([table.isClosed(first), table.isClosed(second)]).toEqual([true, false])
})

it('reuses an id once its last entry has gone', () => {
  const table = createBucketTable()
  const first = table.enter(1)
  expect(table.enter(1)).toBe(first)
  expect(table.closeBelow(2)).toBe(2)
  table.release(first)
  expect(table.enter(2)).not.toBe(first)
  table.release(first)
  expect(table.enter(3)).toBe(first)
  expect(table.isClosed(first)).toBe(false)
})

it('lists what is open with its entries', () => {
  const table = createBucketTable()
  for (const bucket of [5, 3, 5, 4]) table.enter(bucket)
  table.closeBelow(4)
  expect(table.listOpen().map(({ bucket, entries }) => [bucket, entries])).toEqual([
    [4, 1],
    [5, 2],
  ])
})
