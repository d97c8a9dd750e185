import { expect, it } from 'vitest'
import type { Sale } from '../../../core/events/decoded.ts'
import { chooseCustomerHash } from '../../../core/parity/customer-hash.ts'
import { createReplay, type Replay, type ReplayedWindow } from '../../../core/parity/replay.ts'
import { makeSale } from '../../support/records.ts'

const minute = 60_000
const at = 1_000 * minute

const createPlainReplay = (allowsMultiple = true): Replay =>
  createReplay({
    latenessMs: 10 * minute,
    windowSizeMs: minute,
    allowsMultiple,
    hashCustomer: chooseCustomerHash('string'),
  })

/** Batches of sales at these minutes; each its watermark, or null to leave it to the records. */
function replayMinutes(
  batches: readonly (readonly number[])[],
  { allowsMultiple = true, recorded = [] as readonly (number | null)[] } = {},
) {
  const replay = createPlainReplay(allowsMultiple)
  for (const [number, minutes] of batches.entries()) {
    replay.beginBatch(number, recorded[number] ?? null)
    for (const [index, offset] of minutes.entries())
      replay.addSale(makeSale(`${number}/${index}`, at + offset * minute))
    replay.endBatch()
  }
  return replay.read()
}

const show = (windows: readonly ReplayedWindow[]): readonly (readonly [number, number, number, boolean])[] =>
  [...windows]
    .sort((one, other) => one.startMs - other.startMs)
    .map(({ isFinal, lateSales, startMs, transactions }) => [(startMs - at) / minute, transactions, lateSales, isFinal])

it.each<readonly [title: string, batches: readonly (readonly number[])[], expected: ReturnType<typeof show>]>([
  [
    'takes whatever comes in one batch, however old',
    [[0, 30, 5]],
    [
      [0, 1, 0, false],
      [5, 1, 0, false],
      [30, 1, 0, false],
    ],
  ],
  [
    'closes in the batch after, even if that has no data',
    [[0, 30], []],
    [
      [0, 1, 0, true],
      [30, 1, 0, false],
    ],
  ],
  [
    'still takes in the next batch what that batch closes, and drops it in the one after',
    [[0, 30], [5], [5]],
    [
      [0, 1, 0, true],
      [5, 1, 1, true],
      [30, 1, 0, false],
    ],
  ],
  [
    'goes by the end of a window: the one that ends at the watermark is dropped, the one after it is not',
    [[30], [], [19, 20]],
    [
      [19, 0, 1, true],
      [20, 1, 0, false],
      [30, 1, 0, false],
    ],
  ],
  [
    'moves the watermark by late sales that are the newest of nothing',
    [[30], [], [0], [19.5]],
    [
      [0, 0, 1, true],
      [19, 0, 1, true],
      [30, 1, 0, false],
    ],
  ],
])('%s', (_, batches, expected) => {
  expect(show(replayMinutes(batches).windows)).toEqual(expected)
})

it('drops in the very next batch where several stateful operators are not allowed', () => {
  expect(show(replayMinutes([[0, 30], [5]], { allowsMultiple: false }).windows)).toEqual([
    [0, 1, 0, true],
    [5, 0, 1, true],
    [30, 1, 0, false],
  ])
})

it('adds up cents exactly, counts duplicates, and estimates customers', () => {
  const replay = createPlainReplay()
  replay.beginBatch(0, 0)
  const big: Partial<Sale> = { cents: 9_999_999_999, customerId: 'a' }
  for (let index = 0; index < 3; index += 1) replay.addSale(makeSale('same', at, big))
  replay.addSale(makeSale('other', at, { cents: -1, customerId: 'b' }))
  replay.endBatch()
  const [window] = replay.read().windows
  expect(window).toMatchObject({ transactions: 4, cents: 29_999_999_996n, customers: 2 })
})

it('keeps the estimate of a window that has been closed', () => {
  const replay = createPlainReplay()
  for (const [number, minutes] of [[0, 0, 30], [], []].entries()) {
    replay.beginBatch(number, null)
    for (const [index, offset] of minutes.entries()) {
      replay.addSale(makeSale('id', at + offset * minute, { customerId: `customer ${index}` }))
    }
    replay.endBatch()
  }
  expect(replay.read().windows.find(({ startMs }) => startMs === at)).toMatchObject({ transactions: 2, customers: 2 })
})

it('says where the records do not explain the watermark of a batch, and goes on with Spark’s', () => {
  const recorded = [0, at + 25 * minute, at + 25 * minute]
  const { mismatches, windows } = replayMinutes([[0, 30], [5], [24]], { recorded })
  expect(mismatches).toEqual([{ batch: 1, recordedMs: at + 25 * minute, replayedMs: at + 20 * minute, movedBy: null }])
  expect(show(windows)).toEqual([
    [0, 1, 0, true],
    [5, 1, 0, true],
    [24, 0, 1, true],
    [30, 1, 0, false],
  ])
})

it('names a record that we reject where it explains the watermark', () => {
  const replay = createPlainReplay()
  const ref = { topic: 'retail-transactions', partition: 2, offset: 7 } as const
  replay.beginBatch(0, 0)
  replay.addSale(makeSale('id', at))
  replay.addRejected(ref, [{ storeId: 3, eventTimeMs: at + 35 * minute + 1 }])
  replay.endBatch()
  replay.beginBatch(1, at + 25 * minute + 1)
  replay.endBatch()
  const { mismatches, touched, rejected } = replay.read()
  expect(mismatches.map(({ movedBy }) => movedBy)).toEqual([ref])
  expect(rejected).toBe(1)
  expect([...touched]).toEqual([[`${at + 35 * minute}/3`, { records: 1, refs: [ref] }]])
})

it('does not blame a rejected record for a window that Spark had closed', () => {
  const replay = createPlainReplay()
  for (const number of [0, 1, 2]) {
    replay.beginBatch(number, null)
    if (number === 0) replay.addSale(makeSale('id', at + 30 * minute))
    if (number === 2)
      replay.addRejected({ topic: 'retail-transactions', partition: 0, offset: 1 }, [{ storeId: 1, eventTimeMs: at }])
    replay.endBatch()
  }
  expect(replay.read().touched.size).toBe(0)
})

it('goes on behind batches that are left out, or taken as one', () => {
  const skipping = createPlainReplay()
  skipping.skipTo(at, at + 20 * minute)
  skipping.beginBatch(5, at + 10 * minute)
  skipping.addSale(makeSale('late', at - minute))
  skipping.addSale(makeSale('not', at))
  skipping.endBatch()
  expect(skipping.read().mismatches).toEqual([])
  expect(show(skipping.read().windows)).toEqual([
    [-1, 0, 1, true],
    [0, 1, 0, true],
  ])

  const joining = createPlainReplay()
  joining.beginJoined(at)
  joining.addSale(makeSale('newest', at + 20 * minute))
  joining.addSale(makeSale('kept', at))
  joining.endBatch()
  joining.beginBatch(5, at + 10 * minute)
  joining.addSale(makeSale('kept too', at))
  joining.endBatch()
  expect(joining.read().mismatches).toEqual([])
  expect(show(joining.read().windows)).toContainEqual([0, 2, 0, true])
})
