import { expect, it } from 'vitest'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { rejectionReasons } from '../../../core/events/decoded.ts'
import type { EpochOutcome, ReadRecord } from '../../../core/events/epoch.ts'
import { createEngine, type Engine, type EngineOptions } from '../../../core/stream/engine.ts'
import { sumCounters } from '../../../core/stream/counters.ts'
import { makeEvent, makeRecord, makeRejection, makeSale, readInOrder } from '../../support/records.ts'

const minute = 60_000
const noon = Date.UTC(2025, 0, 6, 12)
const options: EngineOptions = {
  windowSizeMs: minute,
  latenessMs: 10 * minute,
  duplicates: 'drop',
  maxIds: 4_000_000,
  sketch: windowSketch,
}
const start = (more: Partial<EngineOptions> = {}, stored: Uint8Array | null = null): Engine =>
  createEngine({ ...options, ...more }, stored)

it('counts a sale in the window that holds its event time', () => {
  const { rows } = start().apply(readInOrder([makeSale('a', noon + 59_999), makeSale('b', noon + minute)]), 0)
  expect(rows.map(({ startMs, transactions }) => [startMs - noon, transactions])).toEqual([
    [0, 1],
    [minute, 1],
  ])
})

it('keeps stores apart', () => {
  const { rows } = start().apply(readInOrder([makeSale('a', noon), makeSale('b', noon, { storeId: 2, cents: 250 })]), 0)
  expect(rows.map(({ storeId, cents }) => [storeId, cents])).toEqual([
    [1, 100n],
    [2, 250n],
  ])
})

it('sums cents exactly beyond the safe integers', () => {
  const engine = start({ duplicates: 'count' })
  const huge = Array.from({ length: 20_000 }, (_, index) => makeSale(`s${index}`, noon, { cents: 9_999_999_999 }))
  let rows = engine.apply(readInOrder(huge), 0).rows
  for (let round = 0; round < 24; round += 1) rows = engine.apply(readInOrder(huge), 0).rows
  expect(rows[0]?.cents).toBe(9_999_999_999n * 500_000n)
})

it('reports a window whose sum the table cannot hold', () => {
  const sales = Array.from({ length: 101 }, (_, index) => makeSale(`s${index}`, noon, { cents: 9_999_999_999 }))
  const { overflowed, rows } = start().apply(readInOrder(sales), 0)
  expect(overflowed).toEqual([{ storeId: 1, startMs: noon }])
  expect(rows[0]?.cents).toBe(1_009_999_999_899n)
})

it('takes a refund as a transaction that lowers revenue', () => {
  const { rows } = start().apply(readInOrder([makeSale('a', noon), makeSale('b', noon, { cents: -40 })]), 0)
  expect(rows[0]).toMatchObject({ transactions: 2, cents: 60n })
})

it('accepts a sale until its window ends at the watermark, and not after', () => {
  const onTheEdge = [makeSale('new', noon + 11 * minute - 1), makeSale('old', noon)]
  expect(start().apply(readInOrder(onTheEdge), 0).late).toHaveLength(0)
  const beyond = [makeSale('new', noon + 11 * minute), makeSale('old', noon)]
  const { late } = start().apply(readInOrder(beyond), 0)
  expect(late).toMatchObject([{ transactionId: 'old', latenessMs: 0, cents: 100 }])
})

it('decides lateness by the watermark before the record, within one epoch too', () => {
  const { rows, late } = start().apply(
    readInOrder([makeSale('a', noon), makeSale('jump', noon + 30 * minute), makeSale('b', noon + 1)]),
    0,
  )
  expect(late.map(({ transactionId }) => transactionId)).toEqual(['b'])
  expect(rows.find(({ startMs }) => startMs === noon)).toMatchObject({ transactions: 1, final: true })
})

it('never moves the watermark back', () => {
  const engine = start()
  engine.apply(readInOrder([makeSale('a', noon)]), 0)
  expect(engine.apply(readInOrder([makeSale('b', noon - 5 * minute)]), 0).watermarkMs).toBe(noon - 10 * minute)
})

it('moves the watermark by late and by duplicate sales, not by invalid ones', () => {
  const engine = start()
  engine.apply(readInOrder([makeSale('a', noon)]), 0)
  const { watermarkMs } = engine.apply(readInOrder([makeRejection('not_json'), makeSale('a', noon + minute)]), 0)
  expect(watermarkMs).toBe(noon - 9 * minute)
})

