import type { Random } from '../base/random.ts'
import { itemAt } from './item-at.ts'
import type { Product } from './products.ts'

/**
 * How many units of each product each warehouse holds. A *pair* is one product in one warehouse.
 *
 * 1. Units are never below 0.
 * 2. The pending change of a pair is the sum of all that was added and removed since {@link Stock.settleChange}.
 */
export interface Stock {
  pairOf(productIndex: number, warehouseIndex: number): number
  productOf(pair: number): number
  warehouseOf(pair: number): number
  unitsOf(pair: number): number
  /** Index of the store that last took units; −1 before the first. */
  lastSellerOf(pair: number): number
  /** Takes up to `wanted` units off the shelf for a store; returns how many there were. */
  sell(pair: number, wanted: number, storeIndex: number): number
  /** A delivery out of turn, for what has to be sold though there is nothing left. */
  deliverNow(pair: number): void
  add(pair: number, units: number): void
  /** Removes up to `wanted` units; returns how many there were. */
  remove(pair: number, wanted: number): number
  /** The pair that has waited longest with a pending change or an order, and waits no longer; −1 when none does. */
  takeChanged(): number
  /** Adds the delivery that was ordered at an earlier look, if one was; returns whether it came. */
  deliverOrdered(pair: number): boolean
  /** Orders a delivery, due at the next look, when no more than the reorder point is left. */
  orderIfLow(pair: number): void
  /** Returns the pending change and starts a new one. */
  settleChange(pair: number): number
}

function drawFirstUnits(products: readonly Product[], warehouseCount: number, random: Random): Int32Array {
  const units = new Int32Array(products.length * warehouseCount)
  for (let pair = 0; pair < units.length; pair += 1) {
    const { reorderPoint, lotSize } = itemAt(products, Math.floor(pair / warehouseCount))
    units[pair] = reorderPoint + random.nextInt(lotSize)
  }
  return units
}

export function createStock(products: readonly Product[], warehouseCount: number, random: Random): Stock {
  const units = drawFirstUnits(products, warehouseCount, random)
  const pending = new Int32Array(units.length)
  const ordered = new Uint8Array(units.length)
  const lastSeller = new Int32Array(units.length).fill(-1)
  // A ring of the pairs that wait, each at most once, so it never holds more than there are.
  const waiting = new Int32Array(units.length)
  const isWaiting = new Uint8Array(units.length)
  let first = 0
  let waitingCount = 0

  const productOf = (pair: number): number => Math.floor(pair / warehouseCount)
  const wait = (pair: number): void => {
    if (isWaiting[pair] === 1) return
    isWaiting[pair] = 1
    waiting[(first + waitingCount) % waiting.length] = pair
    waitingCount += 1
  }
  const change = (pair: number, by: number): void => {
    units[pair] = (units[pair] ?? 0) + by
    pending[pair] = (pending[pair] ?? 0) + by
    wait(pair)
  }
  const remove = (pair: number, wanted: number): number => {
    const taken = Math.min(wanted, units[pair] ?? 0)
    if (taken > 0) change(pair, -taken)
    return taken
  }

  return {
    pairOf: (productIndex, warehouseIndex) => productIndex * warehouseCount + warehouseIndex,
    productOf,
    warehouseOf: (pair) => pair % warehouseCount,
    unitsOf: (pair) => units[pair] ?? 0,
    lastSellerOf: (pair) => lastSeller[pair] ?? -1,
    sell(pair, wanted, storeIndex) {
      const taken = remove(pair, wanted)
      if (taken > 0) lastSeller[pair] = storeIndex
      return taken
    },
    deliverNow: (pair) => change(pair, itemAt(products, productOf(pair)).lotSize),
    add: change,
    remove,
    takeChanged() {
      while (waitingCount > 0) {
        const pair = waiting[first] ?? 0
        first = (first + 1) % waiting.length
        waitingCount -= 1
        isWaiting[pair] = 0
        if (pending[pair] !== 0 || ordered[pair] === 1) return pair
      }
      return -1
    },
    deliverOrdered(pair) {
      if (ordered[pair] !== 1) return false
      ordered[pair] = 0
      change(pair, itemAt(products, productOf(pair)).lotSize)
      return true
    },
    orderIfLow(pair) {
      if ((units[pair] ?? 0) > itemAt(products, productOf(pair)).reorderPoint) return
      ordered[pair] = 1
      wait(pair)
    },
    settleChange(pair) {
      const net = pending[pair] ?? 0
      pending[pair] = 0
      return net
    },
  }
}
