import * as z from 'zod'
import { readAmount } from './amount.ts'
import { maxStoreId } from './checks.ts'
import { customerEventTypes, inventoryReasons, paymentMethods, saleKinds } from './decoded.ts'
import { createEventTimeReader } from './event-time.ts'
import { isJsonObject } from './findings.ts'
import type { EventTopic } from './topics.ts'

/**
 * §1 as schemas: which objects are events, types, choices and limits in one view. The reference the hand-written
 * decoder is held against; not on the way of an event. What a schema leaves out: why a record is refused, and that an
 * event must not lie in the future. How one amount or one time is read is shared with the decoder.
 *
 * Null counts as absent everywhere.
 */

const id = z.union([z.string().min(1), z.int()])
const optionalId = z.union([z.string(), z.int()]).nullish()
const optionalText = z.string().nullish()

const storeId = z.union([
  z.int().min(1).max(maxStoreId),
  z
    .string()
    .regex(/^[1-9]\d*$/)
    .refine((text) => Number(text) <= maxStoreId),
])
/** -1, 0 or 1; NaN for what is no amount within the limits. */
const signOf = (value: unknown): number => {
  const amount = readAmount(value)
  return typeof amount === 'string' ? Number.NaN : amount.sign
}
const amount = z.union([z.number(), z.string()]).refine((value) => !Number.isNaN(signOf(value)))
const price = amount.refine((value) => signOf(value) >= 0)

const readTime = createEventTimeReader('UTC')
const time = z.union([z.number(), z.string()]).refine((value) => typeof readTime(value) !== 'string')

const product = z.object({
  product_id: optionalId,
  name: optionalText,
  category: optionalText,
  quantity: z.int().min(1).nullish(),
  unit_price: price.nullish(),
})

const saleFields = z
  .object({
    transaction_id: id,
    store_id: storeId,
    customer_id: id,
    event_time: time,
    final_amount: amount,
    products: z.array(product).nullish(),
    subtotal: amount.nullish(),
    discount: amount.nullish(),
    tax: amount.nullish(),
    payment_method: z.enum(paymentMethods).nullish(),
    kind: z.enum(saleKinds).nullish(),
  })
  .refine((sale) => signOf(sale.final_amount) * (sale.kind === 'refund' ? -1 : 1) >= 0)

/** A record of `retail-transactions`; an alias is taken where its field is absent. */
const sale = z.preprocess(
  (value) =>
    isJsonObject(value)
      ? {
          ...value,
          transaction_id: value['transaction_id'] ?? value['txn_id'],
          event_time: value['event_time'] ?? value['timestamp'],
          final_amount: value['final_amount'] ?? value['amount'],
        }
      : value,
  saleFields,
)

/** A record of `customer-events`. */
const customerEvent = z.object({
  event_id: id,
  customer_id: id,
  event_time: time,
  event_type: z.enum(customerEventTypes),
  store_id: storeId.nullish(),
  demographics: z
    .object({ age_group: optionalText, gender: optionalText, city: optionalText, loyalty_tier: optionalText })
    .nullish(),
  behavior: z
    .object({
      page: optionalText,
      product_id: optionalId,
      session_id: optionalId,
      duration_ms: z.number().min(0).nullish(),
      transaction_id: optionalId,
    })
    .nullish(),
})

/** A record of `inventory-updates`. */
const inventoryUpdate = z.object({
  update_id: id,
  product_id: id,
  event_time: time,
  warehouse: z.string(),
  quantity: z.int().min(0),
  change: z.int().nullish(),
  reason: z.enum(inventoryReasons).nullish(),
  store_id: storeId.nullish(),
  reorder_point: z.int().nullish(),
})

export const eventSchemas = {
  'retail-transactions': sale,
  'customer-events': customerEvent,
  'inventory-updates': inventoryUpdate,
} satisfies Readonly<Record<EventTopic, z.ZodType>>
