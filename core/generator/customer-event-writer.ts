import type { Random } from '../base/random.ts'
import { type CustomerEventType, customerEventTypes } from '../events/decoded.ts'
import type { Draft, MakerTools } from './draft.ts'
import { itemAt } from './item-at.ts'
import { fragmentOf } from './record-writer.ts'
import type { World } from './world.ts'

/** A customer in a store, in one session. */
export interface Shopper {
  readonly storeIndex: number
  readonly customer: number
  /** Number of the session. */
  readonly session: number
}

/** An event type's place among `customerEventTypes` and a product's index + 1 (0 for none), in one number. */
export type Step = number

const typeCount = customerEventTypes.length
export const stepOf = (type: CustomerEventType, product = -1): Step =>
  (product + 1) * typeCount + customerEventTypes.indexOf(type)

const viewType = customerEventTypes.indexOf('view')
const shortestStayMs = 400
const longestStayMs = 90_000

const parts = {
  customerId: fragmentOf('","customer_id":"'),
  eventTime: fragmentOf('","event_time":"'),
  types: customerEventTypes.map((type) => fragmentOf(`","event_type":"${type}`)),
  demographics: fragmentOf(',"demographics":'),
  pages: ['/', '/products/', '/cart', '/checkout', '/receipt'].map((page) =>
    fragmentOf(`,"behavior":{"page":"${page}`),
  ),
  productId: fragmentOf('","product_id":"'),
  duration: fragmentOf('","duration_ms":'),
  end: fragmentOf('}}'),
  quotedEnd: fragmentOf('"}}'),
} as const

/** One event, before it is written. */
export interface CustomerEvent {
  readonly number: number
  readonly who: Shopper
  readonly step: Step
  readonly eventTimeMs: number
  /** Number of the sale that a purchase names; 0 for none. */
  readonly saleNumber: number
}

/**
 * A function that writes `customer-events`.
 *
 * @param skewOf how far a store's clock is off, milliseconds
 */
export function createCustomerEventWriter(
  world: World,
  skewOf: (storeIndex: number) => number,
  { out, tag }: MakerTools,
  random: Random,
): (event: CustomerEvent) => Draft {
  const head = fragmentOf(`{"event_id":"e-${tag}-`)
  const sessionHead = fragmentOf(`","session_id":"s-${tag}-`)
  const saleHead = fragmentOf(`,"transaction_id":"t-${tag}-`)
  const stores = world.stores.map(({ id }) => fragmentOf(`","store_id":${id}`))

  return ({ number, who, step, eventTimeMs, saleNumber }) => {
    const type = step % typeCount
    const product = (step - type) / typeCount - 1
    out.begin()
    out.put(head)
    out.putWhole(number)
    out.put(parts.customerId)
    const idStart = out.position
    world.customers.putId(out, who.customer)
    const key = out.cut(idStart)
    out.put(parts.eventTime)
    out.putInstant(eventTimeMs + skewOf(who.storeIndex))
    out.put(itemAt(parts.types, type))
    out.put(itemAt(stores, who.storeIndex))
    out.put(parts.demographics)
    world.customers.putDemographics(out, who.customer)
    out.put(itemAt(parts.pages, type))
    if (product >= 0) {
      const { key: productId } = itemAt(world.products.items, product)
      if (type === viewType) out.put(productId)
      out.put(parts.productId)
      out.put(productId)
    }
    out.put(sessionHead)
    out.putWhole(who.session)
    out.put(parts.duration)
    out.putWhole(shortestStayMs + Math.floor(longestStayMs * random.next() ** 2))
    if (saleNumber > 0) {
      out.put(saleHead)
      out.putWhole(saleNumber)
      out.put(parts.quotedEnd)
    } else {
      out.put(parts.end)
    }
    return { key, value: out.end(), storeIndex: who.storeIndex }
  }
}
