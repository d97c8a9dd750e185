import type { Topic } from './topics.ts'

/** Where a record came from: made just now, made with a virtual clock for the past, or poured in from a file. */
export const origins = ['live', 'backfill', 'import'] as const
export type Origin = (typeof origins)[number]

/** What an adapter is asked to append. A null value is a tombstone. */
export interface AppendRecord {
  readonly topic: Topic
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/**
 * One record as a log holds it. Key and value are ranges of `source` (shared by the records of one batch), so that
 * reading allocates nothing per field; a start of -1 means null.
 */
export interface LogRecord {
  readonly topic: Topic
  readonly partition: number
  /** Position in its partition, from 0. */
  readonly offset: number
  /** Position in the whole log, from 0: the order of everything. */
  readonly sequence: number
  /** Append time, milliseconds since the epoch of UTC; -1 where a producer gave none. */
  readonly appendedAtMs: number
  /** Whether a producer wrote `appendedAtMs`, so that it is no proof of when the record came. */
  readonly isProducerTime: boolean
  readonly origin: Origin
  readonly source: Buffer
  readonly keyStart: number
  readonly keyEnd: number
  readonly valueStart: number
  readonly valueEnd: number
}

/** The value's own bytes (a view), or null for a tombstone. */
export const valueOf = (record: LogRecord): Buffer | null =>
  record.valueStart < 0 ? null : record.source.subarray(record.valueStart, record.valueEnd)

/** The key's own bytes (a view), or null. */
export const keyOf = (record: LogRecord): Buffer | null =>
  record.keyStart < 0 ? null : record.source.subarray(record.keyStart, record.keyEnd)

/** A record's *now*: the log's own time, else the producer's as far as it is not later than when it was read. */
export function findRecordNow({ appendedAtMs, isProducerTime }: LogRecord, readAtMs: number): number {
  if (!isProducerTime) return appendedAtMs
  return appendedAtMs < 0 ? readAtMs : Math.min(appendedAtMs, readAtMs)
}

/** Names one record for ever: `topic/partition/offset`. */
export interface RecordRef {
  readonly topic: Topic
  readonly partition: number
  readonly offset: number
}

export const formatRef = (ref: RecordRef): string => `${ref.topic}/${ref.partition}/${ref.offset}`
