import type { DuckdbSession } from '../../duckdb/session.ts'
import type { PruneBounds } from '../warehouse.ts'
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

/** Keeps the newest `most` rows of a ledger. */
async function trimLedger(session: DuckdbSession, table: string, most: number): Promise<void> {
  const [rows] = await session.read(`SELECT count(*) FROM storepulse.${table}`, [], (row) => row.number(0))
  if ((rows ?? 0) <= most) return
  await session.run(
    `DELETE FROM storepulse.${table} t USING (
        SELECT topic, partition, record_offset FROM storepulse.${table}
        ORDER BY epoch DESC, topic DESC, partition DESC, record_offset DESC OFFSET $1
      ) s
      WHERE t.topic = s.topic AND t.partition = s.partition AND t.record_offset = s.record_offset`,
    [most],
  )
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
    await trimLedger(session, 'conflicts', bounds.lateRows)
    await trimLedger(session, 'quarantine', bounds.quarantineRows)
    await trimEpochs(session, bounds.epochsBelowSequence, bounds.epochRows)
    await trimOperations(session, bounds.alertRows, bounds.trendsBeforeMs)
  })
}
