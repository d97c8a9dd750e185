import type { Random } from '../base/random.ts'
import type { Draft, MakerTools, RecordMaker } from './draft.ts'
import { itemAt } from './item-at.ts'
import { fragmentOf } from './record-writer.ts'
import { createStock, type Stock } from './stock.ts'
import type { StoreTraffic } from './store-traffic.ts'
import type { World } from './world.ts'

/**
 * Makes `inventory-updates`.
 *
 * 1. An update names one product in one warehouse; its `quantity` is what is there, and its `change` is what has changed
 *    since the update of the same pair before it, whatever came and went in between.
 * 2. Pairs that changed are reported in the order in which they first changed. One update in fifty is a stock-taking of
 *    a pair at random instead; so are all of them while nothing has changed.
 */
export interface InventoryMaker extends RecordMaker {
  readonly stock: Stock
}

/** Share of updates that count or move stock instead of reporting sales. */
const stockTakingShare = 0.02
const mostShrunk = 3
const mostMoved = 24

type Reason = 'sale' | 'restock' | 'shrinkage' | 'transfer'

const parts = {
  productId: fragmentOf('","product_id":"'),
  eventTime: fragmentOf('","event_time":"'),
  quantity: fragmentOf('","quantity":'),
  change: fragmentOf(',"change":'),
  minus: fragmentOf('-'),
  reason: {
    sale: fragmentOf(',"reason":"sale"'),
    restock: fragmentOf(',"reason":"restock"'),
    shrinkage: fragmentOf(',"reason":"shrinkage"'),
    transfer: fragmentOf(',"reason":"transfer"'),
  },
  storeId: fragmentOf(',"store_id":'),
  reorderPoint: fragmentOf(',"reorder_point":'),
  end: fragmentOf('}'),
} as const

/** One update, before it is written. */
interface Update {
  readonly number: number
  readonly pair: number
  readonly eventTimeMs: number
  readonly change: number
  readonly reason: Reason
  /** Index of the store that sold; −1 for none. */
  readonly seller: number
}

function createUpdateWriter(world: World, stock: Stock, { out, tag }: MakerTools): (update: Update) => Draft {
  const head = fragmentOf(`{"update_id":"u-${tag}-`)
  const warehouses = world.warehouses.map((name) => fragmentOf(`","warehouse":"${name}`))
  return ({ number, pair, eventTimeMs, change, reason, seller }) => {
    const product = itemAt(world.products.items, stock.productOf(pair))
    out.begin()
    out.put(head)
    out.putWhole(number)
    out.put(parts.productId)
    out.put(product.key)
    out.put(parts.eventTime)
    out.putInstant(eventTimeMs)
    out.put(itemAt(warehouses, stock.warehouseOf(pair)))
    out.put(parts.quantity)
    out.putWhole(stock.unitsOf(pair))
    out.put(parts.change)
    if (change < 0) out.put(parts.minus)
    out.putWhole(Math.abs(change))
    out.put(parts.reason[reason])
    if (seller >= 0) {
      out.put(parts.storeId)
      out.putWhole(itemAt(world.stores, seller).id)
    }
    out.put(parts.reorderPoint)
    out.putWhole(product.reorderPoint)
    out.put(parts.end)
    return { key: product.key, value: out.end(), storeIndex: seller }
  }
}

export function createInventoryMaker(
  world: World,
  traffic: StoreTraffic,
  tools: MakerTools,
  random: Random,
): InventoryMaker {
  const stock = createStock(world.products.items, world.warehouses.length, random.fork('first stock'))
  const writeUpdate = createUpdateWriter(world, stock, tools)
  const pairCount = world.products.items.length * world.warehouses.length
  let number = 0

  /** Loses a few units, or moves some to the next warehouse; either may find nothing to take. */
  const takeStock = (pair: number): Reason => {
    if (random.chance(0.5)) {
      stock.remove(pair, 1 + random.nextInt(mostShrunk))
      return 'shrinkage'
    }
    const nextWarehouse = (stock.warehouseOf(pair) + 1) % world.warehouses.length
    const moved = stock.remove(pair, 1 + random.nextInt(mostMoved))
    if (moved > 0) stock.add(stock.pairOf(stock.productOf(pair), nextWarehouse), moved)
    return 'transfer'
  }

  /** The store that last sold of a pair, unless it is to be silent. */
  const findSeller = (pair: number, createdAtMs: number): number => {
    const seller = stock.lastSellerOf(pair)
    return seller >= 0 && traffic.isSilent(seller, createdAtMs) ? -1 : seller
  }

  return {
    stock,
    makeEvent(createdAtMs, latenessMs) {
      const changed = random.chance(stockTakingShare) ? -1 : stock.takeChanged()
      const pair = changed < 0 ? random.nextInt(pairCount) : changed
      const taken = changed < 0 ? takeStock(pair) : null
      const isDelivered = stock.deliverOrdered(pair)
      stock.orderIfLow(pair)
      const change = stock.settleChange(pair)
      const reason = taken ?? (isDelivered || change > 0 ? 'restock' : 'sale')
      const seller = reason === 'sale' ? findSeller(pair, createdAtMs) : -1
      number += 1
      return writeUpdate({ number, pair, eventTimeMs: createdAtMs - latenessMs, change, reason, seller })
    },
    makeSample(createdAtMs) {
      number += 1
      const pair = random.nextInt(pairCount)
      return writeUpdate({ number, pair, eventTimeMs: createdAtMs, change: -1, reason: 'sale', seller: -1 })
    },
  }
}
