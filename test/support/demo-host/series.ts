import type { Series, StoresAnswer, StoresRequest, StoreSummary } from '../../../core/protocol/views.ts'
import { type DemoStore, sampleStores, silentStoreId, soldBetween, type World } from './world.ts'

const minuteMs = 60_000
export const latenessMs = 10 * minuteMs
export const historyMs = 26 * 60 * minuteMs

/** The series of one store or of all; before the made past there is nothing. */
export function drawSeries(
  world: World,
  request: {
    readonly fromMs: number
    readonly untilMs: number
    readonly stepMs: number
    readonly storeId: number | null
  },
  nowMs: number,
): Series {
  const { stores, weight } =
    request.storeId === null
      ? sampleStores(world)
      : { stores: world.stores.filter(({ id }) => id === request.storeId), weight: 1 }
  const startMs: number[] = []
  const transactions: number[] = []
  const cents: number[] = []
  const final: boolean[] = []
  const first = Math.max(request.fromMs, world.startedMs - historyMs - 24 * 60 * minuteMs)
  for (let at = Math.ceil(first / request.stepMs) * request.stepMs; at < request.untilMs; at += request.stepMs) {
    let count = 0
    let sum = 0
    for (const store of stores) {
      const sold = soldBetween(world, store, at, at + request.stepMs, nowMs)
      count += sold.transactions
      sum += sold.cents
    }
    if (count === 0) continue
    startMs.push(at)
    transactions.push(Math.round(count * weight))
    cents.push(Math.round(sum * weight))
    final.push(at + request.stepMs <= nowMs - latenessMs)
  }
  return { stepMs: request.stepMs, startMs, transactions, cents, final }
}

export function summarise(
  world: World,
  store: DemoStore,
  request: Pick<StoresRequest, 'fromMs' | 'untilMs' | 'compareMs'>,
  nowMs: number,
): StoreSummary {
  const { fromMs, untilMs, compareMs } = request
  const sold = soldBetween(world, store, fromMs, untilMs, nowMs)
  const isSilent = !world.isEmpty && store.id === silentStoreId
  const twelfth = (untilMs - fromMs) / 12
  return {
    id: store.id,
    name: store.name,
    city: store.city,
    zone: store.zone,
    ...sold,
    comparedCents:
      compareMs === 0
        ? null
        : soldBetween(world, store, fromMs - compareMs, Math.min(untilMs, nowMs) - compareMs, nowMs).cents,
    latestMs:
      sold.transactions === 0 ? null : Math.floor((isSilent ? world.silentSinceMs : nowMs) / minuteMs) * minuteMs,
    sparkline: Array.from({ length: 12 }, (_, index) => {
      const from = fromMs + index * twelfth
      return soldBetween(world, store, from, from + twelfth, nowMs).cents
    }),
    silentSinceMs: isSilent ? world.silentSinceMs : null,
    isClosed: false,
  }
}

const orders: Readonly<
  Record<
    StoresRequest['sort'],
    (store: DemoStore, world: World, request: StoresRequest, nowMs: number) => number | string
  >
> = {
  name: ({ name }) => name,
  id: ({ id }) => id,
  revenue: (store, world, request, nowMs) =>
    soldBetween(world, store, request.untilMs - 3_600_000, request.untilMs, nowMs).cents,
  transactions: (store, world, request, nowMs) =>
    soldBetween(world, store, request.untilMs - 3_600_000, request.untilMs, nowMs).transactions,
  average: ({ size }) => size,
  change: ({ size, id }) => size * (id % 7),
  latest: ({ id }) => -id,
}

/** Sorts, filters and pages as the engine does; the silent ones first. */
export function listStores(world: World, request: StoresRequest, nowMs: number): StoresAnswer {
  const wanted = request.filter.toLowerCase()
  const found = world.isEmpty
    ? []
    : world.stores.filter(({ id, name, city }) => `${name} ${city} ${id}`.toLowerCase().includes(wanted))
  const keys = new Map(found.map((store) => [store.id, orders[request.sort](store, world, request, nowMs)]))
  const direction = request.descending ? -1 : 1
  const sorted = found.toSorted((left, right) => {
    const silent = Number(right.id === silentStoreId) - Number(left.id === silentStoreId)
    if (silent !== 0) return silent
    const [a = 0, b = 0] = [keys.get(left.id), keys.get(right.id)]
    return (a < b ? -1 : a > b ? 1 : left.id - right.id) * direction
  })
  return {
    total: found.length,
    silent: found.filter(({ id }) => id === silentStoreId).length,
    rows: sorted
      .slice(request.offset, request.offset + request.limit)
      .map((store) => summarise(world, store, request, nowMs)),
  }
}
