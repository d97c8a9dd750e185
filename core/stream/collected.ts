import { createHash } from 'node:crypto'
import type { Rejection, Sale } from '../events/decoded.ts'
import type {
  CountedSale,
  EpochOutcome,
  IdConflict,
  LateSale,
  QuarantinedRecord,
  WindowAmendment,
  WindowRow,
} from '../events/epoch.ts'
import { findRecordNow, type LogRecord, type RecordRef, valueOf } from '../events/record.ts'
import type { OpenWindow } from './window-store.ts'

/** What one epoch has given so far. */
export interface Collected {
  readonly closed: WindowRow[]
  readonly amendments: WindowAmendment[]
  readonly late: LateSale[]
  readonly quarantined: QuarantinedRecord[]
  readonly readmitted: RecordRef[]
  readonly conflicts: IdConflict[]
  readonly sales: CountedSale[]
  readonly touched: OpenWindow[]
}

export const collectNothing = (): Collected => ({
  closed: [],
  amendments: [],
  late: [],
  quarantined: [],
  readmitted: [],
  conflicts: [],
  sales: [],
  touched: [],
})

export const refOf = ({ topic, partition, offset }: LogRecord): RecordRef => ({ topic, partition, offset })

/** The sale as the late ledger keeps it. */
export const describeLate = (sale: Sale, record: LogRecord, latenessMs: number): LateSale => ({
  ref: refOf(record),
  storeId: sale.storeId,
  transactionId: sale.id,
  eventTimeMs: sale.eventTimeMs,
  cents: sale.cents,
  latenessMs,
  appendedAtMs: record.appendedAtMs,
})

const quarantinedBytes = 65_536

/** The rejected record as the quarantine keeps it. */
export function quarantine(rejection: Rejection, record: LogRecord, readAtMs: number): QuarantinedRecord {
  const bytes = valueOf(record) ?? new Uint8Array()
  return {
    ref: refOf(record),
    reason: rejection.reason,
    path: rejection.path,
    // A copy: the record's own bytes are a view of a whole read-ahead chunk.
    bytes: Uint8Array.from(bytes.subarray(0, quarantinedBytes)),
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    // When it came, not when it was gone over: a past that is made, or caught up with, keeps its shape.
    seenAtMs: findRecordNow(record, readAtMs),
  }
}

/** What `numeric(12,2)` holds, in cents. */
const largestCents = 999_999_999_999n

/** The rows whose exact sum the user's table cannot hold. */
export const findOverflowed = (rows: readonly WindowRow[]): EpochOutcome['overflowed'] =>
  rows
    .filter(({ cents }) => cents > largestCents || cents < -largestCents)
    .map(({ storeId, startMs }) => ({ storeId, startMs }))
