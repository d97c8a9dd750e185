import type { DuckdbSession } from '../../duckdb/session.ts'
import type { SumWindows } from '../kept-sums.ts'

/** DuckDB finds the windows by the smallest and largest value of each block. */
const sql = `SELECT store_id, count(*), coalesce(sum(total_transactions), 0), sum(total_revenue),
    epoch_ms(max(window_start))
  FROM public.transactions_summary
  WHERE window_start >= epoch_ms($1::BIGINT) AND window_start < epoch_ms($2::BIGINT)
  GROUP BY store_id`

/** Needs the session for itself. */
export const sumWindows =
  (session: DuckdbSession): SumWindows =>
  (fromMs, untilMs) =>
    session.read(sql, [fromMs, untilMs], (row) => ({
      storeId: row.number(0),
      windows: row.number(1),
      transactions: row.number(2),
      cents: row.decimal(3),
      latestWindowMs: row.number(4),
    }))
