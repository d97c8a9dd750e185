import { expect, it } from 'vitest'
import type { EventTopic } from '../../../core/events/topics.ts'
import { defaultOracleOptions, type OracleOptions, type OracleRecord, recompute } from '../../support/oracle.ts'

/** 12:00:00 UTC. */
const noonMs = Date.UTC(2025, 0, 6, 12)
const minuteMs = 60_000

function record(value: unknown, topic: EventTopic = 'retail-transactions', appendedAtMs = noonMs): OracleRecord {
  const bytes = value instanceof Uint8Array ? value : new TextEncoder().encode(JSON.stringify(value))
  return { topic, partition: 0, bytes, appendedAtMs }
}

const saleFields = {
  transaction_id: 'T1',
  store_id: 3,
  customer_id: 'C1',
  event_time: '2025-01-06T11:59:30Z',
  final_amount: 10,
}
const sale = (changes: Readonly<Record<string, unknown>> = {}): OracleRecord => record({ ...saleFields, ...changes })

/** A sale of its own id at so many minutes before noon. */
const saleAt = (id: string, minutesBefore: number, changes: Readonly<Record<string, unknown>> = {}): OracleRecord =>
  sale({ transaction_id: id, event_time: noonMs - minutesBefore * minuteMs, ...changes })

const reasonsOf = (records: readonly OracleRecord[]): readonly (readonly [string, number])[] => [
  ...recompute(records).invalidByReason,
]
const reasonOf = (value: OracleRecord): string => reasonsOf([value])[0]?.[0] ?? 'none'

function centsOf(amount: unknown, changes: Readonly<Record<string, unknown>> = {}): bigint | string {
  const outcome = recompute([sale({ final_amount: amount, ...changes })])
  return [...outcome.windows.values()][0]?.cents ?? [...outcome.invalidByReason.keys()].join()
}

const startOf = (eventTime: unknown, zone = 'UTC'): string => {
  const record = sale({ event_time: eventTime })
  const outcome = recompute([{ ...record, appendedAtMs: Date.UTC(2099, 0) }], { ...defaultOracleOptions, zone })
  const start = [...outcome.windows.values()][0]?.startMs
  return start === undefined ? [...outcome.invalidByReason.keys()].join() : new Date(start).toISOString()
}

it('adds up sales by store and minute', () => {
  const outcome = recompute([
    saleAt('A', 1, { final_amount: 10.5 }),
    saleAt('B', 0.5, { final_amount: '0.25', customer_id: 'C2' }),
    saleAt('C', 0.25, { final_amount: -3, kind: 'refund', customer_id: 'C2' }),
    saleAt('D', 1, { store_id: 4 }),
    saleAt('E', 0),
  ])
  expect([...outcome.windows.keys()].sort()).toEqual([
    `3@${noonMs - minuteMs}`,
    `3@${noonMs}`,
    `4@${noonMs - minuteMs}`,
  ])
  const window = outcome.windows.get(`3@${noonMs - minuteMs}`)
  expect([window?.count, window?.cents, [...(window?.customers ?? [])]]).toEqual([3, 775n, ['C1', 'C2']])
  expect(outcome.watermarkMs).toBe(noonMs - 10 * minuteMs)
  expect(outcome.final.size).toBe(0)
})

it('calls a sale late once its whole window lies at or below the watermark before it', () => {
  const outcome = recompute([
    saleAt('A', 0),
    // Ends at the watermark, 11:50: late. The next window ends a minute above it: counted.
    saleAt('B', 10.5),
    saleAt('C', 10),
    // Moves the watermark to 11:50:59.999, which closes nothing more …
    sale({ transaction_id: 'D', event_time: noonMs + minuteMs - 1 }),
    saleAt('E', 10),
    // … and to 11:51, which closes the window of C and E.
    sale({ transaction_id: 'F', event_time: noonMs + minuteMs }),
    saleAt('G', 9.5),
  ])
  expect(outcome.counters['retail-transactions']).toEqual({
    received: 7,
    counted: 5,
    late: 2,
    duplicate: 0,
    invalid: 0,
    tombstone: 0,
  })
  expect([...outcome.final]).toEqual([`3@${noonMs - 10 * minuteMs}`])
})

it('lets late and duplicate sales move the watermark too', () => {
  const later = noonMs + 2 * minuteMs
  expect(recompute([saleAt('A', 0), sale({ transaction_id: 'A', event_time: later })]).watermarkMs).toBe(
    later - 10 * minuteMs,
  )
  const options: OracleOptions = { ...defaultOracleOptions, latenessMs: -2 * minuteMs }
  const outcome = recompute([saleAt('A', 10), saleAt('B', 9)], options)
  expect(outcome.counters['retail-transactions'].late).toBe(1)
  expect(outcome.watermarkMs).toBe(noonMs - 7 * minuteMs)
})

