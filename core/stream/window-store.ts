import type { DistinctKind, DistinctSketch } from '../base/distinct.ts'
import type { WindowRow } from '../events/epoch.ts'

/** One open window of one store. */
export interface OpenWindow {
  readonly storeId: number
  readonly startMs: number
  transactions: number
  cents: number
  /** What would take `cents` out of the safe integers, moved here. */
  carriedCents: bigint
  readonly sketch: DistinctSketch
  /** Number of the `apply` call that last changed it. */
  touchedIn: number
}

/** A day of largest amounts still fits a safe integer before this is reached. */
const carryAbove = 2 ** 52

/** Adds an amount exactly. */
export function addCents(window: OpenWindow, cents: number): void {
  window.cents += cents
  if (window.cents > carryAbove || window.cents < -carryAbove) {
    window.carriedCents += BigInt(window.cents)
    window.cents = 0
  }
}

export const totalCents = (window: OpenWindow): bigint => window.carriedCents + BigInt(window.cents)

/**
 * The open windows, by start, then by store.
 *
 * 1. A window is here from its first counted sale until its end is at or below the watermark.
 * 2. `earliestStartMs` is the smallest start held, Infinity when none is: one comparison tells that nothing closes.
 */
export interface WindowStore {
  findOrCreate(storeId: number, startMs: number): OpenWindow
  put(window: OpenWindow): void
  /** Removes and returns the windows that start before `startMs`, ordered by start, then store. */
  takeStartingBefore(startMs: number): readonly OpenWindow[]
  /** Every open window, ordered by start, then store. */
  list(): readonly OpenWindow[]
  /** One store's open windows, by start. */
  listOf(storeId: number): readonly OpenWindow[]
  readonly earliestStartMs: number
}

const byStore = (left: OpenWindow, right: OpenWindow): number => left.storeId - right.storeId

/** Creates an empty store whose windows count customers with `sketchKind`. */
export function createWindowStore(sketchKind: DistinctKind): WindowStore {
  const starts = new Map<number, Map<number, OpenWindow>>()
  let earliestStartMs = Number.POSITIVE_INFINITY
  // Consecutive sales mostly fall into the same minute.
  let recentStartMs = Number.NaN
  let recent: Map<number, OpenWindow> = new Map()

  const storesAt = (startMs: number): Map<number, OpenWindow> => {
    if (startMs === recentStartMs) return recent
    let stores = starts.get(startMs)
    if (!stores) {
      stores = new Map()
      starts.set(startMs, stores)
      if (startMs < earliestStartMs) earliestStartMs = startMs
    }
    recentStartMs = startMs
    recent = stores
    return stores
  }
  const sortedStarts = (): number[] => [...starts.keys()].sort((left, right) => left - right)
  const windowsAt = (startMs: number): OpenWindow[] => [...(starts.get(startMs)?.values() ?? [])].sort(byStore)

  return {
    findOrCreate(storeId, startMs) {
      const stores = storesAt(startMs)
      const found = stores.get(storeId)
      if (found) return found
      const window: OpenWindow = {
        storeId,
        startMs,
        transactions: 0,
        cents: 0,
        carriedCents: 0n,
        sketch: sketchKind.create(),
        touchedIn: -1,
      }
      stores.set(storeId, window)
      return window
    },
    put(window) {
      storesAt(window.startMs).set(window.storeId, window)
    },
    takeStartingBefore(startMs) {
      if (earliestStartMs >= startMs) return []
      const due = sortedStarts().filter((start) => start < startMs)
      const taken = due.flatMap(windowsAt)
      for (const start of due) starts.delete(start)
      recentStartMs = Number.NaN
      earliestStartMs = sortedStarts()[0] ?? Number.POSITIVE_INFINITY
      return taken
    },
    list: () => sortedStarts().flatMap(windowsAt),
    listOf: (storeId) => sortedStarts().flatMap((startMs) => starts.get(startMs)?.get(storeId) ?? []),
    get earliestStartMs() {
      return earliestStartMs
    },
  }
}

/**
 * The row a window is written as. The revision counts the changes the window has seen, not the epochs it was written
 * in, so that it is the same however records were grouped.
 */
export function describeWindow(window: OpenWindow, sizeMs: number, final: boolean): WindowRow {
  return {
    storeId: window.storeId,
    startMs: window.startMs,
    endMs: window.startMs + sizeMs,
    transactions: window.transactions,
    cents: totalCents(window),
    uniqueCustomers: window.sketch.estimate(),
    revision: window.transactions + (final ? 1 : 0),
    final,
    sketch: window.sketch.toBytes(),
  }
}
