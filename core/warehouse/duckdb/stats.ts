import type { DuckdbSession } from '../../duckdb/session.ts'
import type { WarehouseStatsRow } from '../warehouse.ts'

/**
 * The seed's "current system stats" over `transactions_summary`, asked for once a second of a table that may have
 * millions of rows. Sums over windows before some instant are kept; only later windows are read, which DuckDB finds by
 * the smallest and largest value of each block. A write below that instant forgets the kept sums.
 */
export interface Stats {
  /** Needs the session for itself. */
  read(session: DuckdbSession): Promise<WarehouseStatsRow>
  /** To be called after a commit that wrote a window which starts at `startMs`. */
  noteWritten(startMs: number): void
  /** To be called after anything else has changed the table. */
  forget(): void
}

interface Sums {
  readonly windows: number
  readonly transactions: number
  readonly cents: bigint
  readonly stores: ReadonlySet<number>
  readonly latestWindowMs: number | null
}

const empty: Sums = { windows: 0, transactions: 0, cents: 0n, stores: new Set(), latestWindowMs: null }

/** Below this many windows a look at all of them costs nothing to speak of. */
const manyWindows = 20_000
/** Windows this far behind the latest one are hardly ever written again. */
const settledAfterMs = 7_200_000
/** Before and after every window. */
const earliestMs = -62_135_596_800_000
const latestMs = 253_402_300_799_000

const sumSql = `SELECT store_id, count(*), coalesce(sum(total_transactions), 0), sum(total_revenue),
    epoch_ms(max(window_start))
  FROM public.transactions_summary
  WHERE window_start >= epoch_ms($1::BIGINT) AND window_start < epoch_ms($2::BIGINT)
  GROUP BY store_id`

function add(left: Sums, right: Sums): Sums {
  const latest = Math.max(left.latestWindowMs ?? earliestMs, right.latestWindowMs ?? earliestMs)
  return {
    windows: left.windows + right.windows,
    transactions: left.transactions + right.transactions,
    cents: left.cents + right.cents,
    stores: new Set([...left.stores, ...right.stores]),
    latestWindowMs: latest === earliestMs ? null : latest,
  }
}

async function sum(session: DuckdbSession, fromMs: number, untilMs: number): Promise<Sums> {
  const perStore = await session.read(sumSql, [fromMs, untilMs], (row) => ({
    windows: row.number(1),
    transactions: row.number(2),
    cents: row.decimal(3),
    stores: new Set([row.number(0)]),
    latestWindowMs: row.number(4),
  }))
  return {
    windows: perStore.reduce((total, { windows }) => total + windows, 0),
    transactions: perStore.reduce((total, { transactions }) => total + transactions, 0),
    cents: perStore.reduce((total, { cents }) => total + cents, 0n),
    stores: new Set(perStore.flatMap(({ stores }) => [...stores])),
    latestWindowMs: perStore.reduce<number | null>(
      (latest, { latestWindowMs }) => Math.max(latest ?? latestWindowMs, latestWindowMs),
      null,
    ),
  }
}

/** Knows nothing at first. */
export function createStats(): Stats {
  let settled = empty
  let settledBeforeMs = earliestMs
  let lowestWrittenMs = latestMs

  const forget = (): void => {
    settled = empty
    settledBeforeMs = earliestMs
    lowestWrittenMs = earliestMs
  }

  /** Adds the windows up to `untilMs` to the kept sums, unless one of them is written meanwhile. */
  const settle = async (session: DuckdbSession, untilMs: number): Promise<void> => {
    if (untilMs <= settledBeforeMs) return
    lowestWrittenMs = latestMs
    const next = add(settled, await sum(session, settledBeforeMs, untilMs))
    if (lowestWrittenMs < untilMs) return
    settled = next
    settledBeforeMs = untilMs
  }

  return {
    async read(session) {
      const kept = settled
      const recent = await sum(session, settledBeforeMs, latestMs)
      const all = add(kept, recent)
      if (recent.windows > manyWindows && all.latestWindowMs !== null) {
        await settle(session, all.latestWindowMs - settledAfterMs)
      }
      const { windows, transactions, cents, stores, latestWindowMs } = all
      return { windows, transactions, cents, stores: stores.size, latestWindowMs }
    },
    noteWritten(startMs) {
      lowestWrittenMs = Math.min(lowestWrittenMs, startMs)
      if (startMs < settledBeforeMs) forget()
    },
    forget,
  }
}
