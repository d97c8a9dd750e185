import type { Decoded } from '../events/decoded.ts'
import type { Readmission, ReadRecord } from '../events/epoch.ts'
import type { LogRecord } from '../events/record.ts'
import { readmissionTopic } from '../events/topics.ts'
import type { EventLog } from '../log/log.ts'
import { decodeReadmission } from './readmission.ts'

/** Turns log records into what the engine takes. */
export interface ReadingStage {
  /** @param readAtMs read instant of the epoch these records are part of */
  decode(records: readonly LogRecord[], readAtMs: number): Promise<readonly ReadRecord[]>
  /** Reads records again that are to count after all; those the log no longer holds are left out. */
  readAgain(readmissions: readonly Readmission[], readAtMs: number): Promise<readonly ReadRecord[]>
}

export interface Decoder {
  decode(record: LogRecord, nowMs: number): Decoded
}

/** A record's *now*: the log's own time, else the producer's as far as it is not later than when it was read. */
function findNow({ appendedAtMs, isProducerTime }: LogRecord, readAtMs: number): number {
  if (!isProducerTime) return appendedAtMs
  return appendedAtMs < 0 ? readAtMs : Math.min(appendedAtMs, readAtMs)
}

/**
 * Decodes records in order. A re-admission is replaced by what
 * the record it names decodes to today; where the log no longer holds that, it has no effect.
 */
export function createReadingStage(decoder: Decoder, log: EventLog): ReadingStage {
  const resolve = async (record: LogRecord, readAtMs: number): Promise<ReadRecord> => {
    const readmits = decodeReadmission(record)
    const raw = await log.readAt(readmits.ref)
    const decoded: Decoded = raw ? decoder.decode(raw, findNow(raw, readAtMs)) : { type: 'tombstone' }
    return { record: raw ?? record, decoded, readmits }
  }
  return {
    async readAgain(readmissions, readAtMs) {
      const read: ReadRecord[] = []
      for (const readmits of readmissions) {
        const record = await log.readAt(readmits.ref)
        if (record) read.push({ record, decoded: decoder.decode(record, findNow(record, readAtMs)), readmits })
      }
      return read
    },
    async decode(records, readAtMs) {
      const read: ReadRecord[] = []
      for (const record of records) {
        if (record.topic === readmissionTopic) read.push(await resolve(record, readAtMs))
        else read.push({ record, decoded: decoder.decode(record, findNow(record, readAtMs)) })
      }
      return read
    },
  }
}
