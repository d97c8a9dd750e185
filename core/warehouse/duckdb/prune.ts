import type { DuckdbSession } from '../../duckdb/session.ts'
import type { RecordRef } from '../../events/record.ts'
import { listDropConflictsSql, listEvictSql, listForgetLostSql, listForgetOldestSql } from '../evicting.ts'
import type { PruneBounds } from '../warehouse.ts'
import { bindRefs, dialect } from './ledgers.ts'
import { trimOperations } from './operations.ts'

const windowTables = ['public.transactions_summary', 'storepulse.windows']

async function dropWindows(session: DuckdbSession, beforeMs: number): Promise<void> {
  await session.run(
    `DELETE FROM storepulse.sketches s USING storepulse.windows t
      WHERE t.window_start = s.window_start AND t.store_id = s.store_id AND t.window_end <= epoch_ms($1::BIGINT)`,
    [beforeMs],
  )
  for (const table of windowTables) {
    await session.run(`DELETE FROM ${table} WHERE window_end <= epoch_ms($1::BIGINT)`, [beforeMs])
  }
}

async function countRows(session: DuckdbSession, table: string): Promise<number> {
  const [rows] = await session.read(`SELECT count(*) FROM storepulse.${table}`, [], (row) => row.number(0))
  return rows ?? 0
}

/** Keeps the newest `most` rows of a ledger; of the others their places are remembered. */
async function trimLedger(session: DuckdbSession, ledger: 'late' | 'quarantine', most: number): Promise<void> {
  if ((await countRows(session, ledger)) <= most) return
  const [moveSql, dropSql] = listEvictSql(ledger, dialect)
  await session.run(moveSql, [most])
  await session.run(dropSql)
}

async function trimConflicts(session: DuckdbSession, most: number): Promise<void> {
  if ((await countRows(session, 'conflicts')) <= most) return
  for (const sql of listDropConflictsSql(dialect)) await session.run(sql, [most])
}

async function trimEvicted(session: DuckdbSession, most: number, heldFrom: readonly RecordRef[]): Promise<void> {
  if ((await countRows(session, 'evicted')) === 0) return
  for (const sql of listForgetLostSql(dialect)) await session.run(sql, bindRefs(heldFrom))
  if ((await countRows(session, 'evicted')) <= most) return
  for (const sql of listForgetOldestSql(dialect)) await session.run(sql, [most])
}

/**
 * Forgets epochs that the log no longer reaches, and beyond `rows` those that only group records. An idle close changes
 * results, so it stays as long as a record behind it does; the last epoch always stays: it is how far everything got.
 */
async function trimEpochs(session: DuckdbSession, belowSequence: number, rows: number): Promise<void> {
  await session.run(
    `DELETE FROM storepulse.epochs
      WHERE epoch < (SELECT max(epoch) FROM storepulse.epochs) AND (
        until_sequence < $1 OR (kind = 'records' AND (
          until_sequence <= $1
          OR epoch <= (SELECT epoch FROM storepulse.epochs ORDER BY epoch DESC LIMIT 1 OFFSET $2)
        ))
      )`,
    [belowSequence, rows],
  )
}

/** Drops what is older than the bounds, in one transaction. Conflicts share the bound of the late ledger. */
export async function pruneTables(session: DuckdbSession, bounds: PruneBounds): Promise<void> {
  await session.transaction(async () => {
    if (bounds.windowsBeforeMs !== null) await dropWindows(session, bounds.windowsBeforeMs)
    await trimLedger(session, 'late', bounds.lateRows)
    await trimConflicts(session, bounds.lateRows)
    await trimLedger(session, 'quarantine', bounds.quarantineRows)
    await trimEvicted(session, bounds.evictedRows, bounds.heldFrom)
    await trimEpochs(session, bounds.epochsBelowSequence, bounds.epochRows)
    await trimOperations(session, bounds.alertRows, bounds.trendsBeforeMs)
  })
}
