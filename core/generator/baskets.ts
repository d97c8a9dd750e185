import type { Random } from '../base/random.ts'
import { itemAt } from './item-at.ts'
import { maxUnits } from './products.ts'
import { fragmentOf, type RecordWriter } from './record-writer.ts'
import type { Stock } from './stock.ts'
import { createWeightedChoice } from './weighted-choice.ts'
import type { World } from './world.ts'

/** What goes over the till at once. Good until the next one is filled. */
export interface Basket {
  readonly subtotalCents: number
  /** Puts the lines as JSON objects with commas between them. */
  putLines(out: RecordWriter): void
}

/** Fills one basket after the other. */
export interface Baskets {
  /** What someone takes off the shelves of a store. */
  fill(storeIndex: number): Basket
  /** These products, by index, whatever it takes to have them there. */
  fillWith(products: readonly number[], storeIndex: number): Basket
  /** One line of goods that come back; they do not return to the shelf. */
  drawReturn(): Basket
}

/** Share of baskets that end after each line. */
const lastLineShare = 0.5
const maxLines = 6
/** Weights of 1, 2 … units on a line. */
const unitWeights = [76, 17, 7]
/** How often a customer looks for something else when a shelf is empty. */
const otherTries = 2

const comma = fragmentOf(',')

export function createBaskets(world: World, stock: Stock, random: Random): Baskets {
  const { items: products, choice: productChoice } = world.products
  const units = createWeightedChoice(unitWeights)
  const lines: Uint8Array[] = []
  let subtotalCents = 0
  const basket: Basket = {
    get subtotalCents() {
      return subtotalCents
    },
    putLines(out) {
      for (let index = 0; index < lines.length; index += 1) {
        if (index > 0) out.put(comma)
        out.put(itemAt(lines, index))
      }
    },
  }

  const empty = (): void => {
    lines.length = 0
    subtotalCents = 0
  }
  const drawUnits = (): number => Math.min(maxUnits, units.pick(random) + 1)
  const addLine = (productIndex: number, count: number): void => {
    const product = itemAt(products, productIndex)
    lines.push(itemAt(product.lines, count - 1))
    subtotalCents += count * product.cents
  }
  /** Fewer units where there are not enough; a delivery out of turn where there are none at all. */
  const takeInsisting = (product: number, storeIndex: number): void => {
    const pair = stock.pairOf(product, itemAt(world.stores, storeIndex).warehouseIndex)
    const wanted = drawUnits()
    if (stock.unitsOf(pair) === 0) stock.deliverNow(pair)
    addLine(product, stock.sell(pair, wanted, storeIndex))
  }
  const takeAny = (storeIndex: number): void => {
    const { warehouseIndex } = itemAt(world.stores, storeIndex)
    let product = productChoice.pick(random)
    for (let attempt = 0; attempt < otherTries; attempt += 1) {
      if (stock.unitsOf(stock.pairOf(product, warehouseIndex)) > 0) break
      product = productChoice.pick(random)
    }
    takeInsisting(product, storeIndex)
  }

  return {
    fill(storeIndex) {
      empty()
      do takeAny(storeIndex)
      while (lines.length < maxLines && !random.chance(lastLineShare))
      return basket
    },
    fillWith(wanted, storeIndex) {
      empty()
      for (const product of wanted) takeInsisting(product, storeIndex)
      return basket
    },
    drawReturn() {
      empty()
      addLine(productChoice.pick(random), drawUnits())
      return basket
    },
  }
}
