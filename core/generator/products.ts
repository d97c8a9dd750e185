import { faker } from '@faker-js/faker/locale/en'
import { createRandom, type Random } from '../base/random.ts'
import { seedFaker } from './faker-seed.ts'
import { itemAt } from './item-at.ts'
import { fragmentOf } from './record-writer.ts'
import { createWeightedChoice, type WeightedChoice } from './weighted-choice.ts'

export interface Product {
  readonly id: string
  /** The id as UTF-8: the record key of its inventory updates. */
  readonly key: Uint8Array
  readonly name: string
  readonly category: string
  readonly cents: number
  /** On-hand quantity in a warehouse at or below which more is ordered. */
  readonly reorderPoint: number
  /** Units that come with one delivery. */
  readonly lotSize: number
  /** A sale's JSON line for 1, 2 … units. */
  readonly lines: readonly Uint8Array[]
}

export interface Products {
  readonly items: readonly Product[]
  /** Draws an index into `items` by popularity. */
  readonly choice: WeightedChoice
}

/** Most units of one product on one line. */
export const maxUnits = 3
const productCount = 600

interface Kind {
  readonly category: string
  readonly cheapestCents: number
  readonly dearestCents: number
  readonly hasMaterial: boolean
}

const kind = (category: string, cheapestCents: number, dearestCents: number, hasMaterial = false): Kind => ({
  category,
  cheapestCents,
  dearestCents,
  hasMaterial,
})

const grocery = kind('Grocery', 99, 1_899)
const clothing = kind('Clothing', 999, 12_999)
const furniture = kind('Furniture', 4_999, 89_999, true)
const electronics = kind('Electronics', 1_999, 149_999)
const household = kind('Household', 249, 4_999)
const toys = kind('Toys', 499, 7_999, true)
const general = kind('General', 299, 9_999, true)

/** What kind of thing each of Faker's product nouns is. */
const kindsByNoun: Readonly<Record<string, Kind>> = {
  Bacon: grocery,
  Cheese: grocery,
  Chicken: grocery,
  Chips: grocery,
  Fish: grocery,
  Pizza: grocery,
  Salad: grocery,
  Sausages: grocery,
  Tuna: grocery,
  Gloves: clothing,
  Hat: clothing,
  Pants: clothing,
  Shirt: clothing,
  Shoes: kind('Shoes', 2_999, 19_999),
  Chair: furniture,
  Table: furniture,
  Computer: electronics,
  Keyboard: electronics,
  Mouse: electronics,
  Soap: household,
  Towels: household,
  Ball: kind('Sports', 499, 5_999),
  Bike: kind('Sports', 14_999, 189_999),
  Car: toys,
}

/** Prices end in 9 cents and cheap ones are more frequent. */
function drawCents(random: Random, of: Kind): number {
  const ratio = of.dearestCents / of.cheapestCents
  const cents = of.cheapestCents * ratio ** (random.next() ** 1.5)
  return Math.floor(cents / 10) * 10 + 9
}

function buildProduct(index: number, demand: number, random: Random): Product {
  const noun = faker.commerce.product()
  const of = kindsByNoun[noun] ?? general
  const material = of.hasMaterial ? `${faker.commerce.productMaterial()} ` : ''
  const name = `${faker.commerce.productAdjective()} ${material}${noun}`
  const id = `P${String(index + 1).padStart(4, '0')}`
  const cents = drawCents(random, of)
  const head = `{"product_id":"${id}","name":${JSON.stringify(name)},"category":"${of.category}","quantity":`
  const tail = `,"unit_price":${(cents / 100).toFixed(2)}}`
  return {
    id,
    key: fragmentOf(id),
    name,
    category: of.category,
    cents,
    // With as many updates as sales, a product of average demand sells about 2.5 units between two looks at one
    // warehouse: enough for three looks, and a delivery for sixteen.
    reorderPoint: Math.ceil(8 * demand) + 4,
    lotSize: Math.ceil(40 * demand) + 20,
    lines: Array.from({ length: maxUnits }, (_, units) => fragmentOf(head + (units + 1) + tail)),
  }
}

/** The assortment of a seed's world: 600 products, demand falling with rank as in Zipf's law, exponent 0.8. */
export function buildProducts(seed: number): Products {
  seedFaker(seed, 'products')
  const random = createRandom(seed, 'products')
  const weights = Array.from({ length: productCount }, (_, rank) => (rank + 1) ** -0.8)
  for (let last = productCount - 1; last > 0; last -= 1) {
    const other = random.nextInt(last + 1)
    const kept = itemAt(weights, last)
    weights[last] = itemAt(weights, other)
    weights[other] = kept
  }
  const meanWeight = weights.reduce((sum, weight) => sum + weight, 0) / productCount
  return {
    items: weights.map((weight, index) => buildProduct(index, weight / meanWeight, random)),
    choice: createWeightedChoice(weights),
  }
}