it('writes a window as provisional while open and as final once', () => {
  const engine = start()
  expect(engine.apply(readInOrder([makeSale('a', noon)]), 0).rows).toMatchObject([{ final: false, revision: 1 }])
  expect(engine.apply(readInOrder([makeSale('b', noon + 11 * minute)]), 0).rows).toMatchObject([
    { startMs: noon, final: true, revision: 2, transactions: 1 },
    { startMs: noon + 11 * minute, final: false },
  ])
  expect(engine.apply(readInOrder([makeSale('c', noon + 11 * minute)]), 0).rows).toHaveLength(1)
})

it('drops a repeated id while its window is open, wherever the repeat’s own time lies', () => {
  const engine = start()
  engine.apply(readInOrder([makeSale('a', noon)]), 0)
  const { counters, rows } = engine.apply(readInOrder([makeSale('a', noon + 3 * minute)]), 0)
  expect(counters.perTopic['retail-transactions']).toMatchObject({ received: 2, counted: 1, duplicate: 1 })
  expect(rows).toHaveLength(0)
})

it('forgets an id once its window is final', () => {
  const engine = start()
  engine.apply(readInOrder([makeSale('a', noon), makeSale('b', noon + 11 * minute)]), 0)
  const { counters } = engine.apply(readInOrder([makeSale('a', noon + 11 * minute)]), 0)
  expect(counters.perTopic['retail-transactions']).toMatchObject({ counted: 3, duplicate: 0 })
})

it('counts repeated ids when told to', () => {
  const { counters } = start({ duplicates: 'count' }).apply(readInOrder([makeSale('a', noon), makeSale('a', noon)]), 0)
  expect(counters.perTopic['retail-transactions']).toMatchObject({ counted: 2, duplicate: 0 })
})

it('tells a repeat with different content from a plain one', () => {
  const engine = start()
  const { conflicts } = engine.apply(
    readInOrder([makeSale('a', noon), makeSale('a', noon), makeSale('a', noon, { cents: 7 })]),
    0,
  )
  expect(conflicts).toMatchObject([{ id: 'a', ref: { offset: 2 } }])
})

it('keeps ids of different topics apart', () => {
  const { counters } = start().apply(
    readInOrder([
      makeSale('a', noon),
      makeEvent('a', noon),
      makeEvent('a', noon, 'inventory-updates'),
      makeEvent('a', noon),
    ]),
    0,
  )
  expect(sumCounters(counters)).toMatchObject({ counted: 3, duplicate: 1 })
})

it('forgets the oldest windows’ ids beyond the cap and says how many', () => {
  const engine = start({ maxIds: 1_000 })
  const early = Array.from({ length: 600 }, (_, index) => makeSale(`early${index}`, noon))
  const later = Array.from({ length: 600 }, (_, index) => makeSale(`later${index}`, noon + minute))
  const { counters } = engine.apply(readInOrder([...early, ...later]), 0)
  expect(counters.evictedIds).toBe(600)
  expect(engine.knownIds).toBe(600)
})

it('ends every record in exactly one outcome', () => {
  const { counters } = start().apply(
    readInOrder([
      makeSale('a', noon + 30 * minute),
      makeSale('late', noon),
      makeSale('a', noon + 30 * minute),
      makeEvent('e', noon),
      { type: 'tombstone' },
      ...rejectionReasons.map(makeRejection),
    ]),
    0,
  )
  expect(sumCounters(counters)).toEqual({ received: 16, counted: 2, late: 1, duplicate: 1, invalid: 11, tombstone: 1 })
  expect(Object.values(counters.invalidByReason)).toEqual(rejectionReasons.map(() => 1))
})

it.each([
  ['when the log took it', { appendedAtMs: noon, isProducerTime: false }, noon],
  ['when its producer says it was sent', { appendedAtMs: noon, isProducerTime: true }, noon],
  ['when it was read, where its producer says nothing', { appendedAtMs: -1, isProducerTime: true }, noon + 9],
  ['when it was read, where its producer is ahead', { appendedAtMs: noon + minute, isProducerTime: true }, noon + 9],
])('quarantines a record as of %s', (_, time, seenAtMs) => {
  const [read] = readInOrder([makeRejection('not_json')])
  const record = { ...makeRecord('x'), ...time }
  const { quarantined } = start().apply([{ ...(read as ReadRecord), record }], noon + 9)
  expect(quarantined[0]).toMatchObject({ seenAtMs })
})

it('quarantines the first 64 KiB with the checksum of all', () => {
  const text = 'x'.repeat(70_000)
  const [read] = readInOrder([makeRejection('not_json')])
  const { quarantined } = start().apply([{ ...(read as ReadRecord), record: makeRecord(text) }], 42)
  expect(quarantined[0]).toMatchObject({ sizeBytes: 70_000, reason: 'not_json' })
  expect(quarantined[0]?.bytes).toHaveLength(65_536)
  expect(quarantined[0]?.sha256).toMatch(/^[0-9a-f]{64}$/)
})

