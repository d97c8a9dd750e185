import type { SumWindows } from '../kept-sums.ts'
import { instantOf, msOf } from './parameter.ts'
import type { PostgresSession } from './session.ts'
import { toUtc } from './stored-windows.ts'

/** Goes through the index on the windows' start. */
const writeSql = (zone: string): string => `SELECT store_id, count(*), coalesce(sum(total_transactions), 0),
    round(coalesce(sum(total_revenue), 0) * 100)::numeric(38, 0), ${msOf(toUtc('max(window_start)', zone))}
  FROM public.transactions_summary
  WHERE window_start >= ${instantOf('$1')} AND window_start < ${instantOf('$2')}
  GROUP BY store_id`

/**
 * Needs a session with a transaction of its own. Bounds are the table's own times, whatever their zone.
 *
 * @param zone zone of the table's times
 */
export const sumWindows =
  (session: PostgresSession, zone: string): SumWindows =>
  (fromMs, untilMs) =>
    session.read(writeSql(zone), [String(fromMs), String(untilMs)], (row) => ({
      storeId: row.number(0),
      windows: row.number(1),
      transactions: row.number(2),
      cents: row.bigint(3),
      latestWindowMs: row.number(4),
    }))
