import type { Decoded, RejectionReason } from '../../../core/events/decoded.ts'
import { type EventTopic, salesTopic } from '../../../core/events/topics.ts'

/** One record as it might really arrive, and what has to become of it. */
export interface Poison {
  /** What is odd about it, unique. */
  readonly name: string
  readonly topic: EventTopic
  /** Null is a tombstone. */
  readonly bytes: Buffer | null
  /** The whole outcome, with `events.zone` UTC, `events.futureMs` 300,000 and the record's *now* {@link poisonNowMs}. */
  readonly expected: Decoded
}

/** 2025-01-06T12:00:00Z. */
export const poisonNowMs = 1_736_164_800_000

/** 2025-01-06T10:00:00Z, when the corpus' events happen unless they say otherwise. */
export const eventTimeMs = 1_736_157_600_000

type Fields = Readonly<Record<string, unknown>>

export const saleFields: Fields = {
  transaction_id: 'TXN-1',
  store_id: 7,
  customer_id: 'CUST-1',
  event_time: '2025-01-06T10:00:00Z',
  final_amount: 12.5,
  products: [{ product_id: 'PROD-1', name: 'Soap', category: 'Beauty', quantity: 1, unit_price: 12.5 }],
  payment_method: 'card',
}
export const customerFields: Fields = {
  event_id: 'EVT-1',
  customer_id: 'CUST-1',
  event_time: '2025-01-06T10:00:00Z',
  event_type: 'view',
  demographics: { age_group: '25-34', gender: 'f', city: 'Łódź', loyalty_tier: 'gold' },
  behavior: { page: '/', product_id: 'PROD-1', session_id: 'S-1', duration_ms: 1200 },
}
export const inventoryFields: Fields = {
  update_id: 'UPD-1',
  product_id: 'PROD-1',
  event_time: '2025-01-06T10:00:00Z',
  warehouse: 'WH-1',
  quantity: 40,
  change: -2,
  reason: 'sale',
}

export const sale: Decoded = {
  type: 'sale',
  id: 'TXN-1',
  storeId: 7,
  customerId: 'CUST-1',
  eventTimeMs,
  cents: 1250,
  rounded: false,
  zoneless: false,
}
export const rejection = (reason: RejectionReason, path = ''): Decoded => ({ type: 'rejection', reason, path })

/** The outcome of the sale with some of it changed. */
export const counted = (changes: Fields = {}): Decoded => ({ ...sale, ...changes })
export const customerEvent = (changes: Fields = {}): Decoded => ({
  type: 'event',
  topic: 'customer-events',
  id: 'EVT-1',
  eventTimeMs,
  zoneless: false,
  ...changes,
})
export const inventoryUpdate = (changes: Fields = {}): Decoded => ({
  type: 'event',
  topic: 'inventory-updates',
  id: 'UPD-1',
  eventTimeMs,
  zoneless: false,
  ...changes,
})

export const json = (fields: Fields, changes: Fields = {}): string => JSON.stringify({ ...fields, ...changes })
export const without = (fields: Fields, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))

/** The sale's JSON with literal text put in for one field, for what JSON.stringify cannot write. */
export const saleWith = (field: string, text: string): string =>
  json(saleFields, { [field]: '\u0001' }).replace('"\\u0001"', text)

export const inSales = (name: string, value: string | Buffer | null, expected: Decoded): Poison => ({
  name,
  topic: salesTopic,
  bytes: typeof value === 'string' ? Buffer.from(value) : value,
  expected,
})
export const saleOf = (name: string, changes: Fields, expected: Decoded): Poison =>
  inSales(name, json(saleFields, changes), expected)
export const customerOf = (name: string, fields: Fields, expected: Decoded): Poison => ({
  name: `customer event: ${name}`,
  topic: 'customer-events',
  bytes: Buffer.from(json(fields)),
  expected,
})
export const inventoryOf = (name: string, fields: Fields, expected: Decoded): Poison => ({
  name: `inventory update: ${name}`,
  topic: 'inventory-updates',
  bytes: Buffer.from(json(fields)),
  expected,
})
