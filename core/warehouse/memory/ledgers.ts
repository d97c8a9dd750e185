import type { IdConflict } from '../../events/epoch.ts'
import { formatRef, type RecordRef } from '../../events/record.ts'
import { describeRows } from '../evicting.ts'
import type {
  ConflictEntry,
  EvictedEntry,
  LateEntry,
  LateSums,
  LedgerRows,
  LedgerSums,
  Page,
  PruneBounds,
  QuarantineEntry,
  Warehouse,
} from '../warehouse.ts'

interface EvictedRow extends EvictedEntry {
  readonly epoch: number
  /** What it was of a late sale; null for a rejected record. */
  readonly late: { readonly storeId: number; readonly cents: number } | null
}

/** The ledgers and what has left them. */
export interface LedgerTables {
  readonly late: Map<string, LateEntry>
  readonly quarantine: Map<string, QuarantineEntry>
  readonly conflicts: ConflictEntry[]
  evicted: readonly EvictedRow[]
  readonly forgottenLate: Map<number, LateSums>
  readonly forgotten: { quarantine: number; conflicts: number; purged: number }
}

export const createLedgerTables = (): LedgerTables => ({
  late: new Map(),
  quarantine: new Map(),
  conflicts: [],
  evicted: [],
  forgottenLate: new Map(),
  forgotten: { quarantine: 0, conflicts: 0, purged: 0 },
})

interface Placed {
  readonly epoch: number
  readonly ref: RecordRef
}

/** Newest first, in the order every warehouse lists its ledgers. */
const sortNewest = <Entry extends Placed>(entries: Iterable<Entry>): Entry[] =>
  [...entries].sort(
    ({ epoch, ref }, other) =>
      other.epoch - epoch ||
      (ref.topic === other.ref.topic ? 0 : ref.topic < other.ref.topic ? 1 : -1) ||
      other.ref.partition - ref.partition ||
      other.ref.offset - ref.offset,
  )

const pageOf = <Entry extends Placed>(entries: Iterable<Entry>, { limit, offset }: Page): readonly Entry[] =>
  sortNewest(entries).slice(offset, offset + limit)

const sumsOf = (storeId: number, cents: number, isReadmitted: boolean): LateSums => ({
  storeId,
  records: isReadmitted ? 0 : 1,
  cents: isReadmitted ? 0n : BigInt(cents),
  readmitted: isReadmitted ? 1 : 0,
  readmittedCents: isReadmitted ? BigInt(cents) : 0n,
})

function addLate(sums: Map<number, LateSums>, more: LateSums): void {
  const before = sums.get(more.storeId)
  if (!before) {
    sums.set(more.storeId, more)
    return
  }
  sums.set(more.storeId, {
    storeId: more.storeId,
    records: before.records + more.records,
    cents: before.cents + more.cents,
    readmitted: before.readmitted + more.readmitted,
    readmittedCents: before.readmittedCents + more.readmittedCents,
  })
}

/** Adds an epoch's conflicts. */
export function keepConflicts(tables: LedgerTables, conflicts: readonly IdConflict[], epoch: number): void {
  for (const conflict of conflicts) tables.conflicts.push({ ...conflict, epoch })
}

/** Notes that records count after all, wherever they are. */
export function markReadmitted(tables: LedgerTables, refs: readonly RecordRef[], readmittedAtMs: number): void {
  const keys = new Set(refs.map(formatRef))
  for (const key of keys) {
    const late = tables.late.get(key)
    if (late) tables.late.set(key, { ...late, readmittedAtMs })
    const quarantined = tables.quarantine.get(key)
    if (quarantined) tables.quarantine.set(key, { ...quarantined, readmittedAtMs })
  }
  if (keys.size > 0) {
    tables.evicted = tables.evicted.map((row) => (keys.has(formatRef(row.ref)) ? { ...row, readmittedAtMs } : row))
  }
}

type Ledgers = Pick<
  Warehouse,
  | 'listLate'
  | 'listQuarantine'
  | 'listConflicts'
  | 'findLate'
  | 'findQuarantined'
  | 'findEvicted'
  | 'sumLedgers'
  | 'purgeQuarantine'
>

