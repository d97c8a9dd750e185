import type { IdConflict, LateSale, QuarantinedRecord } from '../../events/epoch.ts'
import type { RecordRef } from '../../events/record.ts'
import { countRowsSql, describeRows, type LedgerDialect, listPurgeSql, sumLateSql } from '../evicting.ts'
import { readConflict, readEvicted, readLate, readLateSums, readLedgerRows, readQuarantined } from '../stored-rows.ts'
import type { ConflictEntry, EvictedEntry, LateEntry, LedgerSums, Page, QuarantineEntry } from '../warehouse.ts'
import { bytesList, instantOf, msOf, numberList, type Parameter, textList } from './parameter.ts'
import type { PostgresSession } from './session.ts'

type Bind = (value: Parameter) => string

const bindRefs = (refs: readonly RecordRef[], bind: Bind): string =>
  [
    `${bind(textList(refs.map(({ topic }) => topic)))}::text[]`,
    `${bind(numberList(refs.map(({ partition }) => partition)))}::integer[]`,
    `${bind(numberList(refs.map(({ offset }) => offset)))}::bigint[]`,
  ].join(', ')

/** The part of a statement that adds late sales. */
export function insertLatePart(late: readonly LateSale[], epoch: number, bind: Bind): string {
  return `INSERT INTO storepulse.late
      (topic, partition, record_offset, store_id, transaction_id, event_time, cents, lateness_ms, appended_at, epoch)
    SELECT topic, partition, record_offset, store_id, transaction_id, ${instantOf('event_ms')}, cents, lateness_ms,
      ${instantOf('appended_ms')}, ${bind(String(epoch))}::bigint
    FROM unnest(${bindRefs(
      late.map(({ ref }) => ref),
      bind,
    )},
      ${bind(numberList(late.map(({ storeId }) => storeId)))}::integer[],
      ${bind(textList(late.map(({ transactionId }) => transactionId)))}::text[],
      ${bind(numberList(late.map(({ eventTimeMs }) => eventTimeMs)))}::bigint[],
      ${bind(numberList(late.map(({ cents }) => cents)))}::bigint[],
      ${bind(numberList(late.map(({ latenessMs }) => latenessMs)))}::bigint[],
      ${bind(numberList(late.map(({ appendedAtMs }) => appendedAtMs)))}::bigint[]
    ) AS s(topic, partition, record_offset, store_id, transaction_id, event_ms, cents, lateness_ms, appended_ms)`
}

/** The part of a statement that adds quarantined records. */
export function insertQuarantinePart(records: readonly QuarantinedRecord[], epoch: number, bind: Bind): string {
  return `INSERT INTO storepulse.quarantine
      (topic, partition, record_offset, reason, path, bytes, size_bytes, sha256, seen_at, epoch)
    SELECT topic, partition, record_offset, reason, path, bytes, size_bytes, sha256, ${instantOf('seen_ms')},
      ${bind(String(epoch))}::bigint
    FROM unnest(${bindRefs(
      records.map(({ ref }) => ref),
      bind,
    )},
      ${bind(textList(records.map(({ reason }) => reason)))}::text[],
      ${bind(textList(records.map(({ path }) => path)))}::text[],
      ${bind(bytesList(records.map(({ bytes }) => bytes)))}::bytea[],
      ${bind(numberList(records.map(({ sizeBytes }) => sizeBytes)))}::bigint[],
      ${bind(textList(records.map(({ sha256 }) => sha256)))}::text[],
      ${bind(numberList(records.map(({ seenAtMs }) => seenAtMs)))}::bigint[]
    ) AS s(topic, partition, record_offset, reason, path, bytes, size_bytes, sha256, seen_ms)`
}

/** The part of a statement that adds conflicts. */
export function insertConflictsPart(conflicts: readonly IdConflict[], epoch: number, bind: Bind): string {
  return `INSERT INTO storepulse.conflicts (topic, partition, record_offset, id, epoch)
    SELECT topic, partition, record_offset, id, ${bind(String(epoch))}::bigint
    FROM unnest(${bindRefs(
      conflicts.map(({ ref }) => ref),
      bind,
    )},
      ${bind(textList(conflicts.map(({ id }) => id)))}::text[]
    ) AS s(topic, partition, record_offset, id)`
}

const sameRecord = 't.topic = s.topic AND t.partition = s.partition AND t.record_offset = s.record_offset'

function bindList(): { readonly values: readonly Parameter[]; readonly bind: Bind } {
  const values: Parameter[] = []
  return { values, bind: (value) => `$${values.push(value)}` }
}

