import type { DuckdbSession } from '../../duckdb/session.ts'
import type { EpochRecord } from '../../events/epoch.ts'
import type { Progress } from '../warehouse.ts'
import { readCounters, readOffsets } from '../counter-rows.ts'
import { readEpoch } from '../stored-rows.ts'
import { readNumbers } from './numbers.ts'

/** The setting that the rows of a warehouse depend on. */
const windowSizeName = 'window.sizeMs'

const selectEpochs = `SELECT epoch, kind, ranges, from_sequence, until_sequence, records, epoch_ms(watermark),
  epoch_ms(read_at) FROM storepulse.epochs`

export const listEpochs = (session: DuckdbSession, from: number, limit: number): Promise<readonly EpochRecord[]> =>
  session.read(`${selectEpochs} WHERE epoch >= $1 ORDER BY epoch LIMIT $2`, [from, limit], readEpoch)

export const listIdleEpochs = (session: DuckdbSession, from: number): Promise<readonly EpochRecord[]> =>
  session.read(`${selectEpochs} WHERE kind = 'idle' AND epoch >= $1 ORDER BY epoch`, [from], readEpoch)

/** Adds an epoch to the ledger, inside the running transaction. @throws Fault `internal` when it is there already */
export async function insertEpoch(session: DuckdbSession, epoch: EpochRecord): Promise<void> {
  await session.run(
    `INSERT INTO storepulse.epochs
      SELECT $1, $2, $3, $4, $5, $6, epoch_ms($7::BIGINT), epoch_ms($8::BIGINT)`,
    [
      epoch.epoch,
      epoch.kind,
      JSON.stringify(epoch.ranges),
      epoch.fromSequence,
      epoch.untilSequence,
      epoch.records,
      epoch.watermarkMs,
      epoch.readAtMs,
    ],
  )
}

/** The window size of the rows, or null before the first commit. */
export async function readWindowSize(session: DuckdbSession): Promise<number | null> {
  const [size] = await session.read('SELECT value FROM storepulse.settings WHERE name = $1', [windowSizeName], (row) =>
    Number(row.text(0)),
  )
  return size ?? null
}

export async function insertWindowSize(session: DuckdbSession, sizeMs: number): Promise<void> {
  await session.run('INSERT INTO storepulse.settings VALUES ($1, $2)', [windowSizeName, String(sizeMs)])
}

/** Everything the last commit left, inside the running transaction; null before the first. */
export async function readProgress(session: DuckdbSession): Promise<Progress | null> {
  const [last] = await session.read(`${selectEpochs} ORDER BY epoch DESC LIMIT 1`, [], readEpoch)
  const windowSizeMs = await readWindowSize(session)
  if (!last || windowSizeMs === null) return null
  const { rows } = await readNumbers(session)
  return {
    epoch: last.epoch,
    offsets: readOffsets(rows),
    untilSequence: last.untilSequence,
    watermarkMs: last.watermarkMs,
    counters: readCounters(rows),
    windowSizeMs,
  }
}
