import type { EpochRecord } from '../events/epoch.ts'
import type { RecordRef } from '../events/record.ts'
import { type AmendedFrom, formatWindowKey } from './amend.ts'
import { readEpochKind, readRanges } from './epoch-ranges.ts'
import { readReason, readTopic } from './ledger-names.ts'
import type {
  AuditEntry,
  ConflictEntry,
  EvictedEntry,
  LateEntry,
  LateSums,
  LedgerRows,
  OwnerState,
  QuarantineEntry,
  StoredAlert,
  StoredTrend,
  StoredWindow,
} from './warehouse.ts'

/**
 * The rows of the app's own tables, read by place. Both databases select them in the order that stands here: instants as
 * milliseconds, money as whole cents.
 */
export interface StoredRow {
  /** A whole number within ±2⁵³. */
  number(index: number): number
  numberOrNull(index: number): number | null
  realOrNull(index: number): number | null
  bigint(index: number): bigint
  text(index: number): string
  flag(index: number): boolean
  bytes(index: number): Uint8Array
}

const readRef = (row: StoredRow): RecordRef => ({
  topic: readTopic(row.text(0)),
  partition: row.number(1),
  offset: row.number(2),
})

export const readLate = (row: StoredRow): LateEntry => ({
  ref: readRef(row),
  storeId: row.number(3),
  transactionId: row.text(4),
  eventTimeMs: row.number(5),
  cents: row.number(6),
  latenessMs: row.number(7),
  appendedAtMs: row.number(8),
  epoch: row.number(9),
  readmittedAtMs: row.numberOrNull(10),
})

export const readQuarantined = (row: StoredRow): QuarantineEntry => ({
  ref: readRef(row),
  reason: readReason(row.text(3)),
  path: row.text(4),
  bytes: row.bytes(5),
  sizeBytes: row.number(6),
  sha256: row.text(7),
  seenAtMs: row.number(8),
  epoch: row.number(9),
  readmittedAtMs: row.numberOrNull(10),
})

export const readConflict = (row: StoredRow): ConflictEntry => ({
  ref: readRef(row),
  id: row.text(3),
  epoch: row.number(4),
})

/** The reason is an empty text where there is none. */
export const readEvicted = (row: StoredRow): EvictedEntry => {
  const reason = row.text(4)
  return {
    ref: readRef(row),
    ledger: row.text(3) === 'late' ? 'late' : 'quarantine',
    reason: reason === '' ? null : readReason(reason),
    readmittedAtMs: row.numberOrNull(5),
  }
}

export const readLateSums = (row: StoredRow): LateSums => ({
  storeId: row.number(0),
  records: row.number(1),
  cents: row.bigint(2),
  readmitted: row.number(3),
  readmittedCents: row.bigint(4),
})

export const readLedgerRows = (row: StoredRow): readonly [string, LedgerRows] => [
  row.text(0),
  { kept: row.number(1), evicted: row.number(2), purged: row.number(3) },
]

export const readEpoch = (row: StoredRow): EpochRecord => ({
  epoch: row.number(0),
  kind: readEpochKind(row.text(1)),
  ranges: readRanges(row.text(2)),
  fromSequence: row.number(3),
  untilSequence: row.number(4),
  records: row.number(5),
  watermarkMs: row.numberOrNull(6),
  readAtMs: row.number(7),
})

export const readWindow = (row: StoredRow): StoredWindow => ({
  storeId: row.number(0),
  startMs: row.number(1),
  endMs: row.number(2),
  transactions: row.number(3),
  cents: row.bigint(4),
  uniqueCustomers: row.number(5),
  revision: row.number(6),
  final: row.flag(7),
  sketch: row.bytes(8),
})

/** What an amendment starts from, under its window's key. */
export function readAmended(row: StoredRow): readonly [string, AmendedFrom] {
  const key = formatWindowKey({ startMs: row.number(0), storeId: row.number(1) })
  return [
    key,
    {
      transactions: row.number(2),
      cents: row.bigint(3),
      uniqueCustomers: row.number(4),
      revision: row.number(5),
      sketch: row.bytes(6),
    },
  ]
}

/** An empty token is nobody's. */
const readToken = (text: string): string | null => (text === '' ? null : text)

export const readOwnerState = (row: StoredRow): OwnerState => ({
  token: readToken(row.text(0)),
  processId: row.number(1),
  command: row.text(2),
  claimedAtMs: row.number(3),
  seenAtMs: row.numberOrNull(4),
})

export const readAlert = (row: StoredRow): StoredAlert => ({
  id: row.text(0),
  raisedAtMs: row.number(1),
  kind: row.text(2),
  severity: row.text(3),
  message: row.text(4),
  storeId: row.numberOrNull(5),
  resolvedAtMs: row.numberOrNull(6),
})

export const readTrend = (row: StoredRow): StoredTrend => ({
  atMs: row.number(0),
  customers: row.numberOrNull(1),
  p50Ms: row.realOrNull(2),
  dataQuality: row.realOrNull(3),
})

export const readAuditEntry = (row: StoredRow): AuditEntry => ({
  atMs: row.number(0),
  who: row.text(1),
  action: row.text(2),
  subject: row.text(3),
  detail: row.text(4),
})
