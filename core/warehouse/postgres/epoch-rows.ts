import type { EpochRecord } from '../../events/epoch.ts'
import { readCounters, readOffsets } from '../counter-rows.ts'
import { readEpoch } from '../stored-rows.ts'
import type { Progress } from '../warehouse.ts'
import { readNumbers } from './numbers.ts'
import { instantOf, msOf, type Parameter } from './parameter.ts'
import type { PostgresSession } from './session.ts'

const selectEpochs = `SELECT epoch, kind, ranges, from_sequence, until_sequence, records, ${msOf('watermark')},
  ${msOf('read_at')} FROM storepulse.epochs`

export const listEpochs = (session: PostgresSession, from: number, limit: number): Promise<readonly EpochRecord[]> =>
  session.read(`${selectEpochs} WHERE epoch >= $1 ORDER BY epoch LIMIT $2`, [String(from), String(limit)], readEpoch)

export const listIdleEpochs = (session: PostgresSession, from: number): Promise<readonly EpochRecord[]> =>
  session.read(`${selectEpochs} WHERE kind = 'idle' AND epoch >= $1 ORDER BY epoch`, [String(from)], readEpoch)

/** The part of a statement that adds an epoch to the ledger. */
export function insertEpochPart(epoch: EpochRecord, bind: (value: Parameter) => string): string {
  const { fromSequence, kind, ranges, readAtMs, records, untilSequence, watermarkMs } = epoch
  const watermark = watermarkMs === null ? 'NULL' : instantOf(bind(String(watermarkMs)))
  return `INSERT INTO storepulse.epochs
      (epoch, kind, ranges, from_sequence, until_sequence, records, watermark, read_at)
    VALUES (${bind(String(epoch.epoch))}::bigint, ${bind(kind)}, ${bind(JSON.stringify(ranges))},
      ${bind(String(fromSequence))}::bigint, ${bind(String(untilSequence))}::bigint, ${bind(String(records))}::bigint,
      ${watermark}, ${instantOf(bind(String(readAtMs)))})`
}

/** Settings that the rows of a warehouse depend on. */
export type StoredSettings = ReadonlyMap<string, string>

export async function readSettings(session: PostgresSession): Promise<StoredSettings> {
  const rows = await session.read(
    'SELECT name, value FROM storepulse.settings',
    [],
    (row) => [row.text(0), row.text(1)] as const,
  )
  return new Map(rows)
}

export async function writeSetting(session: PostgresSession, name: string, value: string): Promise<void> {
  await session.run(
    `INSERT INTO storepulse.settings (name, value) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [name, value],
  )
}

export const windowSizeName = 'window.sizeMs'

/** Everything the last commit left; null before the first. */
export async function readProgress(session: PostgresSession): Promise<Progress | null> {
  const [last] = await session.read(`${selectEpochs} ORDER BY epoch DESC LIMIT 1`, [], readEpoch)
  const windowSizeMs = (await readSettings(session)).get(windowSizeName)
  if (!last || windowSizeMs === undefined) return null
  const rows = await readNumbers(session)
  return {
    epoch: last.epoch,
    offsets: readOffsets(rows),
    untilSequence: last.untilSequence,
    watermarkMs: last.watermarkMs,
    counters: readCounters(rows),
    windowSizeMs: Number(windowSizeMs),
  }
}
