import { Fault } from '../../base/fault.ts'
import type { Row } from '../../duckdb/row.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'
import type { EpochRecord, PartitionRange } from '../../events/epoch.ts'
import type { PartitionOffset, Progress } from '../warehouse.ts'
import { parseTopicName } from '../topic-name.ts'
import { readCounters } from './counter-rows.ts'

/** The setting that the rows of a warehouse depend on. */
const windowSizeName = 'window.sizeMs'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function readRange(value: unknown): PartitionRange {
  if (isObject(value)) {
    const { from, partition, until } = value
    const topic = parseTopicName(value['topic'])
    if (topic && typeof partition === 'number' && typeof from === 'number' && typeof until === 'number') {
      return { topic, partition, from, until }
    }
  }
  throw new Fault('internal', `an epoch's range cannot be read: ${JSON.stringify(value)}`)
}

function readRanges(json: string): readonly PartitionRange[] {
  const value: unknown = JSON.parse(json)
  return Array.isArray(value) ? value.map(readRange) : []
}

const readEpoch = (row: Row): EpochRecord => ({
  epoch: row.number(0),
  kind: row.text(1) === 'idle' ? 'idle' : 'records',
  ranges: readRanges(row.text(2)),
  fromSequence: row.number(3),
  untilSequence: row.number(4),
  records: row.number(5),
  watermarkMs: row.numberOrNull(6),
  readAtMs: row.number(7),
})

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

/** Upserts next offsets, inside the running transaction. */
export async function writeOffsets(session: DuckdbSession, offsets: readonly PartitionOffset[]): Promise<void> {
  if (offsets.length === 0) return
  await session.run(
    `INSERT INTO storepulse.offsets
      SELECT unnest($1::VARCHAR[]), unnest($2::BIGINT[]), unnest($3::BIGINT[])
      ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset`,
    [
      { texts: offsets.map(({ topic }) => topic) },
      { integers: offsets.map(({ partition }) => partition) },
      { integers: offsets.map(({ offset }) => offset) },
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
  const offsets = await session.read(
    'SELECT topic, partition, next_offset FROM storepulse.offsets ORDER BY topic, partition',
    [],
    (row) => readRange({ topic: row.text(0), partition: row.number(1), from: 0, until: row.number(2) }),
  )
  const counters = await session.read('SELECT topic, name, value FROM storepulse.counters', [], (row) => ({
    topic: row.text(0),
    name: row.text(1),
    value: row.number(2),
  }))
  return {
    epoch: last.epoch,
    offsets: offsets.map(({ topic, partition, until }) => ({ topic, partition, offset: until })),
    untilSequence: last.untilSequence,
    watermarkMs: last.watermarkMs,
    counters: readCounters(counters),
    windowSizeMs,
  }
}