function sumLedgers(tables: LedgerTables): LedgerSums {
  const sums = new Map(tables.forgottenLate)
  const { conflicts, evicted, forgotten, late, quarantine } = tables
  for (const { cents, readmittedAtMs, storeId } of late.values()) {
    addLate(sums, sumsOf(storeId, cents, readmittedAtMs !== null))
  }
  for (const { late: sale, readmittedAtMs } of evicted) {
    if (sale) addLate(sums, sumsOf(sale.storeId, sale.cents, readmittedAtMs !== null))
  }
  const evictedLate = evicted.filter(({ ledger }) => ledger === 'late').length
  const forgottenLate = [...tables.forgottenLate.values()].reduce(
    (total, { readmitted, records }) => total + records + readmitted,
    0,
  )
  const rows: readonly (readonly [string, LedgerRows])[] = [
    ['late', { kept: late.size, evicted: evictedLate + forgottenLate, purged: 0 }],
    [
      'quarantine',
      {
        kept: quarantine.size,
        evicted: evicted.length - evictedLate + forgotten.quarantine,
        purged: forgotten.purged,
      },
    ],
    ['conflicts', { kept: conflicts.length, evicted: forgotten.conflicts, purged: 0 }],
  ]
  return {
    late: [...sums.values()].sort((left, right) => left.storeId - right.storeId),
    rows: describeRows(rows),
  }
}

export function createLedgers(tables: LedgerTables): Ledgers {
  return {
    listLate: async (page) => pageOf(tables.late.values(), page),
    listQuarantine: async ({ limit, offset }) =>
      sortNewest(tables.quarantine.values())
        .sort((left, right) => right.seenAtMs - left.seenAtMs)
        .slice(offset, offset + limit),
    listConflicts: async (page) => pageOf(tables.conflicts, page),
    findLate: async (ref) => tables.late.get(formatRef(ref)) ?? null,
    findQuarantined: async (ref) => tables.quarantine.get(formatRef(ref)) ?? null,
    async findEvicted(ref) {
      const found = tables.evicted.find((row) => formatRef(row.ref) === formatRef(ref))
      return found ? { ref, ledger: found.ledger, reason: found.reason, readmittedAtMs: found.readmittedAtMs } : null
    },
    sumLedgers: async () => sumLedgers(tables),
    async purgeQuarantine(refs) {
      const keys = refs?.map(formatRef) ?? [...tables.quarantine.keys()]
      const due = keys.filter((key) => tables.quarantine.get(key)?.readmittedAtMs === null)
      for (const key of due) tables.quarantine.delete(key)
      tables.forgotten.purged += due.length
      return due.length
    },
  }
}

function forget(tables: LedgerTables, isForgotten: (row: EvictedRow) => boolean): void {
  for (const { late, readmittedAtMs } of tables.evicted.filter(isForgotten)) {
    if (late) addLate(tables.forgottenLate, sumsOf(late.storeId, late.cents, readmittedAtMs !== null))
    else tables.forgotten.quarantine += 1
  }
  tables.evicted = tables.evicted.filter((row) => !isForgotten(row))
}

/** Keeps the newest rows of each ledger, the places of some more, and the sums of all others. */
export function trimLedgers(tables: LedgerTables, bounds: PruneBounds): void {
  const oldLate = sortNewest(tables.late.values()).slice(bounds.lateRows)
  const oldQuarantined = sortNewest(tables.quarantine.values()).slice(bounds.quarantineRows)
  for (const { ref } of oldLate) tables.late.delete(formatRef(ref))
  for (const { ref } of oldQuarantined) tables.quarantine.delete(formatRef(ref))
  tables.evicted = [
    ...tables.evicted,
    ...oldLate.map(
      ({ cents, epoch, readmittedAtMs, ref, storeId }): EvictedRow => ({
        ref,
        ledger: 'late',
        reason: null,
        readmittedAtMs,
        epoch,
        late: { storeId, cents },
      }),
    ),
    ...oldQuarantined.map(
      ({ epoch, readmittedAtMs, reason, ref }): EvictedRow => ({
        ref,
        ledger: 'quarantine',
        reason,
        readmittedAtMs,
        epoch,
        late: null,
      }),
    ),
  ]
  const dropped = new Set(sortNewest(tables.conflicts).slice(bounds.lateRows))
  tables.forgotten.conflicts += dropped.size
  tables.conflicts.splice(0, tables.conflicts.length, ...tables.conflicts.filter((entry) => !dropped.has(entry)))
  forget(tables, ({ ref }) =>
    bounds.heldFrom.some(
      ({ offset, partition, topic }) => topic === ref.topic && partition === ref.partition && ref.offset < offset,
    ),
  )
  const newest = new Set(sortNewest(tables.evicted).slice(0, bounds.evictedRows))
  forget(tables, (row) => !newest.has(row))
}