const unnestRefs = (refs: readonly RecordRef[], bind: Bind): string =>
  `unnest(${bindRefs(refs, bind)}) AS s(topic, partition, record_offset)`

/** Notes that records count after all. */
export async function markReadmitted(
  session: PostgresSession,
  refs: readonly RecordRef[],
  atMs: number,
): Promise<void> {
  if (refs.length === 0) return
  for (const table of ['late', 'quarantine', 'evicted']) {
    const { bind, values } = bindList()
    await session.run(
      `UPDATE storepulse.${table} t SET readmitted_at = ${instantOf(bind(String(atMs)))}
        FROM ${unnestRefs(refs, bind)} WHERE ${sameRecord}`,
      values,
    )
  }
}

export const dialect: LedgerDialect = {
  // Topics in the order of their bytes, as every warehouse has them, whatever the collation of the database.
  newestFirst: 'epoch DESC, topic COLLATE "C" DESC, partition DESC, record_offset DESC',
  wide: 'numeric',
  refs: 'unnest($1::text[], $2::integer[], $3::bigint[]) AS s(topic, partition, record_offset)',
}

/** The parameters of {@link dialect}'s `refs`. */
export function listRefs(refs: readonly RecordRef[]): readonly Parameter[] {
  const { bind, values } = bindList()
  bindRefs(refs, bind)
  return values
}

/** Deletes quarantined records and counts them; null = all that were not re-admitted. Returns how many went. */
export async function deleteQuarantined(session: PostgresSession, refs: readonly RecordRef[] | null): Promise<number> {
  if (refs?.length === 0) return 0
  const [countSql, deleteSql] = listPurgeSql(dialect, refs === null)
  const named = refs === null ? [] : listRefs(refs)
  await session.run(countSql, named)
  return await session.run(deleteSql, named)
}

const selectLate = `SELECT topic, partition, record_offset, store_id, transaction_id, ${msOf('event_time')}, cents,
  lateness_ms, ${msOf('appended_at')}, epoch, ${msOf('readmitted_at')} FROM storepulse.late`
const selectQuarantined = `SELECT topic, partition, record_offset, reason, path, bytes, size_bytes, sha256,
  ${msOf('seen_at')}, epoch, ${msOf('readmitted_at')} FROM storepulse.quarantine`

const newestFirst = `ORDER BY ${dialect.newestFirst} LIMIT $1 OFFSET $2`
/** Within a commit that catches up on hours, too, the list is in the order in which records came. */
const lastSeenFirst = `ORDER BY seen_at DESC, ${dialect.newestFirst} LIMIT $1 OFFSET $2`
const thisRecord = 'WHERE topic = $1 AND partition = $2 AND record_offset = $3'

const bindRef = (ref: RecordRef): readonly Parameter[] => [ref.topic, String(ref.partition), String(ref.offset)]
const bindPage = (page: Page): readonly Parameter[] => [String(page.limit), String(page.offset)]

export const listLate = (session: PostgresSession, page: Page): Promise<readonly LateEntry[]> =>
  session.read(`${selectLate} ${newestFirst}`, bindPage(page), readLate)

export const listQuarantined = (session: PostgresSession, page: Page): Promise<readonly QuarantineEntry[]> =>
  session.read(`${selectQuarantined} ${lastSeenFirst}`, bindPage(page), readQuarantined)

export const findLate = async (session: PostgresSession, ref: RecordRef): Promise<LateEntry | null> =>
  (await session.read(`${selectLate} ${thisRecord}`, bindRef(ref), readLate))[0] ?? null

export const findQuarantined = async (session: PostgresSession, ref: RecordRef): Promise<QuarantineEntry | null> =>
  (await session.read(`${selectQuarantined} ${thisRecord}`, bindRef(ref), readQuarantined))[0] ?? null

export const listConflicts = (session: PostgresSession, page: Page): Promise<readonly ConflictEntry[]> =>
  session.read(
    `SELECT topic, partition, record_offset, id, epoch FROM storepulse.conflicts ${newestFirst}`,
    bindPage(page),
    readConflict,
  )

export const findEvicted = async (session: PostgresSession, ref: RecordRef): Promise<EvictedEntry | null> =>
  (
    await session.read(
      `SELECT topic, partition, record_offset, ledger, coalesce(reason, ''), ${msOf('readmitted_at')}
        FROM storepulse.evicted ${thisRecord}`,
      bindRef(ref),
      readEvicted,
    )
  )[0] ?? null

export async function sumLedgers(session: PostgresSession): Promise<LedgerSums> {
  const late = await session.read(sumLateSql(dialect), [], readLateSums)
  return { late, rows: describeRows(await session.read(countRowsSql, [], readLedgerRows)) }
}
