import { expect, it } from 'vitest'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { compareTables } from '../../../core/pipeline/views/compare-tables.ts'
import { compareWindows, type ComparedWindow } from '../../../core/pipeline/views/table-difference.ts'
import { emptyCounters } from '../../../core/stream/counters.ts'
import { createMemoryWarehouse } from '../../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../../core/warehouse/warehouse.ts'

const minuteMs = 60_000

const windowAt = (minute: number, storeId: number, changes: Partial<ComparedWindow> = {}): ComparedWindow => ({
  storeId,
  startMs: minute * minuteMs,
  endMs: (minute + 1) * minuteMs,
  transactions: 3,
  cents: 1_999n,
  uniqueCustomers: 2,
  ...changes,
})

it('tells windows that are the same from those that differ or are missing on a side, newest first', () => {
  const here = [windowAt(1, 1), windowAt(1, 2), windowAt(2, 1)]
  const there = [windowAt(1, 1), windowAt(1, 2, { transactions: 4, cents: 2_005n }), windowAt(3, 7)]
  expect(compareWindows({ here, there, finalUntilMs: 10 * minuteMs })).toEqual({
    same: 1,
    differs: 1,
    onlyThere: 1,
    onlyHere: 1,
    open: 0,
    latestThereMs: 3 * minuteMs,
    rows: [
      {
        storeId: 7,
        startMs: 3 * minuteMs,
        outcome: 'only-there',
        columns: [
          { column: 'transactions', here: null, there: '3' },
          { column: 'revenue', here: null, there: '19.99' },
          { column: 'customers', here: null, there: '2' },
        ],
      },
      expect.objectContaining({ storeId: 1, startMs: 2 * minuteMs, outcome: 'only-here' }),
      {
        storeId: 2,
        startMs: minuteMs,
        outcome: 'differs',
        columns: [
          { column: 'transactions', here: '3', there: '4' },
          { column: 'revenue', here: '19.99', there: '20.05' },
        ],
      },
    ],
  })
})

it('does not judge a window that may still change', () => {
  const [here, there] = [
    [windowAt(1, 1), windowAt(2, 1)],
    [windowAt(1, 1), windowAt(2, 1, { transactions: 9 })],
  ]
  expect(compareWindows({ here, there, finalUntilMs: 2 * minuteMs })).toMatchObject({ same: 1, differs: 0, open: 1 })
  expect(compareWindows({ here, there, finalUntilMs: null })).toMatchObject({ same: 0, differs: 0, open: 2 })
})

it('counts every difference and shows the first 200', () => {
  const here = Array.from({ length: 300 }, (_, index) => windowAt(index, 1))
  const compared = compareWindows({ here, there: [], finalUntilMs: 1_000 * minuteMs })
  expect([compared.onlyHere, compared.rows.length, compared.rows[0]?.startMs]).toEqual([300, 200, 299 * minuteMs])
  expect(compared.latestThereMs).toBeNull()
})

it('writes money as it is, below a unit and below zero', () => {
  const read = (cents: bigint): string | null | undefined =>
    compareWindows({ here: [windowAt(1, 1, { cents })], there: [], finalUntilMs: minuteMs * 9 }).rows[0]?.columns[1]
      ?.here
  expect([5n, 0n, -1_250n, 123_456_789_012_345_678n].map(read)).toEqual([
    '0.05',
    '0.00',
    '-12.50',
    '1234567890123456.78',
  ])
})

const holding = async (windows: readonly ComparedWindow[], watermarkMs: number | null): Promise<Warehouse> => {
  const warehouse = createMemoryWarehouse({ sketch: windowSketch })
  return {
    ...warehouse,
    listWindows: async (fromMs, untilMs) =>
      windows
        .filter(({ startMs }) => startMs >= fromMs && startMs < untilMs)
        .map((window) => ({ ...window, revision: 1, final: true, sketch: new Uint8Array() })),
    loadProgress: async () =>
      watermarkMs === null
        ? null
        : { epoch: 1, offsets: [], untilSequence: 1, watermarkMs, counters: emptyCounters(), windowSizeMs: minuteMs },
  }
}

it('compares from the first window on that was seen whole', async () => {
  const here = await holding([windowAt(3, 1), windowAt(4, 1)], 10 * minuteMs)
  const there = await holding(
    [1, 2, 3, 4].map((minute) => windowAt(minute, 1)),
    null,
  )
  const compare = (fromMs: number): ReturnType<typeof compareTables> =>
    compareTables(
      { openWarehouse: async () => here, readTable: async () => there, title: 'db/retail' },
      fromMs,
      9 * minuteMs,
    )
  expect(await compare(0)).toMatchObject({ table: 'db/retail', same: 1, onlyThere: 0, latestThereMs: 4 * minuteMs })
  expect(await compare(3 * minuteMs)).toMatchObject({ same: 2, onlyThere: 0 })
})

it('has nothing to compare where there is no table, or nothing was counted yet', async () => {
  const empty = await holding([], null)
  const there = await holding([windowAt(1, 1)], null)
  const parts = { openWarehouse: async () => empty, title: 'db/retail' }
  expect(await compareTables({ ...parts, readTable: async () => null }, 0, 9 * minuteMs)).toBeNull()
  expect(await compareTables({ ...parts, readTable: async () => there }, 0, 9 * minuteMs)).toMatchObject({
    same: 0,
    onlyThere: 0,
    open: 0,
  })
})
