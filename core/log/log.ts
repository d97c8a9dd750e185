import type { Probe } from '../base/probe.ts'
import type { EpochRecord } from '../events/epoch.ts'
import type { AppendRecord, LogRecord, Origin, RecordRef } from '../events/record.ts'
import type { Topic } from '../events/topics.ts'

/**
 * The log port: the source of truth.
 *
 * 1. Records of a partition have growing offsets; all records of the log have growing sequences in the log's order.
 *    A log of our own leaves no number out.
 * 2. What `sync` has covered survives a kill and a power cut; what was appended after it may be cut, whole records from
 *    the end, never from the middle.
 * 3. A reader sees every record exactly once, in sequence order, from its start position on.
 * 4. Nothing is skipped in silence: a start below the retained range is a `log-gap` fault that names the range, a
 *    damaged frame is a {@link LogDamage}.
 */
export interface EventLog {
  readonly partitions: number
  /**
   * Where the order of records comes from. `log`: each has its place in the log itself. `ledger`: a reader decides it
   * from what it has fetched, so going over records again takes the epochs they were committed in.
   */
  readonly order: 'log' | 'ledger'
  /**
   * Appends in order, each to the partition of its key (round-robin without a key), stamped with `appendedAtMs`.
   * Readers see it at once; it is durable after the next {@link EventLog.sync}.
   */
  append(records: readonly AppendRecord[], stamp: AppendStamp): Promise<void>
  /** Makes everything appended so far durable. Touches dirty files only; concurrent calls share one sync. */
  sync(): Promise<void>
  /**
   * Opens a reader at `from`: per partition the next offset wanted (absent: the earliest retained).
   *
   * @param epochs what the ledger says was read from there on. A log ordered by the ledger gives exactly these records
   * again, with the sequences they had, and then ends; one read never crosses an epoch. Other logs need none.
   */
  openReader(from: readonly LogPosition[], epochs?: readonly EpochRecord[]): LogReader
  /** Reads one record again, or null when it is no longer (or not yet) held. */
  readAt(ref: RecordRef): Promise<LogRecord | null>
  /** Per partition the first record held that was appended at `sinceMs` or later; the end where there is none. */
  findPositions(sinceMs: number): Promise<readonly LogPosition[]>
  describe(): LogDescription
  /** Drops whole segments beyond the retention bounds, oldest first; never of the re-admission topic. */
  retain(bounds: RetentionBounds, nowMs: number): Promise<void>
  close(): Promise<void>
}

export interface AppendStamp {
  /** One instant for all, or one per record (back-fill: virtual append times). */
  readonly appendedAtMs: number | readonly number[]
  readonly origin: Origin
  /** The partition of each record, for putting records back where they were; absent: by key. Local logs only. */
  readonly partitions?: readonly number[]
}

export interface LogPosition {
  readonly topic: Topic
  readonly partition: number
  readonly offset: number
}

export interface LogReader {
  /**
   * The next records in sequence order, at most `maxRecords` and about `maxBytes`; empty when the end is reached.
   *
   * @throws Fault `log-gap` when retention has dropped what comes next
   */
  read(maxRecords: number, maxBytes: number): Promise<readonly LogRecord[]>
  /** Resolves when there may be more to read, after `timeoutMs`, or when `signal` aborts. */
  waitForMore(timeoutMs: number, signal?: AbortSignal): Promise<void>
  /** Next sequence this reader will return at the earliest. */
  readonly nextSequence: number
  /** Where it began in partitions for which `from` had no offset, if a later reader could not find that out again. */
  readonly startedAt: readonly LogPosition[]
  /** Partitions that hold more but give nothing, so that nothing may be read past them, or whose server cannot be asked. */
  readonly waitingFor?: readonly WaitingPartition[]
  close(): Promise<void>
}

export interface WaitingPartition {
  readonly topic: Topic
  readonly partition: number
  /** What keeps it from being read, for people. */
  readonly reason: string
}

export interface PartitionDescription {
  readonly topic: Topic
  readonly partition: number
  /** First offset still held. */
  readonly startOffset: number
  /** Next offset to be written. */
  readonly endOffset: number
  readonly sizeBytes: number
}

export interface LogDescription {
  readonly partitions: readonly PartitionDescription[]
  /** Next sequence to be written. */
  readonly endSequence: number
  /** First sequence still held; equals `endSequence` when the log is empty. */
  readonly startSequence: number
  readonly sizeBytes: number
  /** Append time of the newest record, or null when empty. */
  readonly newestAppendedAtMs: number | null
  /** What opening found and repaired or lost. */
  readonly damage: readonly LogDamage[]
}

/** A stretch that could not be read back. `torn` was never acknowledged and was cut; `corrupt` was, and is lost. */
export interface LogDamage {
  readonly kind: 'torn' | 'corrupt'
  readonly topic: Topic
  readonly partition: number
  readonly file: string
  /** Offsets [from, until) lost; null where the frame's header is gone too. */
  readonly fromOffset: number | null
  readonly untilOffset: number | null
  readonly bytes: number
}

export interface RetentionBounds {
  /** Most bytes kept over all partitions; 0 = no bound. */
  readonly bytes: number
  /** Oldest append time kept, as an age in milliseconds; 0 = no bound. */
  readonly ageMs: number
}

/** What a log reports while it works. */
export interface LogFacts {
  readonly appended: { readonly records: number; readonly bytes: number; readonly atMs: number }
  readonly synced: { readonly durationMs: number; readonly files: number }
  readonly damaged: LogDamage
}
export type LogProbe = Probe<LogFacts>
