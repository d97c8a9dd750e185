import type { Column } from '../../duckdb/append.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'
import type { RecordRef } from '../../events/record.ts'
import { countRowsSql, describeRows, type LedgerDialect, listPurgeSql, sumLateSql } from '../evicting.ts'
import { readConflict, readEvicted, readLate, readLateSums, readLedgerRows, readQuarantined } from '../stored-rows.ts'
import type {
  ConflictEntry,
  EpochCommit,
  EvictedEntry,
  LateEntry,
  LedgerSums,
  Page,
  QuarantineEntry,
} from '../warehouse.ts'

const inSchema = (table: string): { catalog: null; schema: string; table: string } => ({
  catalog: null,
  schema: 'storepulse',
  table,
})

const listRefs = (refs: readonly RecordRef[]): readonly Column[] => [
  { type: 'text', values: refs.map((ref) => ref.topic) },
  { type: 'integer', values: refs.map((ref) => ref.partition) },
  { type: 'bigint', values: refs.map((ref) => ref.offset) },
]

/** Adds an epoch's late sales, quarantined records and conflicts, inside the running transaction. */
export async function appendLedgers(session: DuckdbSession, commit: EpochCommit): Promise<void> {
  const { epoch } = commit.epoch
  const { conflicts, late, quarantined } = commit
  const fill = <Value>(rows: readonly unknown[], value: Value): Value[] => rows.map(() => value)
  await session.append(inSchema('late'), [
    ...listRefs(late.map(({ ref }) => ref)),
    { type: 'integer', values: late.map((sale) => sale.storeId) },
    { type: 'text', values: late.map((sale) => sale.transactionId) },
    { type: 'timestamp', values: late.map((sale) => sale.eventTimeMs) },
    { type: 'bigint', values: late.map((sale) => sale.cents) },
    { type: 'bigint', values: late.map((sale) => sale.latenessMs) },
    { type: 'timestamp', values: late.map((sale) => sale.appendedAtMs) },
    { type: 'bigint', values: fill(late, epoch) },
    { type: 'timestamp', values: fill(late, null) },
  ])
  await session.append(inSchema('quarantine'), [
    ...listRefs(quarantined.map(({ ref }) => ref)),
    { type: 'text', values: quarantined.map((record) => record.reason) },
    { type: 'text', values: quarantined.map((record) => record.path) },
    { type: 'bytes', values: quarantined.map((record) => record.bytes) },
    { type: 'bigint', values: quarantined.map((record) => record.sizeBytes) },
    { type: 'text', values: quarantined.map((record) => record.sha256) },
    { type: 'timestamp', values: quarantined.map((record) => record.seenAtMs) },
    { type: 'bigint', values: fill(quarantined, epoch) },
    { type: 'timestamp', values: fill(quarantined, null) },
  ])
  await session.append(inSchema('conflicts'), [
    ...listRefs(conflicts.map(({ ref }) => ref)),
    { type: 'text', values: conflicts.map((conflict) => conflict.id) },
    { type: 'bigint', values: fill(conflicts, epoch) },
  ])
}

const refsSql = `(SELECT unnest($1::VARCHAR[]) AS topic, unnest($2::BIGINT[]) AS partition,
  unnest($3::BIGINT[]) AS record_offset) s`
const sameRecord = 't.topic = s.topic AND t.partition = s.partition AND t.record_offset = s.record_offset'

export const dialect: LedgerDialect = {
  newestFirst: 'epoch DESC, topic DESC, partition DESC, record_offset DESC',
  wide: 'HUGEINT',
  refs: refsSql,
}

export const bindRefs = (refs: readonly RecordRef[]) => [
  { texts: refs.map((ref) => ref.topic) },
  { integers: refs.map((ref) => ref.partition) },
  { integers: refs.map((ref) => ref.offset) },
]

/** Notes that records count after all, inside the running transaction. */
export async function markReadmitted(session: DuckdbSession, refs: readonly RecordRef[], atMs: number): Promise<void> {
  if (refs.length === 0) return
  for (const table of ['late', 'quarantine', 'evicted']) {
    await session.run(
      `UPDATE storepulse.${table} t SET readmitted_at = epoch_ms($4::BIGINT) FROM ${refsSql} WHERE ${sameRecord}`,
      [...bindRefs(refs), atMs],
    )
  }
}

/** Deletes quarantined records and counts them; null = all that were not re-admitted. Returns how many went. */
export async function deleteQuarantined(session: DuckdbSession, refs: readonly RecordRef[] | null): Promise<number> {
  if (refs?.length === 0) return 0
  const [countSql, deleteSql] = listPurgeSql(dialect, refs === null)
  const named = refs === null ? [] : bindRefs(refs)
  return await session.transaction(async () => {
    await session.run(countSql, named)
    return await session.run(deleteSql, named)
  })
}

const selectLate = `SELECT topic, partition, record_offset, store_id, transaction_id, epoch_ms(event_time), cents,
  lateness_ms, epoch_ms(appended_at), epoch, epoch_ms(readmitted_at) FROM storepulse.late`
const selectQuarantined = `SELECT topic, partition, record_offset, reason, path, bytes, size_bytes, sha256,
  epoch_ms(seen_at), epoch, epoch_ms(readmitted_at) FROM storepulse.quarantine`

const newestFirst = `ORDER BY ${dialect.newestFirst} LIMIT $1 OFFSET $2`
/** Within a commit that catches up on hours, too, the list is in the order in which records came. */
const lastSeenFirst = `ORDER BY seen_at DESC, ${dialect.newestFirst} LIMIT $1 OFFSET $2`
const thisRecord = 'WHERE topic = $1 AND partition = $2 AND record_offset = $3'

const bindRef = (ref: RecordRef) => [ref.topic, ref.partition, ref.offset]

export const listLate = (session: DuckdbSession, page: Page): Promise<readonly LateEntry[]> =>
  session.read(`${selectLate} ${newestFirst}`, [page.limit, page.offset], readLate)

export const listQuarantined = (session: DuckdbSession, page: Page): Promise<readonly QuarantineEntry[]> =>
  session.read(`${selectQuarantined} ${lastSeenFirst}`, [page.limit, page.offset], readQuarantined)

export const findLate = async (session: DuckdbSession, ref: RecordRef): Promise<LateEntry | null> =>
  (await session.read(`${selectLate} ${thisRecord}`, bindRef(ref), readLate))[0] ?? null

export const findQuarantined = async (session: DuckdbSession, ref: RecordRef): Promise<QuarantineEntry | null> =>
  (await session.read(`${selectQuarantined} ${thisRecord}`, bindRef(ref), readQuarantined))[0] ?? null

export const listConflicts = (session: DuckdbSession, page: Page): Promise<readonly ConflictEntry[]> =>
  session.read(
    `SELECT topic, partition, record_offset, id, epoch FROM storepulse.conflicts ${newestFirst}`,
    [page.limit, page.offset],
    readConflict,
  )

export const findEvicted = async (session: DuckdbSession, ref: RecordRef): Promise<EvictedEntry | null> =>
  (
    await session.read(
      `SELECT topic, partition, record_offset, ledger, coalesce(reason, ''), epoch_ms(readmitted_at)
        FROM storepulse.evicted ${thisRecord}`,
      bindRef(ref),
      readEvicted,
    )
  )[0] ?? null

export async function sumLedgers(session: DuckdbSession): Promise<LedgerSums> {
  const late = await session.read(sumLateSql(dialect), [], readLateSums)
  return { late, rows: describeRows(await session.read(countRowsSql, [], readLedgerRows)) }
}
