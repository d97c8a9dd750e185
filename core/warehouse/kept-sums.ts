import type { WarehouseStatsRow } from './warehouse.ts'

/**
 * The stats over the user's table, asked for once a second of a table that may have millions of rows: sums over windows
 * that have settled are kept, and only later windows are read each time.
 */
export interface KeptSums {
  /** @param sum reads the rows of windows that start in [fromMs, untilMs) */
  read(sum: SumWindows, nowMs: number): Promise<WarehouseStatsRow>
  /** To be called after a commit that wrote a window which starts at `startMs`. */
  noteWritten(startMs: number): void
  /** To be called after anything else has changed the table. */
  forget(): void
}

/** What the windows of one store add up to. */
export interface StoreSums {
  readonly storeId: number
  readonly windows: number
  readonly transactions: number
  readonly cents: bigint
  readonly latestWindowMs: number | null
}

export type SumWindows = (fromMs: number, untilMs: number) => Promise<readonly StoreSums[]>

export interface KeptSumsOptions {
  /** How long sums are kept where others may write the table too; Infinity where nobody may. */
  readonly keptMs: number
  /** How far the bounds of `sum` may be from the instants that it returns. */
  readonly zoneSlackMs: number
}

interface Sums extends Omit<StoreSums, 'storeId'> {
  readonly stores: ReadonlySet<number>
}

const nothing: Sums = { windows: 0, transactions: 0, cents: 0n, stores: new Set(), latestWindowMs: null }

/** Below this many windows a look at all of them costs nothing to speak of. */
const manyWindows = 20_000
/** Windows this far behind the latest one are hardly ever written again. */
const settledAfterMs = 7_200_000
/** Before and after every window. */
const earliestMs = -62_135_596_800_000
const latestMs = 253_402_300_799_000

const later = (left: number | null, right: number | null): number | null =>
  left === null || right === null ? (left ?? right) : Math.max(left, right)

function add(sums: Sums, perStore: readonly StoreSums[]): Sums {
  return {
    windows: perStore.reduce((total, { windows }) => total + windows, sums.windows),
    transactions: perStore.reduce((total, { transactions }) => total + transactions, sums.transactions),
    cents: perStore.reduce((total, { cents }) => total + cents, sums.cents),
    stores: new Set([...sums.stores, ...perStore.map(({ storeId }) => storeId)]),
    latestWindowMs: perStore.reduce((latest, { latestWindowMs }) => later(latest, latestWindowMs), sums.latestWindowMs),
  }
}

/** Knows nothing at first. */
export function createKeptSums({ keptMs, zoneSlackMs }: KeptSumsOptions): KeptSums {
  let settled = nothing
  let settledBeforeMs = earliestMs
  let settledAtMs = 0
  let lowestWrittenMs = latestMs

  const forget = (): void => {
    settled = nothing
    settledBeforeMs = earliestMs
    lowestWrittenMs = earliestMs
  }

  /** Adds the windows up to `untilMs` to the kept sums, unless one of them is written meanwhile. */
  const settle = async (sum: SumWindows, untilMs: number, nowMs: number): Promise<void> => {
    if (untilMs <= settledBeforeMs) return
    if (settled === nothing) settledAtMs = nowMs
    lowestWrittenMs = latestMs
    const next = add(settled, await sum(settledBeforeMs, untilMs))
    if (lowestWrittenMs < untilMs) return
    settled = next
    settledBeforeMs = untilMs
  }

  return {
    async read(sum, nowMs) {
      if (settled !== nothing && nowMs - settledAtMs > keptMs) forget()
      const kept = settled
      const recent = await sum(settledBeforeMs, latestMs)
      const { windows, transactions, cents, stores, latestWindowMs } = add(kept, recent)
      const recentWindows = windows - kept.windows
      if (recentWindows > manyWindows && latestWindowMs !== null) {
        await settle(sum, latestWindowMs - settledAfterMs - zoneSlackMs, nowMs)
      }
      return { windows, transactions, cents, stores: stores.size, latestWindowMs }
    },
    noteWritten(startMs) {
      lowestWrittenMs = Math.min(lowestWrittenMs, startMs)
      if (startMs < settledBeforeMs) forget()
    },
    forget,
  }
}

/** Of a table that is not there. */
export const noStats: WarehouseStatsRow = { windows: 0, transactions: 0, cents: 0n, stores: 0, latestWindowMs: null }