it('drops an id again until the window it was counted in is final', () => {
  const records = [
    saleAt('A', 1),
    saleAt('A', 0),
    // Moves the watermark to the end of the window of A, which frees the id.
    sale({ transaction_id: 'B', event_time: noonMs + 10 * minuteMs }),
  ].map((entry) => ({ ...entry, appendedAtMs: noonMs + 20 * minuteMs }))
  const again = { ...saleAt('A', 0), appendedAtMs: noonMs + 20 * minuteMs }
  const outcome = recompute([...records, again])
  expect(outcome.counters['retail-transactions']).toMatchObject({ counted: 3, duplicate: 1, late: 0 })
  const counting = recompute([...records, again], { ...defaultOracleOptions, duplicates: 'count' })
  expect(counting.counters['retail-transactions']).toMatchObject({ counted: 4, duplicate: 0 })
})

it('does not remember the id of a late sale', () => {
  const outcome = recompute([saleAt('A', 0), saleAt('B', 30), saleAt('B', 1)])
  expect(outcome.counters['retail-transactions']).toMatchObject({ counted: 2, late: 1, duplicate: 0 })
})

it('counts the other topics without lateness, and their ids by topic against the watermark of sales', () => {
  const visit = (id: string, minutesBefore: number): OracleRecord =>
    record(
      { event_id: id, customer_id: 'C1', event_time: noonMs - minutesBefore * minuteMs, event_type: 'visit' },
      'customer-events',
    )
  const stock = record(
    { update_id: 'A', product_id: 7, event_time: noonMs, warehouse: 'W1', quantity: 0 },
    'inventory-updates',
  )
  const outcome = recompute([
    visit('A', 30),
    visit('A', 30),
    saleAt('A', 0),
    visit('A', 30),
    visit('A', 30),
    stock,
    stock,
  ])
  expect(outcome.counters['customer-events']).toMatchObject({ received: 4, counted: 3, duplicate: 1, late: 0 })
  expect(outcome.counters['inventory-updates']).toMatchObject({ received: 2, counted: 1, duplicate: 1 })
  expect(outcome.counters['retail-transactions']).toMatchObject({ received: 1, counted: 1 })
})

it('keeps tombstones and rejections apart', () => {
  const outcome = recompute([{ ...sale(), bytes: null }, sale({ store_id: null }), sale()])
  expect(outcome.counters['retail-transactions']).toEqual({
    received: 3,
    counted: 1,
    late: 0,
    duplicate: 0,
    invalid: 1,
    tombstone: 1,
  })
  expect([...outcome.invalidByReason]).toEqual([['missing_field', 1]])
})

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const saleText = JSON.stringify(saleFields)

it.each([
  ['too_large', text(`${saleText}${' '.repeat(1_048_577 - saleText.length)}`)],
  ['none', text(`${saleText}${' '.repeat(1_048_576 - saleText.length)}`)],
  ['not_utf8', Uint8Array.from([0x7b, 0xff, 0x7d])],
  ['schema_framed', Uint8Array.from([0, 0, 0, 0, 1, 2, 3])],
  ['schema_framed', Uint8Array.from([0])],
  ['none', Uint8Array.from([0, 0, 0, 0xff, 1, ...text(saleText)])],
  ['none', text(`\ufeff${saleText}`)],
  ['not_json', text(`\ufeff\ufeff${saleText}`)],
  ['not_json', text('')],
  ['not_json', text('{"final_amount":NaN}')],
  ['not_object', text('[]')],
  ['not_object', text('null')],
  ['too_deep', text(`{"deep":${'['.repeat(32)}${']'.repeat(32)}}`)],
  ['missing_field', text(`{"deep":${'['.repeat(31)}${']'.repeat(31)}}`)],
])('finds %s in bytes', (reason, bytes) => {
  expect(reasonOf(record(bytes))).toBe(reason)
})

