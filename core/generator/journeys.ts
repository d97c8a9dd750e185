import type { Random } from '../base/random.ts'
import { createCustomerEventWriter, type Shopper, type Step, stepOf } from './customer-event-writer.ts'
import type { MakerTools, RecordMaker } from './draft.ts'
import { itemAt } from './item-at.ts'
import type { StoreTraffic } from './store-traffic.ts'
import type { WeightedChoice } from './weighted-choice.ts'
import type { World } from './world.ts'

/** A customer at the till. */
export interface Buyer extends Shopper {
  /** Indices of the products in the cart, at least one. */
  readonly products: readonly number[]
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
/** Most journeys under way at a time; at high rates they become shorter. */
const maxJourneys = 1_024
/** Share of events that start a journey while fewer than wanted are under way: enough to become more. */
const startShare = 0.2
/** Most customers waiting at the tills; who finds more of them leaves the cart. */
const maxBuyers = 8
const moreProductsShare = 0.35
const maxProducts = 4
const extraViewShare = 0.3

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

export function createJourneyMaker(around: JourneyWorld, tools: MakerTools, random: Random): JourneyMaker {
  const { world, traffic } = around
  const wanted = Math.round((around.rate * journeySeconds) / stepsPerJourney)
  const mostJourneys = Math.max(1, Math.min(maxJourneys, wanted))
  const journeys: Journey[] = []
  const buyers: Buyer[] = []
  const purchases: Purchase[] = []
  const buyerBound = around.hasSales ? maxBuyers : 0
  const writeEvent = createCustomerEventWriter(world, around.skewOf, tools, random)
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

  /** Where the journey is that goes on: a new one, or one at random, replaced if it cannot; −1 for none. */
  const choosePlace = (createdAtMs: number): number => {
    const isStart = journeys.length === 0 || (journeys.length < mostJourneys && random.chance(startShare))
    const place = isStart ? journeys.length : random.nextInt(journeys.length)
    const journey = journeys[place]
    const isLeft = journey && journey.steps[journey.nextStep] === checkout && buyers.length >= buyerBound
    if (journey && !isLeft && !traffic.isSilent(journey.storeIndex, createdAtMs)) return place
    const started = startJourney(createdAtMs)
    if (!started) return -1
    journeys[place] = started
    return place
  }

  /** Moves a journey from its place to the till. */
  const queue = (place: number): void => {
    buyers.push(itemAt(journeys, place))
    const last = journeys.pop()
    if (last && place < journeys.length) journeys[place] = last
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
      const place = choosePlace(createdAtMs)
      if (place < 0) return null
      const who = itemAt(journeys, place)
      const step = itemAt(who.steps, who.nextStep)
      who.nextStep += 1
      if (step === checkout) queue(place)
      number += 1
      return writeEvent({ number, who, step, eventTimeMs, saleNumber: 0 })
    },
    makeSample(createdAtMs) {
      const who = startJourney(createdAtMs)
      if (!who) return null
      number += 1
      return writeEvent({ number, who, step: visit, eventTimeMs: createdAtMs, saleNumber: 0 })
    },
  }
}
