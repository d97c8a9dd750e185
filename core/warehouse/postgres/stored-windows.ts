import { readWindow } from '../stored-rows.ts'
import type { StoredWindow } from '../warehouse.ts'
import { instantOf, literal, msOf } from './parameter.ts'
import type { PostgresSession } from './session.ts'

/** Before and after every window, whatever bounds a caller names. */
const earliestMs = -62_135_596_800_000
const latestMs = 253_402_300_799_000

const clamp = (ms: number): string => String(Math.min(latestMs, Math.max(earliestMs, ms)))

const listSql = `SELECT w.store_id, ${msOf('w.window_start')}, ${msOf('w.window_end')}, w.transactions, w.cents,
    w.unique_customers, w.revision, w.final, coalesce(k.bytes, ''::bytea)
  FROM storepulse.windows w
  LEFT JOIN storepulse.sketches k ON w.final AND k.window_start = w.window_start AND k.store_id = w.store_id
  WHERE w.window_start >= ${instantOf('$1')} AND w.window_start < ${instantOf('$2')}
  ORDER BY w.window_start, w.store_id`

/** Windows whose start is in [fromMs, untilMs), by start, then store. */
export const listWindows = (
  session: PostgresSession,
  fromMs: number,
  untilMs: number,
): Promise<readonly StoredWindow[]> => session.read(listSql, [clamp(fromMs), clamp(untilMs)], readWindow)

/** A timestamp of a table in some zone as one of UTC, and back. */
export const toUtc = (timestamp: string, zone: string): string =>
  zone === 'UTC' ? timestamp : `((${timestamp} AT TIME ZONE ${literal(zone)}) AT TIME ZONE 'UTC')`
const fromUtc = (timestamp: string, zone: string): string =>
  zone === 'UTC' ? timestamp : `((${timestamp} AT TIME ZONE 'UTC') AT TIME ZONE ${literal(zone)})`

const listForeignSql = (zone: string): string => `SELECT store_id, ${msOf(toUtc('window_start', zone))},
    ${msOf(toUtc('window_end', zone))}, coalesce(total_transactions, 0),
    round(coalesce(total_revenue, 0) * 100)::numeric(38, 0), coalesce(unique_customers, 0), 0, TRUE, ''::bytea
  FROM public.transactions_summary
  WHERE window_start >= ${fromUtc(instantOf('$1'), zone)} AND window_start < ${fromUtc(instantOf('$2'), zone)}
  ORDER BY 2, 1`

/** The same of a table that somebody else writes: its windows count as final. */
export const listForeignWindows = (
  session: PostgresSession,
  fromMs: number,
  untilMs: number,
  zone: string,
): Promise<readonly StoredWindow[]> => session.read(listForeignSql(zone), [clamp(fromMs), clamp(untilMs)], readWindow)
