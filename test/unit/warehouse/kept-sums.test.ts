import { expect, it } from 'vitest'
import { createKeptSums, type StoreSums } from '../../../core/warehouse/kept-sums.ts'

const minuteMs = 60_000
const stores = 30
const minutes = 1_000
const lastMs = (minutes - 1) * minuteMs

/** A table with a window for each store in each of a thousand minutes; notes what of it is read. */
function createTable() {
  const reads: number[] = []
  const cents = new Map<number, bigint>()
  return {
    reads,
    setCents: (startMs: number, value: bigint) => void cents.set(startMs, value),
    async sum(fromMs: number, untilMs: number): Promise<readonly StoreSums[]> {
      reads.push(fromMs)
      const starts = Array.from({ length: minutes }, (_, index) => index * minuteMs)
      const found = starts.filter((startMs) => startMs >= fromMs && startMs < untilMs)
      if (found.length === 0) return []
      return Array.from({ length: stores }, (_, storeId) => ({
        storeId,
        windows: found.length,
        transactions: found.length * 2,
        cents: found.reduce((total, startMs) => total + (storeId === 0 ? (cents.get(startMs) ?? 100n) : 100n), 0n),
        latestWindowMs: found.at(-1) ?? null,
      }))
    },
  }
}

const whole = {
  windows: stores * minutes,
  transactions: stores * minutes * 2,
  cents: BigInt(stores * minutes) * 100n,
  stores,
  latestWindowMs: lastMs,
}

it('reads only what has not settled, and gives the same', async () => {
  const table = createTable()
  const sums = createKeptSums({ keptMs: Number.POSITIVE_INFINITY, zoneSlackMs: 0 })
  expect(await sums.read(table.sum, 0)).toEqual(whole)
  expect(await sums.read(table.sum, 1)).toEqual(whole)
  expect(table.reads.at(-1)).toBe(lastMs - 7_200_000)
})

it('forgets what it kept when a settled window is written', async () => {
  const table = createTable()
  const sums = createKeptSums({ keptMs: Number.POSITIVE_INFINITY, zoneSlackMs: 0 })
  await sums.read(table.sum, 0)
  table.setCents(5 * minuteMs, 700n)
  sums.noteWritten(5 * minuteMs)
  expect(await sums.read(table.sum, 1)).toEqual({ ...whole, cents: whole.cents + 600n })
})

it('keeps nothing that was written while it was read', async () => {
  const table = createTable()
  const sums = createKeptSums({ keptMs: Number.POSITIVE_INFINITY, zoneSlackMs: 0 })
  await sums.read(async (fromMs, untilMs) => {
    const before = await table.sum(fromMs, untilMs)
    table.setCents(5 * minuteMs, 700n)
    sums.noteWritten(5 * minuteMs)
    return before
  }, 0)
  expect(await sums.read(table.sum, 1)).toEqual({ ...whole, cents: whole.cents + 600n })
})

it('sees what others have written once its time is over', async () => {
  const table = createTable()
  const sums = createKeptSums({ keptMs: 1_000, zoneSlackMs: 0 })
  await sums.read(table.sum, 0)
  table.setCents(5 * minuteMs, 700n)
  expect(await sums.read(table.sum, 1_000)).toEqual(whole)
  expect(await sums.read(table.sum, 1_001)).toEqual({ ...whole, cents: whole.cents + 600n })
})
