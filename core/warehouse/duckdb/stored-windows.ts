import type { DuckdbSession } from '../../duckdb/session.ts'
import { readWindow } from '../stored-rows.ts'
import type { StoredWindow } from '../warehouse.ts'

const listSql = `SELECT w.store_id, epoch_ms(w.window_start), epoch_ms(w.window_end), w.transactions, w.cents::HUGEINT,
    w.unique_customers, w.revision, w.final, coalesce(k.bytes, ''::BLOB)
  FROM storepulse.windows w
  LEFT JOIN storepulse.sketches k ON w.final AND k.window_start = w.window_start AND k.store_id = w.store_id
  WHERE w.window_start >= epoch_ms($1::BIGINT) AND w.window_start < epoch_ms($2::BIGINT)
  ORDER BY w.window_start, w.store_id`

/** Before and after every window, whatever bounds a caller names. */
const earliestMs = -62_135_596_800_000
const latestMs = 253_402_300_799_000

const clamp = (ms: number): number => Math.min(latestMs, Math.max(earliestMs, ms))

/** Windows whose start is in [fromMs, untilMs), by start, then store. */
export const listWindows = (
  session: DuckdbSession,
  fromMs: number,
  untilMs: number,
): Promise<readonly StoredWindow[]> => session.read(listSql, [clamp(fromMs), clamp(untilMs)], readWindow)
