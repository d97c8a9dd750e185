import type { DuckdbSession } from '../../duckdb/session.ts'

/**
 * DuckDB has one memory limit for a whole instance, and a commit that meets it can leave an index behind that no longer
 * fits its table. So the limit is set far above what is meant, and the meant one is kept from outside:
 *
 * 1. What queries hold beyond it is looked at many times a second, and ends them ({@link measureWork}).
 * 2. Pages of the file that are only kept for speed are given up down to it at every checkpoint ({@link trimPages}).
 */

/** Far enough above for several looks at queries that grow as fast as memory can be written. */
export const findHardLimitMb = (limitMb: number): number => 512 + 8 * limitMb

const bytesPerMb = 1_048_576

/** The one setting that can still be changed when the others are locked; user SQL cannot change any. */
export const keepLimitOpenSql = "SET GLOBAL allowed_configs = ['memory_limit']"

const workSql = "SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT FROM duckdb_memory() WHERE tag <> 'BASE_TABLE'"

/** Megabytes in use, without pages of the file that can go at any time. */
export async function measureWork(session: DuckdbSession): Promise<number> {
  const [bytes] = await session.read(workSql, [], (row) => row.number(0))
  return (bytes ?? 0) / bytesPerMb
}

/** Gives pages up until the limit is kept. Returns whether it is; needs the instance without queries. */
export async function trimPages(session: DuckdbSession, limitMb: number): Promise<boolean> {
  try {
    await session.run(`SET memory_limit = '${limitMb}MB'`)
  } catch {
    // More than that is no pages but work: DuckDB keeps the limit it had.
    return false
  }
  await session.run(`SET memory_limit = '${findHardLimitMb(limitMb)}MB'`)
  return true
}
