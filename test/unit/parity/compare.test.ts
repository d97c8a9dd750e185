import { expect, it } from 'vitest'
import { chooseBest, compareRows, type TableRow } from '../../../core/parity/compare.ts'
import { readDecimal, subtractDecimals, writeCents } from '../../../core/parity/decimal.ts'
import type { ReplayedWindow } from '../../../core/parity/replay.ts'
import { summarize } from '../../../core/warehouse/summary.ts'

const minute = 60_000

const window = (storeId: number, more: Partial<ReplayedWindow> = {}): ReplayedWindow => ({
  storeId,
  startMs: 0,
  endMs: minute,
  transactions: 3,
  cents: 1_000n,
  customers: 2,
  lateSales: 0,
  isFinal: true,
  ...more,
})

const row = (storeId: number, more: Partial<TableRow> = {}): TableRow => ({
  storeId,
  startMs: 0,
  endMs: minute,
  transactions: 3,
  revenue: '10.00',
  customers: 2,
  average: '3.33',
  ...more,
})

const compare = (
  windows: readonly ReplayedWindow[],
  table: readonly TableRow[],
  { mode = 'append', rejected = 0 }: { readonly mode?: 'append' | 'update'; readonly rejected?: number } = {},
) => {
  const refs = [{ topic: 'retail-transactions', partition: 0, offset: 7 } as const]
  const touched = new Map(rejected > 0 ? [['0/1', { records: rejected, refs }]] : [])
  return compareRows({ windows, table, touched, mode, summarize })
}

const nothing = { windows: 0, same: 0, lateInSpark: 0, missing: 0, extra: 0, differs: 0, rejectedByUs: 0 }

it('finds rows the same whatever their decimals are written like', () => {
  const table = [row(1), row(2, { revenue: '10', average: '3.330' }), row(3, { revenue: '10.0' })]
  expect(compare([window(1), window(2), window(3)], table).counts).toEqual({ ...nothing, windows: 3, same: 3 })
})

it.each<readonly [more: Partial<TableRow>, column: string, table: string | null, by: string | null]>([
  [{ transactions: 4 }, 'total_transactions', '4', '1'],
  [{ transactions: null }, 'total_transactions', null, null],
  [{ revenue: '9.99' }, 'total_revenue', '9.99', '-0.01'],
  [{ revenue: null }, 'total_revenue', null, null],
  [{ revenue: '10.005' }, 'total_revenue', '10.005', '0.005'],
  [{ revenue: 'NaN' }, 'total_revenue', 'NaN', null],
  [{ customers: 1 }, 'unique_customers', '1', '-1'],
  [{ average: '3.34' }, 'avg_transaction_value', '3.34', '0.01'],
  [{ endMs: 2 * minute }, 'window_end', '1970-01-01T00:02:00.000Z', '60000 ms'],
])('tells the column and by how much: %j', (more, column, table, by) => {
  const { counts, differences } = compare([window(1)], [row(1, more)])
  expect(counts).toEqual({ ...nothing, windows: 1, differs: 1 })
  expect(differences[0]?.columns).toMatchObject([{ column, table, by }])
})

it('tells missing and extra rows, and a second row of one window and store as extra', () => {
  const { counts, differences } = compare([window(1), window(2)], [row(2), row(2), row(3)])
  expect(counts).toEqual({ ...nothing, windows: 4, same: 1, missing: 1, extra: 2 })
  expect(differences.map(({ outcome, storeId }) => [outcome, storeId])).toEqual([
    ['missing', 1],
    ['extra', 2],
    ['extra', 3],
  ])
})

it('wants open windows in update mode, and none of them in append mode', () => {
  const windows = [window(1, { isFinal: false }), window(2)]
  expect(compare(windows, [row(2)]).counts).toEqual({ ...nothing, windows: 1, same: 1 })
  expect(compare(windows, [row(2)], { mode: 'update' }).counts).toMatchObject({ same: 1, missing: 1 })
  expect(compare(windows, [row(1), row(2)]).counts).toMatchObject({ same: 1, extra: 1 })
  expect(compare(windows, [row(1), row(2)], { mode: 'update' }).counts).toMatchObject({ same: 2 })
})

it('tells rows of which Spark dropped every sale, and finds one that is there all the same extra', () => {
  const late = window(1, { transactions: 0, cents: 0n, customers: 0, lateSales: 2 })
  expect(compare([late], []).counts).toEqual({ ...nothing, windows: 1, lateInSpark: 1 })
  expect(compare([late], [row(1)]).counts).toEqual({ ...nothing, windows: 1, extra: 1 })
})

it('wants no money where the table cannot hold it', () => {
  const windows = [window(1, { cents: 1_000_000_000_000n })]
  expect(compare(windows, [row(1, { revenue: null, average: null })]).counts).toMatchObject({ same: 1 })
  expect(compare(windows, [row(1, { revenue: '10000000000.00', average: null })]).counts).toMatchObject({ differs: 1 })
})

it.each<readonly [title: string, table: readonly TableRow[], windows: readonly ReplayedWindow[], outcome: string]>([
  ['a row with as many more as there are', [row(1, { transactions: 5 })], [window(1)], 'rejectedByUs'],
  ['a row with more than there are', [row(1, { transactions: 6 })], [window(1)], 'differs'],
  ['a row with as many as ours', [row(1, { revenue: '11.00' })], [window(1)], 'differs'],
  ['a row with fewer', [row(1, { transactions: 2 })], [window(1)], 'differs'],
  ['a row of them alone', [row(1, { transactions: 2 })], [], 'rejectedByUs'],
  ['a row that is not there', [], [window(1)], 'missing'],
])('looks for records we reject in %s', (_, table, windows, outcome) => {
  const { differences } = compare(windows, table, { rejected: 2 })
  expect(differences[0]).toMatchObject({ outcome, rejected: [{ offset: 7 }] })
})

it('chooses the comparison with the fewest problems, the first of equals', () => {
  const windows = [window(1, { isFinal: false }), window(2)]
  const both = (table: readonly TableRow[]) => [compare(windows, table), compare(windows, table, { mode: 'update' })]
  expect(chooseBest(both([row(2)]))?.mode).toBe('append')
  expect(chooseBest(both([row(1), row(2)]))?.mode).toBe('update')
  expect(chooseBest(both([row(1), row(2), row(3)]))?.mode).toBe('update')
})

it('reads and subtracts decimals exactly', () => {
  expect(['1', '+1.5', '-0.10', '007.000', '.5', '1e3', 'x'].map((text) => readDecimal(text)?.text)).toEqual([
    '1.00',
    '1.50',
    '-0.10',
    '7.00',
    undefined,
    undefined,
    undefined,
  ])
  const subtract = (one: string, other: string): string | null => {
    const [left, right] = [readDecimal(one), readDecimal(other)]
    return left && right ? subtractDecimals(left, right) : null
  }
  expect([subtract('0.1', '0.3'), subtract('3', '1'), subtract('-1.5', '1.005')]).toEqual(['-0.20', '2', '-2.505'])
  expect([writeCents(-5n), writeCents(0n), writeCents(123_456n)]).toEqual(['-0.05', '0.00', '1234.56'])
})
