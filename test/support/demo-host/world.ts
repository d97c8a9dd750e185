/** A made-up retail business for looking at the page: every figure is a function of store and minute, so that all agree. */
export interface DemoStore {
  readonly id: number
  readonly name: string
  readonly city: string
  readonly zone: string
  readonly size: number
}

const minuteMs = 60_000
const places = [
  ['Porto Ribeira', 'Porto', 'Europe/Lisbon'],
  ['Leeds Briggate', 'Leeds', 'Europe/London'],
  ['Lyon Part-Dieu', 'Lyon', 'Europe/Paris'],
  ['Gdańsk Wrzeszcz', 'Gdańsk', 'Europe/Warsaw'],
  ['Utrecht Centraal', 'Utrecht', 'Europe/Amsterdam'],
  ['Bologna Centrale', 'Bologna', 'Europe/Rome'],
  ['Malmö Triangeln', 'Malmö', 'Europe/Stockholm'],
  ['Graz Annenstraße', 'Graz', 'Europe/Vienna'],
  ['Aarhus Bruuns', 'Aarhus', 'Europe/Copenhagen'],
  ['Cork Opera Lane', 'Cork', 'Europe/Dublin'],
] as const
export const silentStoreId = 7

/** Even noise 0…1 from two numbers. */
function noise(left: number, right: number): number {
  let mixed = Math.imul(left ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(right, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296
}

export function createStores(count: number): readonly DemoStore[] {
  return Array.from({ length: count }, (_, index) => {
    const [name, city, zone] = places[index % places.length] ?? places[0]
    const round = Math.floor(index / places.length)
    return {
      id: index + 1,
      name: round === 0 ? name : `${name} ${round + 1}`,
      city,
      zone,
      size: 2.6 - 2 * ((index % places.length) / places.length) + noise(index, 3) * 0.3,
    }
  })
}

export interface Sold {
  readonly transactions: number
  readonly cents: number
}

/** What a store sells in a minute of the past, or would in one that runs. */
export function sellMinute(store: DemoStore, minute: number): Sold {
  const hour = (minute / 60) % 24
  const day = 0.75 + 0.5 * Math.sin(((hour - 7) / 24) * Math.PI * 2) ** 2
  const wave = 1 + 0.25 * Math.sin(minute / 9 + store.id) + 0.15 * Math.sin(minute / 31)
  const expected = store.size * day * wave
  const transactions = Math.floor(expected + noise(store.id, minute) * 1.6)
  const basket = 1_900 + 2_600 * noise(store.id * 7, minute) + 600 * noise(store.id, Math.floor(minute / 60))
  return { transactions, cents: Math.round(transactions * basket) }
}

export interface World {
  readonly stores: readonly DemoStore[]
  readonly startedMs: number
  readonly silentSinceMs: number
  /** Nothing was ever sold. */
  readonly isEmpty: boolean
}

const isSilentAt = (world: World, store: DemoStore, minute: number): boolean =>
  store.id === silentStoreId && (minute + 1) * minuteMs > world.silentSinceMs

/** What a store has sold of a minute as of now. */
export function soldInMinute(world: World, store: DemoStore, minute: number, nowMs: number): Sold {
  const elapsed = Math.min(1, (nowMs - minute * minuteMs) / minuteMs)
  if (world.isEmpty || elapsed <= 0 || isSilentAt(world, store, minute)) return { transactions: 0, cents: 0 }
  const sold = sellMinute(store, minute)
  if (elapsed === 1) return sold
  const transactions = Math.floor(sold.transactions * elapsed + 0.5)
  return {
    transactions,
    cents: sold.transactions === 0 ? 0 : Math.round((sold.cents * transactions) / sold.transactions),
  }
}

/** What a store has sold in [fromMs, untilMs). */
export function soldBetween(world: World, store: DemoStore, fromMs: number, untilMs: number, nowMs: number): Sold {
  let transactions = 0
  let cents = 0
  for (let minute = Math.floor(fromMs / minuteMs); minute * minuteMs < Math.min(untilMs, nowMs); minute += 1) {
    const sold = soldInMinute(world, store, minute, nowMs)
    transactions += sold.transactions
    cents += sold.cents
  }
  return { transactions, cents }
}

/** Stores that stand for all, and how many each stands for: thousands are not added up one by one. */
export function sampleStores(world: World): { readonly stores: readonly DemoStore[]; readonly weight: number } {
  if (world.stores.length <= 40) return { stores: world.stores, weight: 1 }
  const every = Math.ceil(world.stores.length / 40)
  const stores = world.stores.filter((_, index) => index % every === 0)
  return { stores, weight: world.stores.length / stores.length }
}
