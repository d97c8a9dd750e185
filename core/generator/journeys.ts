import type { Random } from '../base/random.ts'
import { type CustomerEventType, customerEventTypes } from '../events/decoded.ts'
import type { Draft, MakerTools, RecordMaker } from './draft.ts'
import { itemAt } from './item-at.ts'
import { fragmentOf } from './record-writer.ts'
import type { StoreTraffic } from './store-traffic.ts'
import type { WeightedChoice } from './weighted-choice.ts'
import type { World } from './world.ts'

/** A customer at the till. */
export interface Buyer {
  readonly storeIndex: number
  readonly customer: number
  /** Indices of the products in the cart, at least one. */
  readonly products: readonly number[]
  /** Number of the session. */
  readonly session: number
}

/** Where journeys meet sales. */
export interface Buyers {
  /** Who has waited longest at the till of a store that is not silent; null when nobody waits. */
  takeBuyer(createdAtMs: number): Buyer | null
  /** The buyer's sale was made under this number: their purchase event follows. */
  confirmSale(buyer: Buyer, saleNumber: number): void
}

/**
 * Makes `customer-events` as whole journeys: visit, then views and carts, checkout, and, once the sale it leads to was
 * sent, the purchase that names it.
 *
 * 1. Every purchase names the transaction_id of a sale sent before it, of the same customer and store.
 * 2. A journey ends without a purchase only where sales are too few for all journeys, or its store falls silent.
 * 3. Few events mean few journeys at a time, not shorter ones: the others' sales have no journey.
 */
export interface JourneyMaker extends RecordMaker, Buyers {}

/** An event type's place among `customerEventTypes` and a product's index + 1 (0 for none), in one number. */
type Step = number

interface Journey extends Buyer {
  readonly steps: readonly Step[]
  nextStep: number
}

interface Purchase {
  readonly buyer: Buyer
  readonly saleNumber: number
}

/** About how long a journey takes, seconds, and how many events it has. */
const journeySeconds = 180
const stepsPerJourney = 7
/** Most journeys under way at a time; beyond, they become shorter. */
const maxJourneys = 8_192
/** Most customers waiting at the tills; who finds more of them leaves the cart. */
const maxBuyers = 8
const moreProductsShare = 0.35
const maxProducts = 4
const extraViewShare = 0.3
const shortestStayMs = 400
const longestStayMs = 90_000
const viewType = customerEventTypes.indexOf('view')

/** What journeys need to know of the rest. */
export interface JourneyWorld {
  readonly world: World
  readonly traffic: StoreTraffic
  /** Events per second of `customer-events`. */
  readonly rate: number
  /** Whether there are sales at all: without them no journey leads to one. */
  readonly hasSales: boolean
  /** How far a store's clock is off, milliseconds. */
  readonly skewOf: (storeIndex: number) => number
}

const typeCount = customerEventTypes.length
const stepOf = (type: CustomerEventType, product = -1): Step =>
  (product + 1) * typeCount + customerEventTypes.indexOf(type)

const visit = stepOf('visit')
const checkout = stepOf('checkout')
const purchase = stepOf('purchase')

function planSteps(products: readonly number[], choice: WeightedChoice, random: Random): readonly Step[] {
  const steps = [visit]
  for (const product of products) {
    if (random.chance(extraViewShare)) steps.push(stepOf('view', choice.pick(random)))
    steps.push(stepOf('view', product), stepOf('add_to_cart', product))
  }
  steps.push(checkout)
  return steps
}

function drawProducts(choice: WeightedChoice, random: Random): readonly number[] {
  const products = [choice.pick(random)]
  while (products.length < maxProducts && random.chance(moreProductsShare)) {
    const product = choice.pick(random)
    if (!products.includes(product)) products.push(product)
  }
  return products
}

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
interface CustomerEvent {
  readonly number: number
  readonly who: Buyer
  readonly step: Step
  readonly eventTimeMs: number
  /** Number of the sale that a purchase names; 0 for none. */
  readonly saleNumber: number
}

function createEventWriter(
  around: JourneyWorld,
  { out, tag }: MakerTools,
  random: Random,
): (event: CustomerEvent) => Draft {
  const { world, skewOf } = around
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

export function createJourneyMaker(around: JourneyWorld, tools: MakerTools, random: Random): JourneyMaker {
  const { world, traffic } = around
  const wanted = Math.round((around.rate * journeySeconds) / stepsPerJourney)
  const journeys: (Journey | undefined)[] = Array.from({ length: Math.max(1, Math.min(maxJourneys, wanted)) })
  const buyers: Buyer[] = []
  const purchases: Purchase[] = []
  const buyerBound = around.hasSales ? maxBuyers : 0
  const writeEvent = createEventWriter(around, tools, random)
  let session = 0
  let number = 0

  const startJourney = (createdAtMs: number): Journey | undefined => {
    const storeIndex = traffic.pickStore(createdAtMs, random)
    if (storeIndex < 0) return undefined
    const products = drawProducts(world.products.choice, random)
    const customer = world.customers.pickFor(storeIndex, random)
    const steps = planSteps(products, world.products.choice, random)
    session += 1
    return { storeIndex, customer, products, session, steps, nextStep: 0 }
  }

  /** The oldest purchase not told yet; those in a store that is silent now are never told. */
  const takePurchase = (createdAtMs: number): Purchase | null => {
    for (let oldest = purchases.shift(); oldest; oldest = purchases.shift()) {
      if (!traffic.isSilent(oldest.buyer.storeIndex, createdAtMs)) return oldest
    }
    return null
  }

  /** A journey at random, or a new one in its place where it cannot go on. */
  const takeJourney = (place: number, createdAtMs: number): Journey | undefined => {
    const journey = journeys[place]
    if (!journey || traffic.isSilent(journey.storeIndex, createdAtMs)) return startJourney(createdAtMs)
    const isLeft = journey.steps[journey.nextStep] === checkout && buyers.length >= buyerBound
    return isLeft ? startJourney(createdAtMs) : journey
  }

  return {
    takeBuyer(createdAtMs) {
      for (let oldest = buyers.shift(); oldest; oldest = buyers.shift()) {
        if (!traffic.isSilent(oldest.storeIndex, createdAtMs)) return oldest
      }
      return null
    },
    confirmSale(buyer, saleNumber) {
      purchases.push({ buyer, saleNumber })
    },
    makeEvent(createdAtMs, latenessMs) {
      const eventTimeMs = createdAtMs - latenessMs
      const told = takePurchase(createdAtMs)
      if (told) {
        number += 1
        return writeEvent({ number, who: told.buyer, step: purchase, eventTimeMs, saleNumber: told.saleNumber })
      }
      const place = random.nextInt(journeys.length)
      const journey = takeJourney(place, createdAtMs)
      if (!journey) return null
      const step = itemAt(journey.steps, journey.nextStep)
      journey.nextStep += 1
      journeys[place] = step === checkout ? undefined : journey
      if (step === checkout) buyers.push(journey)
      number += 1
      return writeEvent({ number, who: journey, step, eventTimeMs, saleNumber: 0 })
    },
    makeSample(createdAtMs) {
      const who = startJourney(createdAtMs)
      if (!who) return null
      number += 1
      return writeEvent({ number, who, step: visit, eventTimeMs: createdAtMs, saleNumber: 0 })
    },
  }
}
