import { buildCustomers, type Customers } from './customers.ts'
import type { StoreProfile } from './generator.ts'
import { buildProducts, type Products } from './products.ts'
import { buildStores, type Store } from './stores.ts'

/** Who sells what to whom. Depends on the seed and the number of stores alone, and never changes once built. */
export interface World {
  readonly stores: readonly Store[]
  readonly products: Products
  readonly customers: Customers
  /** Names of the warehouses; a store knows its own by index. */
  readonly warehouses: readonly string[]
}

const warehouses = ['WH-NORTH', 'WH-EAST', 'WH-SOUTH', 'WH-WEST'] as const

/** @param storeCount at least 1 */
export function buildWorld(seed: number, storeCount: number): World {
  const stores = buildStores(seed, storeCount, warehouses.length)
  return { stores, products: buildProducts(seed), customers: buildCustomers(seed, stores), warehouses }
}

/** What others may know of a store. */
export function profileOf(store: Store): StoreProfile {
  const { id, name, city, zone, sizeClass, opensAtMinute, closesAtMinute } = store
  return { id, name, city, zone, sizeClass, opensAtMinute, closesAtMinute }
}

/** The stores of a seed's world, without building the rest of it. */
export function listStores(seed: number, storeCount: number): readonly StoreProfile[] {
  return buildStores(seed, storeCount, warehouses.length).map(profileOf)
}
