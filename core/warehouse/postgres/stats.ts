import type { WarehouseStatsRow } from '../warehouse.ts'
import { instantOf, msOf } from './parameter.ts'
import type { PostgresSession } from './session.ts'
import { toUtc } from './stored-windows.ts'

/**
 * The stats over the user's table, asked for once a second of a table that may have millions of rows. Sums over windows
 * that have settled are kept for a while; only later windows are read each time, through the index on their start.
 */
export interface Stats {
  /** Needs a session with a transaction of its own. */
  read(session: PostgresSession, nowMs: number): Promise<WarehouseStatsRow>
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
/** Others may write the table too: nothing is kept for longer than this. */
const keptMs = 300_000
const earliestMs = -62_135_596_800_000
const latestMs = 253_402_300_799_000

const sumSql = (zone: string): string => `SELECT store_id, count(*), coalesce(sum(total_transactions), 0),
    round(coalesce(sum(total_revenue), 0) * 100)::numeric(38, 0), ${msOf(toUtc('max(window_start)', zone))}
  FROM public.transactions_summary
  WHERE window_start >= ${instantOf('$1')} AND window_start < ${instantOf('$2')}
  GROUP BY store_id`

const later = (left: number | null, right: number | null): number | null =>
  left === null || right === null ? (left ?? right) : Math.max(left, right)

const add = (left: Sums, right: Sums): Sums => ({
  windows: left.windows + right.windows,
  transactions: left.transactions + right.transactions,
  cents: left.cents + right.cents,
  stores: new Set([...left.stores, ...right.stores]),
  latestWindowMs: later(left.latestWindowMs, right.latestWindowMs),
})

/** @param zone zone of the table's times */
export function createStats(zone: string): Stats {
  let settled = empty
  let settledBeforeMs = earliestMs
  let settledAtMs = 0
  let lowestWrittenMs = latestMs

  const forget = (): void => {
    settled = empty
    settledBeforeMs = earliestMs
    lowestWrittenMs = earliestMs
  }
  /** Bounds are the table's own times, whatever their zone. */
  const sum = async (session: PostgresSession, fromMs: number, untilMs: number): Promise<Sums> => {
    const perStore = await session.read(sumSql(zone), [String(fromMs), String(untilMs)], (row) => ({
      windows: row.number(1),
      transactions: row.number(2),
      cents: row.bigint(3),
      stores: new Set([row.number(0)]),
      latestWindowMs: row.number(4),
    }))
    return {
      windows: perStore.reduce((total, { windows }) => total + windows, 0),
      transactions: perStore.reduce((total, { transactions }) => total + transactions, 0),
      cents: perStore.reduce((total, { cents }) => total + cents, 0n),
      stores: new Set(perStore.flatMap(({ stores }) => [...stores])),
      latestWindowMs: perStore.reduce<number | null>(
        (latest, { latestWindowMs }) => later(latest, latestWindowMs),
        null,
      ),
    }
  }
  /** Adds the windows up to `untilMs` to the kept sums, unless one of them is written meanwhile. */
  const settle = async (session: PostgresSession, untilMs: number, nowMs: number): Promise<void> => {
    if (untilMs <= settledBeforeMs) return
    if (settled === empty) settledAtMs = nowMs
    lowestWrittenMs = latestMs
    const next = add(settled, await sum(session, settledBeforeMs, untilMs))
    if (lowestWrittenMs < untilMs) return
    settled = next
    settledBeforeMs = untilMs
  }

  return {
    async read(session, nowMs) {
      if (settled !== empty && nowMs - settledAtMs > keptMs) forget()
      const kept = settled
      const recent = await sum(session, settledBeforeMs, latestMs)
      const all = add(kept, recent)
      if (recent.windows > manyWindows && all.latestWindowMs !== null) {
        // A zone is at most 14 hours from UTC: what is settled in UTC less a day is settled in any.
        const slackMs = zone === 'UTC' ? 0 : 86_400_000
        await settle(session, all.latestWindowMs - settledAfterMs - slackMs, nowMs)
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

export const noStats: WarehouseStatsRow = { windows: 0, transactions: 0, cents: 0n, stores: 0, latestWindowMs: null }
