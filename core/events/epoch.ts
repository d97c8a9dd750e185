import type { Decoded, RejectionReason } from './decoded.ts'
import type { LogRecord, RecordRef } from './record.ts'
import type { EventTopic, Topic } from './topics.ts'

/**
 * Facts between stages. An epoch is a group of records read together and committed together; grouping never changes a
 * result. `ReadRecord` goes into the engine, `EpochOutcome` comes out, and the warehouse commits it whole.
 */

export type OutcomeName = 'counted' | 'late' | 'duplicate' | 'invalid' | 'tombstone'

/** A record and what it decoded to. `readmitted` is set where the record is a re-admission: the raw record it names. */
export interface ReadRecord {
  readonly record: LogRecord
  readonly decoded: Decoded
  readonly readmits?: Readmission
}

/** A late or quarantined record that counts after all, decoded again from its raw bytes. */
export interface Readmission {
  readonly ref: RecordRef
  /** What it was when first read. */
  readonly was: 'late' | 'invalid'
  readonly reason: RejectionReason | null
  /** The whole record as the quarantine keeps it, for where the log no longer holds it. */
  readonly kept?: KeptRecord
}

/** A quarantined record whose value is kept whole. */
export interface KeptRecord {
  readonly bytes: Uint8Array
  readonly seenAtMs: number
}

/** One partition's consumed stretch, offsets [from, until). */
export interface PartitionRange {
  readonly topic: Topic
  readonly partition: number
  readonly from: number
  readonly until: number
}

/** One row of `transactions_summary` with what the app keeps beside it. */
export interface WindowRow {
  readonly storeId: number
  /** Window is [startMs, endMs). */
  readonly startMs: number
  readonly endMs: number
  readonly transactions: number
  /** Exact, may exceed what the user's table can hold. */
  readonly cents: bigint
  readonly uniqueCustomers: number
  /** Grows with every change of the row; a newer one is never overwritten by an older. */
  readonly revision: number
  readonly final: boolean
  /** The window's distinct sketch (base/distinct bytes), so that a re-admission can be merged after it closed. */
  readonly sketch: Uint8Array
}

/** A re-admitted sale whose window has left the engine: the warehouse adds it to the stored row. */
export interface WindowAmendment {
  readonly storeId: number
  readonly startMs: number
  readonly endMs: number
  readonly transactions: number
  readonly cents: bigint
  /** 64-bit hash of the customer id, upper and lower half. */
  readonly customerHashHigh: number
  readonly customerHashLow: number
}

export interface LateSale {
  readonly ref: RecordRef
  readonly storeId: number
  readonly transactionId: string
  readonly eventTimeMs: number
  readonly cents: number
  /** Watermark minus window end: how far too late, milliseconds ≥ 0. */
  readonly latenessMs: number
  readonly appendedAtMs: number
}

export interface QuarantinedRecord {
  readonly ref: RecordRef
  readonly reason: RejectionReason
  readonly path: string
  /** First 64 KiB of the value. */
  readonly bytes: Uint8Array
  readonly sizeBytes: number
  /** Hex sha-256 of the whole value. */
  readonly sha256: string
  readonly seenAtMs: number
}

/** Different content seen under an id already counted. */
export interface IdConflict {
  readonly ref: RecordRef
  readonly id: string
}

/** Added to the cumulative counters by this epoch. */
export interface CounterDelta {
  readonly received: number
  readonly counted: number
  readonly late: number
  readonly duplicate: number
  readonly invalid: number
  readonly tombstone: number
}

/** Cumulative since the warehouse's first epoch. */
export interface Counters {
  readonly perTopic: Readonly<Record<EventTopic, CounterDelta>>
  readonly invalidByReason: Readonly<Record<RejectionReason, number>>
  /** Amounts rounded to two decimals. */
  readonly rounded: number
  /** Times read in `events.zone` for want of a zone. */
  readonly zoneless: number
  /** Duplicates whose content differed from the first. */
  readonly conflicts: number
  /** Ids forgotten early because of `engine.maxIds`. */
  readonly evictedIds: number
}

/** A sale that was counted, for the metrics. */
export interface CountedSale {
  readonly storeId: number
  readonly eventTimeMs: number
  readonly appendedAtMs: number
  readonly cents: number
  readonly customerHashHigh: number
  readonly customerHashLow: number
  readonly live: boolean
}

/** What applying one epoch to the state gave. */
export interface EpochOutcome {
  /** Max event time of valid sales − lateness; null before the first. */
  readonly watermarkMs: number | null
  readonly rows: readonly WindowRow[]
  readonly amendments: readonly WindowAmendment[]
  readonly late: readonly LateSale[]
  readonly quarantined: readonly QuarantinedRecord[]
  readonly readmitted: readonly RecordRef[]
  readonly conflicts: readonly IdConflict[]
  /** The new cumulative totals. */
  readonly counters: Counters
  readonly sales: readonly CountedSale[]
  /** Windows whose exact sum no longer fits the user's table. */
  readonly overflowed: readonly { readonly storeId: number; readonly startMs: number }[]
  /**
   * How far back from the newest sale every id is still known, where `engine.maxIds` made some be forgotten before their
   * window closed; null while none of an open window is.
   */
  readonly idHorizonMs: number | null
}

export const epochKinds = ['records', 'idle', 'readmission'] as const
export type EpochKind = (typeof epochKinds)[number]

/**
 * An epoch as the ledger keeps it. `idle` closes windows without a record; its watermark is reproduced by replay.
 * `readmission` counts records that were read before, where the log has no place for a word about that: its ranges name
 * them, one each, and it takes no sequence.
 */
export interface EpochRecord {
  readonly epoch: number
  readonly kind: EpochKind
  readonly ranges: readonly PartitionRange[]
  /** Log-wide sequences [from, until) in this epoch; equal when idle. */
  readonly fromSequence: number
  readonly untilSequence: number
  readonly records: number
  readonly watermarkMs: number | null
  /** Read instant, milliseconds UTC. */
  readonly readAtMs: number
}

/** An epoch that has been committed, for whoever counts. Instants are wall-clock milliseconds UTC. */
export interface AppliedEpoch {
  readonly epoch: number
  readonly records: readonly ReadRecord[]
  readonly outcome: EpochOutcome
  readonly readAtMs: number
  readonly aggregatedAtMs: number
  readonly committedAtMs: number
}