it('closes due windows without a record, and counts what comes later as late', () => {
  const engine = start()
  engine.apply(readInOrder([makeSale('a', noon)]), 0)
  expect(engine.closeIdle(noon + minute).rows).toMatchObject([{ startMs: noon, final: true }])
  expect(engine.earliestOpenStartMs).toBeNull()
  expect(engine.apply(readInOrder([makeSale('b', noon)]), 0).late).toHaveLength(1)
})

const readmit = (sale: ReadRecord['decoded'], offset: number): ReadRecord => ({
  record: makeRecord('{}', { offset }),
  decoded: sale,
  readmits: { ref: { topic: 'retail-transactions', partition: 0, offset }, was: 'late', reason: null },
})

it('counts a re-admitted late sale of a closed window as an amendment, once for ever', () => {
  const engine = start()
  engine.apply(readInOrder([makeSale('a', noon + 30 * minute), makeSale('old', noon)]), 0)
  const first = engine.apply([readmit(makeSale('old', noon), 1)], 0)
  expect(first.amendments).toMatchObject([{ startMs: noon, transactions: 1, cents: 100n }])
  expect(sumCounters(first.counters)).toMatchObject({ received: 2, counted: 2, late: 0 })
  const resumed = start({}, engine.saveState())
  const second = resumed.apply([readmit(makeSale('old', noon), 1)], 0)
  expect(second.amendments).toHaveLength(0)
  expect(sumCounters(second.counters)).toMatchObject({ received: 2, counted: 2, late: 0 })
})

it('counts a re-admitted invalid sale in its open window', () => {
  const engine = start()
  engine.apply(readInOrder([makeSale('a', noon), makeRejection('future_time')]), 0)
  const item: ReadRecord = {
    record: makeRecord('{}', { offset: 1 }),
    decoded: makeSale('b', noon),
    readmits: { ref: { topic: 'retail-transactions', partition: 0, offset: 1 }, was: 'invalid', reason: 'future_time' },
  }
  const { counters, rows } = engine.apply([item], 0)
  expect(rows).toMatchObject([{ transactions: 2 }])
  expect(counters.invalidByReason.future_time).toBe(0)
})

/** The rows left standing and the totals after all epochs: what every way of grouping must agree on. */
function settle(outcomes: readonly EpochOutcome[]): unknown {
  const table = new Map<string, unknown>()
  for (const { rows } of outcomes) for (const row of rows) table.set(`${row.startMs}/${row.storeId}`, row)
  const last = outcomes[outcomes.length - 1]
  return { table: [...table].sort(), counters: last?.counters, watermarkMs: last?.watermarkMs }
}

const hash = (index: number): number => Math.imul(index + 1, 0x9e3779b1) >>> 0
const mixed = readInOrder(
  Array.from({ length: 3_000 }, (_, index) => {
    if (hash(index) % 50 === 0) return makeRejection('bad_amount')
    if (hash(index) % 7 === 0) return makeEvent(`e${hash(index) % 200}`, noon + index * 500)
    const isOld = hash(index) % 11 === 0
    const at = noon + index * 1_000 - (isOld ? hash(index + 7) % (15 * minute) : 0)
    return makeSale(`s${hash(index) % 2_500}`, at, { storeId: 1 + (hash(index) % 5), cents: hash(index) % 10_000 })
  }),
)

it('gives the same result however records are grouped into epochs', () => {
  const whole = settle([start().apply(mixed, 0)])
  for (const size of [1, 7, 100, 999]) {
    const engine = start()
    const outcomes: EpochOutcome[] = []
    for (let from = 0; from < mixed.length; from += size) outcomes.push(engine.apply(mixed.slice(from, from + size), 0))
    expect(settle(outcomes)).toEqual(whole)
  }
})

it('gives the same result when it is stopped and resumed at any point', () => {
  const whole = settle([start().apply(mixed, 0)])
  for (const cut of [1, 500, 1_499, 2_999]) {
    const first = start()
    const before = first.apply(mixed.slice(0, cut), 0)
    const resumed = start({}, first.saveState())
    expect(settle([before, resumed.apply(mixed.slice(cut), 0)])).toEqual(whole)
  }
})

it('refuses a state of another version', () => {
  const state = Buffer.from(start().saveState())
  const text = state.toString('latin1').replace('"version":1', '"version":9')
  expect(() => start({}, Buffer.from(text, 'latin1'))).toThrow(/another version/)
})
