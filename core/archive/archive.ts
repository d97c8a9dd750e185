import type { LogRecord, Origin, RecordRef } from '../events/record.ts'
import type { Topic } from '../events/topics.ts'

/**
 * The archive: raw records of all topics as Parquet files, on disk or in an object store.
 *
 * 1. A record lies in the folder of its topic and of the hour it was appended in (UTC), in a file named for the offsets
 *    it covers: `topic=T/date=D/hour=H/<partition>-<fromOffset>-<untilOffset>.parquet`.
 * 2. A file counts once the manifest of its hour lists it; the manifests alone say what is archived. They are replaced
 *    only while they are what was read, so that two archivers at once give the same set as one.
 * 3. A kill at any moment leaves a file listed or not; running again gives the set that an undisturbed run gives.
 * 4. Every offset between a partition's first and last is in a file, or named as lost or dropped, or is a gap that
 *    {@link Archive.verify} names.
 * 5. Restoring gives every record its partition, offset, place in the order, append time and origin again, or a fault.
 */
export interface Archive {
  /**
   * Archives what the log holds and the archive does not, in the log's order, up to the first record of the hour that
   * is still open.
   *
   * @throws Fault `refused` when the archive holds records of another log, `cancelled` when the signal aborted: what
   * was archived until then stays
   */
  archive(log: ArchivableLog, request: ArchiveRequest): Promise<ArchiveReport>
  /** The hours it holds, oldest first. */
  list(): Promise<readonly ArchivedHour[]>
  /** Reads every file again and compares it with its manifest; names what is missing, damaged or not covered. */
  verify(request?: WatchedWork): Promise<VerifyReport>
  /**
   * Appends everything to an empty log, in the order it was read in.
   *
   * @throws Fault `refused` when the log is not empty, or when it could not be given the offsets that are archived;
   * `input` naming the file that is missing or damaged
   */
  restore(into: RestoreTarget, request?: RestoreRequest): Promise<RestoreReport>
  /** Drops whole hours beyond the bounds, oldest first; never of the re-admission topic. */
  retain(bounds: ArchiveBounds, nowMs: number): Promise<RetainReport>
  /** What it holds as of now, for reading it as a log. */
  openSnapshot(): Promise<ArchiveSnapshot>
  close(): Promise<void>
}

/** What an archive needs of a log. */
export interface ArchivableLog {
  /** `log`: offsets of a partition have no gap but where records were lost. `ledger`: some offsets are no records. */
  readonly order: 'log' | 'ledger'
  openReader(from: readonly ArchivePosition[]): ArchivableReader
  readAt(ref: RecordRef): Promise<LogRecord | null>
  describe(): {
    readonly partitions: readonly {
      readonly topic: Topic
      readonly partition: number
      readonly startOffset: number
      readonly endOffset: number
    }[]
  }
}

export interface ArchivableReader {
  read(maxRecords: number, maxBytes: number): Promise<readonly LogRecord[]>
  close(): Promise<void>
}

export interface ArchivePosition {
  readonly topic: Topic
  readonly partition: number
  readonly offset: number
}

/** Where a restored log is appended to. */
export interface RestoreTarget {
  append(
    records: readonly { readonly topic: Topic; readonly key: Uint8Array | null; readonly value: Uint8Array | null }[],
    stamp: {
      readonly appendedAtMs: readonly number[]
      readonly origin: Origin
      /** The partition of each, where it is to be the one it was; else it goes by the key. */
      readonly partitions?: readonly number[]
    },
  ): Promise<void>
  sync(): Promise<void>
  describe(): ReturnType<ArchivableLog['describe']>
}

export interface WatchedWork {
  readonly onProgress?: (progress: ArchiveProgress) => void
  readonly signal?: AbortSignal
}

export interface ArchiveProgress {
  readonly records: number
  readonly files: number
}

export interface ArchiveRequest extends WatchedWork {
  readonly nowMs: number
  /** Whether the hour of `nowMs` is archived too, in smaller files. */
  readonly includesOpenHour: boolean
}

/** Offsets [fromOffset, untilOffset) of a partition. */
export interface PartitionStretch {
  readonly topic: Topic
  readonly partition: number
  readonly fromOffset: number
  readonly untilOffset: number
}

export interface ArchiveReport extends ArchiveProgress {
  readonly sizeBytes: number
  /** What the log no longer held before it was archived. */
  readonly lost: readonly PartitionStretch[]
}

/** One topic's hour, which begins at `startMs`. */
export interface ArchivedHour {
  readonly topic: Topic
  readonly startMs: number
  readonly files: number
  readonly rows: number
  readonly sizeBytes: number
}

export interface VerifyProblem {
  /**
   * `missing`: a listed file is not there. `damaged`: its bytes are others. `manifest`: a manifest cannot be read.
   * `gap`: offsets nobody has. `lost`: offsets that were gone before they could be archived. `overlap`: offsets twice.
   * `unlisted`: a file no manifest lists, of a run that was cut short.
   */
  readonly kind: 'missing' | 'damaged' | 'manifest' | 'gap' | 'lost' | 'overlap' | 'unlisted'
  /** One sentence that names file or offsets. */
  readonly message: string
  readonly file: string | null
  readonly stretch: PartitionStretch | null
}

export interface VerifyReport {
  readonly files: number
  readonly rows: number
  readonly sizeBytes: number
  /** `unlisted` ones do no harm; every other is a loss. */
  readonly problems: readonly VerifyProblem[]
}

export interface RestoreRequest extends WatchedWork {
  /** Append what there is although offsets will be others: after a loss, or when the oldest hours are dropped. */
  readonly renumbers?: boolean
}

export interface RestoreReport {
  readonly records: number
  readonly perTopic: Readonly<Partial<Record<Topic, number>>>
}

/** 0 = no bound. */
export interface ArchiveBounds {
  readonly bytes: number
  readonly ageMs: number
}

export interface RetainReport {
  readonly hours: number
  readonly files: number
  readonly sizeBytes: number
}

/** The archive as it was when asked, readable like a log. */
export interface ArchiveSnapshot {
  readonly partitions: readonly PartitionStretch[]
  readonly startSequence: number
  /** Next sequence after the last archived one. */
  readonly endSequence: number
  /** Reads in sequence order from the given offsets on; absent: from the first archived. */
  openReader(from: readonly ArchivePosition[]): ArchiveReader
  readAt(ref: RecordRef): Promise<LogRecord | null>
}

export interface ArchiveReader extends ArchivableReader {
  readonly nextSequence: number
}
