import type { RecordRef } from '../../events/record.ts'
import { listDropConflictsSql, listEvictSql, listForgetLostSql, listForgetOldestSql } from '../evicting.ts'
import type { PruneBounds } from '../warehouse.ts'
import { readSettings } from './epoch-rows.ts'
import { adoptedName } from './migrate.ts'
import { dialect, listRefs } from './ledgers.ts'
import { trimOperations } from './operations.ts'
import { instantOf } from './parameter.ts'
import type { PostgresSession } from './session.ts'

/** Rows that were in the user's table before it was taken over stay. */
async function dropWindows(session: PostgresSession, beforeMs: number): Promise<void> {
  const adoptedId = (await readSettings(session)).get(adoptedName) ?? '0'
  const before = instantOf('$1')
  await session.run(
    `DELETE FROM storepulse.sketches s USING storepulse.windows t
      WHERE t.window_start = s.window_start AND t.store_id = s.store_id AND t.window_end <= ${before}`,
    [String(beforeMs)],
  )
  await session.run(`DELETE FROM public.transactions_summary WHERE window_end <= ${before} AND id > $2::bigint`, [
    String(beforeMs),
    adoptedId,
  ])
  await session.run(`DELETE FROM storepulse.windows WHERE window_end <= ${before}`, [String(beforeMs)])
}

async function countRows(session: PostgresSession, table: string): Promise<number> {
  const [rows] = await session.read(`SELECT count(*) FROM storepulse.${table}`, [], (row) => row.number(0))
  return rows ?? 0
}

/** Keeps the newest `most` rows of a ledger; of the others their places are remembered. */
async function trimLedger(session: PostgresSession, ledger: 'late' | 'quarantine', most: number): Promise<void> {
  if ((await countRows(session, ledger)) <= most) return
  const [moveSql, dropSql] = listEvictSql(ledger, dialect)
  await session.run(moveSql, [String(most)])
  await session.run(dropSql)
}

async function trimConflicts(session: PostgresSession, most: number): Promise<void> {
  if ((await countRows(session, 'conflicts')) <= most) return
  for (const sql of listDropConflictsSql(dialect)) await session.run(sql, [String(most)])
}

async function trimEvicted(session: PostgresSession, most: number, heldFrom: readonly RecordRef[]): Promise<void> {
  if ((await countRows(session, 'evicted')) === 0) return
  for (const sql of listForgetLostSql(dialect)) await session.run(sql, listRefs(heldFrom))
  if ((await countRows(session, 'evicted')) <= most) return
  for (const sql of listForgetOldestSql(dialect)) await session.run(sql, [String(most)])
}

/**
 * Forgets epochs that the log no longer reaches, and beyond `rows` those that only group records. An idle close changes
 * results, so it stays as long as a record behind it does; the last epoch always stays: it is how far everything got.
 */
async function trimEpochs(session: PostgresSession, belowSequence: number, rows: number): Promise<void> {
  await session.run(
    `DELETE FROM storepulse.epochs
      WHERE epoch < (SELECT max(epoch) FROM storepulse.epochs) AND (
        until_sequence < $1::bigint OR (kind = 'records' AND (
          until_sequence <= $1::bigint
          OR epoch <= (SELECT epoch FROM storepulse.epochs ORDER BY epoch DESC LIMIT 1 OFFSET $2::bigint)
        ))
      )`,
    [String(belowSequence), String(rows)],
  )
}

/** Drops what is older than the bounds, inside the running transaction. Conflicts share the bound of the late ledger. */
export async function pruneTables(session: PostgresSession, bounds: PruneBounds): Promise<void> {
  if (bounds.windowsBeforeMs !== null) await dropWindows(session, bounds.windowsBeforeMs)
  await trimLedger(session, 'late', bounds.lateRows)
  await trimConflicts(session, bounds.lateRows)
  await trimLedger(session, 'quarantine', bounds.quarantineRows)
  await trimEvicted(session, bounds.evictedRows, bounds.heldFrom)
  await trimEpochs(session, bounds.epochsBelowSequence, bounds.epochRows)
  await trimOperations(session, bounds.alertRows, bounds.trendsBeforeMs)
}
