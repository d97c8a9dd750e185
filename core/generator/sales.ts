import type { Random } from '../base/random.ts'
import { paymentMethods } from '../events/decoded.ts'
import { type Basket, createBaskets } from './baskets.ts'
import type { Draft, MakerTools, RecordMaker } from './draft.ts'
import { itemAt } from './item-at.ts'
import type { Buyers } from './journeys.ts'
import { fragmentOf } from './record-writer.ts'
import type { Stock } from './stock.ts'
import type { StoreTraffic } from './store-traffic.ts'
import { createWeightedChoice } from './weighted-choice.ts'
import type { World } from './world.ts'

/** What sales reach into. */
export interface SalesWorld {
  readonly world: World
  readonly traffic: StoreTraffic
  readonly stock: Stock
  /** Customers at the till whose journey is told in `customer-events`. */
  readonly buyers: Buyers
  /** How far a store's clock is off, milliseconds. */
  readonly skewOf: (storeIndex: number) => number
}

/** One sale or refund, before it is written; all cents are ≥ 0. */
interface Sale {
  readonly number: number
  readonly kind: 'sale' | 'refund'
  readonly storeIndex: number
  readonly customer: number
  readonly eventTimeMs: number
  readonly basket: Basket
}

/** Share of refunds among sales without a journey; those with one are never refunds, so about 2 % of all. */
const refundShare = 0.022
const discountShare = 0.2
const discountPercents = [5, 10, 15, 20, 30] as const
const paymentWeights = [48, 20, 27, 5]

const parts = {
  customerId: fragmentOf(',"customer_id":"'),
  eventTime: fragmentOf('","event_time":"'),
  kind: {
    sale: fragmentOf('","kind":"sale","products":['),
    refund: fragmentOf('","kind":"refund","products":['),
  },
  subtotal: fragmentOf('],"subtotal":'),
  discount: fragmentOf(',"discount":'),
  tax: fragmentOf(',"tax":'),
  finalAmount: fragmentOf(',"final_amount":'),
  payments: paymentMethods.map((method) => fragmentOf(`,"payment_method":"${method}"}`)),
} as const

/** `part ÷ whole` of an amount in cents, half up. */
const shareOf = (cents: number, part: number, whole: number): number =>
  Math.floor((2 * cents * part + whole) / (2 * whole))

function createSaleWriter(around: SalesWorld, { out, tag }: MakerTools, random: Random): (sale: Sale) => Draft {
  const { world, skewOf } = around
  const head = fragmentOf(`{"transaction_id":"t-${tag}-`)
  const stores = world.stores.map(({ id }) => fragmentOf(`","store_id":${id}`))
  const keys = world.stores.map(({ id }) => fragmentOf(String(id)))
  const payments = createWeightedChoice(paymentWeights)
  const drawPercent = (): number =>
    random.chance(discountShare) ? itemAt(discountPercents, random.nextInt(discountPercents.length)) : 0

  return ({ number, kind, storeIndex, customer, eventTimeMs, basket }) => {
    const discountCents = shareOf(basket.subtotalCents, drawPercent(), 100)
    const netCents = basket.subtotalCents - discountCents
    const taxCents = shareOf(netCents, itemAt(world.stores, storeIndex).taxBasisPoints, 10_000)
    const sign = kind === 'sale' ? 1 : -1
    out.begin()
    out.put(head)
    out.putWhole(number)
    out.put(itemAt(stores, storeIndex))
    out.put(parts.customerId)
    world.customers.putId(out, customer)
    out.put(parts.eventTime)
    out.putInstant(eventTimeMs + skewOf(storeIndex))
    out.put(parts.kind[kind])
    basket.putLines(out)
    out.put(parts.subtotal)
    out.putCents(sign * basket.subtotalCents)
    out.put(parts.discount)
    out.putCents(sign * discountCents)
    out.put(parts.tax)
    out.putCents(sign * taxCents)
    out.put(parts.finalAmount)
    out.putCents(sign * (netCents + taxCents))
    out.put(itemAt(parts.payments, payments.pick(random)))
    return { key: itemAt(keys, storeIndex), value: out.end(), storeIndex }
  }
}

/**
 * Makes `retail-transactions`. Amounts are whole cents throughout: `final_amount = subtotal − discount + tax`, each of
 * them ≥ 0 in a sale and ≤ 0 in a refund; tax is rounded half up on what is left after the discount.
 */
export function createSalesMaker(around: SalesWorld, tools: MakerTools, random: Random): RecordMaker {
  const { world, traffic, buyers } = around
  const baskets = createBaskets(world, around.stock, random)
  const writeSale = createSaleWriter(around, tools, random)
  let number = 0

  /** A sale of someone whose way to the till is not told. */
  const sellToAnyone = (createdAtMs: number, latenessMs: number): Draft | null => {
    const storeIndex = traffic.pickStore(createdAtMs, random)
    if (storeIndex < 0) return null
    number += 1
    const customer = world.customers.pickFor(storeIndex, random)
    const kind = random.chance(refundShare) ? 'refund' : 'sale'
    const basket = kind === 'refund' ? baskets.drawReturn() : baskets.fill(storeIndex)
    return writeSale({ number, kind, storeIndex, customer, eventTimeMs: createdAtMs - latenessMs, basket })
  }

  return {
    makeEvent(createdAtMs, latenessMs) {
      const buyer = latenessMs === 0 ? buyers.takeBuyer(createdAtMs) : null
      if (!buyer) return sellToAnyone(createdAtMs, latenessMs)
      const { storeIndex, customer } = buyer
      number += 1
      buyers.confirmSale(buyer, number)
      const basket = baskets.fillWith(buyer.products, storeIndex)
      return writeSale({ number, kind: 'sale', storeIndex, customer, eventTimeMs: createdAtMs, basket })
    },
    makeSample(createdAtMs) {
      const storeIndex = traffic.pickStore(createdAtMs, random)
      if (storeIndex < 0) return null
      number += 1
      const customer = world.customers.pickFor(storeIndex, random)
      const basket = baskets.drawReturn()
      return writeSale({ number, kind: 'sale', storeIndex, customer, eventTimeMs: createdAtMs, basket })
    },
  }
}
