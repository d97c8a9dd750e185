import type { EventTopic } from './topics.ts'

/** Why a record is no event; the first that holds, in this order, wins. */
export const rejectionReasons = [
  'too_large',
  'not_utf8',
  'schema_framed',
  'not_json',
  'not_object',
  'too_deep',
  'missing_field',
  'wrong_type',
  'bad_amount',
  'bad_time',
  'future_time',
] as const
export type RejectionReason = (typeof rejectionReasons)[number]

export const paymentMethods = ['card', 'cash', 'mobile', 'gift_card'] as const

export const saleKinds = ['sale', 'refund'] as const

export const customerEventTypes = ['visit', 'view', 'add_to_cart', 'checkout', 'purchase'] as const
export type CustomerEventType = (typeof customerEventTypes)[number]

export const inventoryReasons = ['sale', 'restock', 'shrinkage', 'transfer'] as const

/** A valid record of `retail-transactions`, reduced to what is counted. */
export interface Sale {
  readonly type: 'sale'
  readonly id: string
  readonly storeId: number
  readonly customerId: string
  readonly eventTimeMs: number
  /** Signed: a refund is ≤ 0. */
  readonly cents: number
  /** The amount had more than two decimals. */
  readonly rounded: boolean
  /** The time had no zone and was read in `events.zone`. */
  readonly zoneless: boolean
}

/** A valid record of the two other topics: counted and de-duplicated, never windowed. */
export interface OtherEvent {
  readonly type: 'event'
  readonly topic: Exclude<EventTopic, 'retail-transactions'>
  /** event_id or update_id. */
  readonly id: string
  readonly eventTimeMs: number
  readonly zoneless: boolean
}

/** Not an event. `path` is the failing field as a JSON pointer, '' for the record as a whole. */
export interface Rejection {
  readonly type: 'rejection'
  readonly reason: RejectionReason
  readonly path: string
}

export interface Tombstone {
  readonly type: 'tombstone'
}

export type Decoded = Sale | OtherEvent | Rejection | Tombstone
export type Counted = Sale | OtherEvent

/** What decoding depends on besides the bytes. */
export interface DecodeRules {
  /** How far an event time may lie after the record's *now*, milliseconds (`events.futureMs`). */
  readonly futureMs: number
  /** IANA zone in which times without a zone are read (`events.zone`). */
  readonly zone: string
}
