import type { PruneBounds } from '../warehouse.ts'
import { readSettings } from './epoch-rows.ts'
import { adoptedName } from './migrate.ts'
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

/** Keeps the newest `most` rows of a ledger. */
async function trimLedger(session: PostgresSession, table: string, most: number): Promise<void> {
  const [rows] = await session.read(`SELECT count(*) FROM storepulse.${table}`, [], (row) => row.number(0))
  if ((rows ?? 0) <= most) return
  await session.run(
    `DELETE FROM storepulse.${table} t USING (
        SELECT topic, partition, record_offset FROM storepulse.${table}
        ORDER BY epoch DESC, topic COLLATE "C" DESC, partition DESC, record_offset DESC OFFSET $1
      ) s
      WHERE t.topic = s.topic AND t.partition = s.partition AND t.record_offset = s.record_offset`,
    [String(most)],
  )
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
  await trimLedger(session, 'conflicts', bounds.lateRows)
  await trimLedger(session, 'quarantine', bounds.quarantineRows)
  await trimEpochs(session, bounds.epochsBelowSequence, bounds.epochRows)
  await trimOperations(session, bounds.alertRows, bounds.trendsBeforeMs)
}
