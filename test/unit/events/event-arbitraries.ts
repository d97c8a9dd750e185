import fc from 'fast-check'
import { customerEventTypes, inventoryReasons, paymentMethods, saleKinds } from '../../../core/events/decoded.ts'
import type { EventTopic } from '../../../core/events/topics.ts'

/** The *now* of all generated records: 2025-01-06T12:00:00Z. */
export const nowMs = 1_736_164_800_000

type Fields = fc.Arbitrary<Record<string, unknown>>

/** Mostly plain, sometimes with escapes or characters of several bytes; never a colon or comma behind a quote. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[ !#-[\]-~]{1,16}$/) },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom('a', '\\', '/', '\n', '\u0001', 'é', '€', '\u2028', '🛒', '\ud800', '\uffff'),
      maxLength: 8,
    }),
  },
)
const id = (prefix: string) => fc.nat(999_999).map((number) => `${prefix}-${String(number).padStart(6, '0')}`)
const cents = fc.integer({ min: 0, max: 99_999_999 }).map((value) => value / 100)
const time = fc
  .integer({ min: Date.UTC(2000, 0, 1), max: nowMs })
  .chain((ms) => fc.constantFrom('Z', 'Z', '+00:00', '').map((end) => new Date(ms).toISOString().replace('Z', end)))

const product = fc.record({
  product_id: id('PROD'),
  name: text,
  category: text,
  quantity: fc.integer({ min: 1, max: 50 }),
  unit_price: cents,
})

const sale: Fields = fc.record(
  {
    transaction_id: id('TXN'),
    store_id: fc.integer({ min: 1, max: 2_147_483_647 }),
    customer_id: id('CUST'),
    event_time: time,
    final_amount: cents,
    products: fc.array(product, { maxLength: 4 }),
    subtotal: cents,
    discount: cents,
    tax: cents,
    payment_method: fc.constantFrom(...paymentMethods),
    kind: fc.constant('sale'),
  },
  { requiredKeys: ['transaction_id', 'store_id', 'customer_id', 'event_time', 'final_amount'] },
)

const refund: Fields = sale.map((fields) => ({
  ...fields,
  kind: 'refund',
  final_amount: -Number(fields['final_amount']),
}))

const customerEvent: Fields = fc.record(
  {
    event_id: id('EVT'),
    customer_id: id('CUST'),
    event_time: time,
    event_type: fc.constantFrom(...customerEventTypes),
    store_id: fc.integer({ min: 1, max: 100 }),
    demographics: fc.record({ age_group: text, gender: text, city: text, loyalty_tier: text }, { requiredKeys: [] }),
    behavior: fc.record(
      {
        page: text,
        product_id: id('PROD'),
        session_id: id('S'),
        duration_ms: fc.nat(1_000_000),
        transaction_id: id('TXN'),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['event_id', 'customer_id', 'event_time', 'event_type'] },
)

const inventoryUpdate: Fields = fc.record(
  {
    update_id: id('UPD'),
    product_id: id('PROD'),
    event_time: time,
    warehouse: text,
    quantity: fc.nat(10_000),
    change: fc.integer({ min: -500, max: 500 }),
    reason: fc.constantFrom(...inventoryReasons),
    store_id: fc.integer({ min: 1, max: 100 }),
    reorder_point: fc.nat(100),
  },
  { requiredKeys: ['update_id', 'product_id', 'event_time', 'warehouse', 'quantity'] },
)

/** A topic and the fields of a valid event of it, as a well-behaved producer has them. */
export const validEvent: fc.Arbitrary<readonly [EventTopic, Record<string, unknown>]> = fc.oneof(
  fc.tuple(fc.constant<EventTopic>('retail-transactions'), fc.oneof(sale, refund)),
  fc.tuple(fc.constant<EventTopic>('customer-events'), customerEvent),
  fc.tuple(fc.constant<EventTopic>('inventory-updates'), inventoryUpdate),
)

const fieldNames = [
  'transaction_id txn_id store_id customer_id event_time timestamp final_amount amount products subtotal discount tax',
  'payment_method kind event_id event_type demographics behavior update_id product_id warehouse quantity change reason',
  'reorder_point name category unit_price age_group gender city loyalty_tier page session_id duration_ms',
  '__proto__ constructor note',
].flatMap((names) => names.split(' '))

/** A value that some field may take and others may not. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, '', [], {}, [null], [{}], [[]], '0', '7', '07', '-7', '2147483648'),
  fc.constantFrom<unknown>(0, -0, 1, -1, 1.5, 0.005, -0.005, 2 ** 31, 2 ** 53, 1e8, 99_999_999.995, 1e300, 1.005),
  fc.constantFrom<unknown>('12.50', '-3', '1e2', '1e99', 'NaN', '12,5', '99999999.995', '1.005', 'é', '\ud800', 'a\0'),
  fc.constantFrom<unknown>(
    '2025-01-06',
    '2025-01-06T10:00:00.5+05:45',
    '2025-02-30T00:00:00Z',
    '2025-01-06T10:00:00',
    '9999-01-01',
  ),
  fc.constantFrom<unknown>(nowMs, nowMs / 1_000, 946_684_800_000, 946_684_799_999, 4_102_444_800_000),
  fc.constantFrom<unknown>(...paymentMethods, ...saleKinds, ...customerEventTypes, ...inventoryReasons),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.jsonValue({ maxDepth: 3 }),
)

function replaceWithin(value: unknown, name: string, odd: unknown, where: number): unknown {
  if (Array.isArray(value) && value.length > 0) {
    return value.map((item, index) => (index === where % value.length ? replaceWithin(item, name, odd, where) : item))
  }
  return typeof value === 'object' && value !== null ? { ...value, [name]: odd } : odd
}

/** An event with up to three of its fields, or of those inside them, replaced, added or taken away. */
export const nearlyValidEvent: fc.Arbitrary<readonly [EventTopic, Record<string, unknown>]> = fc
  .tuple(
    validEvent,
    fc.array(fc.tuple(fc.constantFrom(...fieldNames), fc.constantFrom('', ...fieldNames), oddValue, fc.nat(3)), {
      maxLength: 3,
    }),
    fc.option(fc.constantFrom(...fieldNames)),
  )
  .map(([[topic, fields], changes, removed]) => {
    const changed = Object.entries(fields).filter(([name]) => name !== removed)
    const record: Record<string, unknown> = Object.fromEntries(changed)
    for (const [name, inner, odd, where] of changes) {
      const value = inner === '' || !(name in record) ? odd : replaceWithin(record[name], inner, odd, where)
      Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true })
    }
    return [topic, record] as const
  })