it.each([
  ['missing_field', { customer_id: '' }],
  ['missing_field', { transaction_id: '', txn_id: 'T2' }],
  ['missing_field', { store_id: 'x', event_time: null }],
  ['none', { transaction_id: null, txn_id: 5 }],
  ['none', { final_amount: null, amount: 3, event_time: null, timestamp: noonMs }],
  ['wrong_type', { customer_id: 1.5 }],
  ['wrong_type', { store_id: 0 }],
  ['wrong_type', { store_id: 2 ** 31 }],
  ['wrong_type', { event_time: true, final_amount: 1e9 }],
  ['wrong_type', { payment_method: 'cheque' }],
  ['wrong_type', { products: [{ quantity: 0, unit_price: -1 }] }],
  ['wrong_type', { products: {} }],
  ['none', { products: [{ quantity: 1, unit_price: 0, name: null }], kind: null, unknown: [] }],
  ['bad_amount', { products: [{ unit_price: -0.01 }] }],
  ['bad_amount', { tax: 'Infinity', event_time: 'yesterday' }],
  ['bad_amount', { final_amount: -1 }],
  ['bad_amount', { final_amount: 1, kind: 'refund' }],
  ['none', { final_amount: 0, kind: 'refund' }],
  ['bad_time', { event_time: 'yesterday' }],
  ['future_time', { event_time: noonMs + 300_001 }],
  ['none', { event_time: noonMs + 300_000 }],
])('finds %s in a sale with %j', (reason, changes) => {
  expect(reasonOf(sale(changes))).toBe(reason)
})

it('rounds amounts half away from zero on their shortest decimal', () => {
  const found = [1.005, '1.005', 0.005, 2.675, 1e-7, '99999999.994', 99999999.99, '007.5'].map((amount) =>
    centsOf(amount),
  )
  expect(found).toEqual([101n, 101n, 1n, 268n, 0n, 9_999_999_999n, 9_999_999_999n, 750n])
  expect([centsOf(-1.005, { kind: 'refund' }), centsOf('-0.0049', { kind: 'refund' })]).toEqual([-101n, 0n])
})

it('refuses amounts from a hundred million on and texts that are no plain decimal', () => {
  const found = [99999999.995, 1e21, 'NaN', '1,5', ' 1', '', '1.', true, [1]].map((amount) => centsOf(amount))
  expect(found).toEqual(['bad_amount', 'bad_amount', 'bad_amount', ...Array.from({ length: 6 }, () => 'wrong_type')])
})

it('reads times with an offset, without one in the zone, and as milliseconds', () => {
  expect(startOf('2025-01-06T12:00:59.999Z')).toBe('2025-01-06T12:00:00.000Z')
  expect(startOf('2025-01-06T12:00:00.123456+05:45')).toBe('2025-01-06T06:15:00.000Z')
  expect(startOf('2025-01-06T12:00', 'Asia/Kathmandu')).toBe('2025-01-06T06:15:00.000Z')
  expect(startOf('2025-07-06T12:00:00', 'Europe/Berlin')).toBe('2025-07-06T10:00:00.000Z')
  // The hour that comes twice is the first one; the hour left out is read as if the clocks had not been put forward.
  expect(startOf('2025-10-26T02:30:00', 'Europe/Berlin')).toBe('2025-10-26T00:30:00.000Z')
  expect(startOf('2025-03-30T02:30:00', 'Europe/Berlin')).toBe('2025-03-30T01:30:00.000Z')
  expect(startOf(946_684_800_000)).toBe('2000-01-01T00:00:00.000Z')
})

it('refuses times that are no date or out of range', () => {
  const times = [
    946_684_799_999,
    1_736_164_800_000.5,
    '2025-02-29T00:00:00Z',
    '2025-01-06T24:00:00Z',
    '2025-01-06T12:60Z',
  ]
  expect(times.map((time) => startOf(time))).toEqual(times.map(() => 'bad_time'))
})

it('closes windows between two records', () => {
  const closed = recompute([saleAt('T1', 5), { closesUntilMs: noonMs }, saleAt('T2', 4)])
  expect(closed.final.size).toBe(1)
  expect([...closed.outcomes.values()]).toEqual(['counted', 'late'])
})

it('counts once, after all, what was late or rejected', () => {
  const late = saleAt('T2', 40)
  const future = sale({ transaction_id: 'T3', event_time: noonMs + 20 * minuteMs })
  const before = recompute([saleAt('T1', 5), late, future])
  expect([...before.outcomes.values()]).toEqual(['counted', 'late', 'future_time'])
  const after = recompute([saleAt('T1', 5), late, future, { readmits: late }, { readmits: late }, { readmits: future }])
  expect(after.counters['retail-transactions']).toMatchObject({ received: 3, counted: 2, late: 0, invalid: 1 })
  expect([...after.windows.values()].map(({ count }) => count)).toEqual([1, 1])
  expect([...after.readmitted]).toEqual([late])
})
