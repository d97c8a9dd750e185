import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Board } from '../../core/protocol/board.ts'
import type { TileTrends } from '../../core/protocol/views.ts'
import type { Client } from '../bridge/client.ts'

/** The tiles' past: what the host remembers, and after that what this page saw itself. */
export interface TrendStore extends StoreApi<TileTrends> {
  /** Asks the host for its part. */
  load(fromMs: number, untilMs: number): Promise<void>
  /** Takes the newest board; one in five seconds is kept. */
  accept(board: Board): void
  reset(): void
}

const keepEveryMs = 5_000
const mostPoints = 720
const dayMs = 86_400_000

export const emptyTrends: TileTrends = {
  atMs: [],
  customers: [],
  p50Ms: [],
  dataQuality: [],
  compared: { customers: null, p50Ms: null, dataQuality: null },
}

const drop = <Value>(values: readonly Value[], count: number): readonly Value[] =>
  count > 0 ? values.slice(count) : values

/** The trends with one board more; the oldest go beyond 720. */
export function appendBoard(trends: TileTrends, atMs: number, board: Board): TileTrends {
  const tooMany = trends.atMs.length + 1 - mostPoints
  const push = (values: readonly (number | null)[], value: number | null): readonly (number | null)[] => [
    ...drop(values, tooMany),
    value,
  ]
  return {
    atMs: [...drop(trends.atMs, tooMany), atMs],
    customers: push(trends.customers, board.activeCustomers),
    p50Ms: push(trends.p50Ms, board.latencyMs.p50),
    dataQuality: push(trends.dataQuality, board.dataQuality),
    compared: trends.compared,
  }
}

/** What the host remembers up to where the page's own points begin, then those. */
export function joinTrends(remembered: TileTrends, own: TileTrends): TileTrends {
  const firstOwn = own.atMs[0] ?? Number.POSITIVE_INFINITY
  const found = remembered.atMs.findIndex((atMs) => atMs >= firstOwn)
  const count = found === -1 ? remembered.atMs.length : found
  return {
    atMs: [...remembered.atMs.slice(0, count), ...own.atMs],
    customers: [...remembered.customers.slice(0, count), ...own.customers],
    p50Ms: [...remembered.p50Ms.slice(0, count), ...own.p50Ms],
    dataQuality: [...remembered.dataQuality.slice(0, count), ...own.dataQuality],
    compared: remembered.compared,
  }
}

export function createTrendStore(client: Client): TrendStore {
  const store = createStore<TileTrends>(() => emptyTrends)
  let remembered = emptyTrends
  let own = emptyTrends
  return {
    ...store,
    reset() {
      remembered = emptyTrends
      own = emptyTrends
      store.setState(emptyTrends)
    },
    async load(fromMs, untilMs) {
      try {
        remembered = await client.request('trends', { fromMs, untilMs, compareMs: dayMs })
      } catch {
        // The tiles draw what this page saw; the next load asks again.
        return
      }
      store.setState(joinTrends(remembered, own))
    },
    accept(board) {
      const atMs = Date.parse(board.at)
      if (atMs - (own.atMs.at(-1) ?? 0) < keepEveryMs) return
      own = appendBoard(own, atMs, board)
      store.setState(joinTrends(remembered, own))
    },
  }
}

/** Trends of one span: what is older is left out. */
export function trendSince(
  trends: TileTrends,
  fromMs: number,
  figure: 'customers' | 'p50Ms' | 'dataQuality',
): readonly number[] {
  return trends[figure].flatMap((value, index) =>
    value !== null && (trends.atMs[index] ?? 0) >= fromMs ? [value] : [],
  )
}
