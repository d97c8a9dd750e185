import type { Decoded } from '../events/decoded.ts'
import type { ReadRecord } from '../events/epoch.ts'
import type { LogRecord } from '../events/record.ts'
import { readmissionTopic } from '../events/topics.ts'
import type { EventLog } from '../log/log.ts'
import { decodeReadmission } from './readmission.ts'

/** Turns log records into what the engine takes. */
export interface ReadingStage {
  decode(records: readonly LogRecord[]): Promise<readonly ReadRecord[]>
}

export interface Decoder {
  decode(record: LogRecord, nowMs: number): Decoded
}

/**
 * Decodes records in order. On the local log a record's *now* is its append time. A re-admission is replaced by what
 * the record it names decodes to today; where the log no longer holds that, it has no effect.
 */
export function createReadingStage(decoder: Decoder, log: EventLog): ReadingStage {
  const resolve = async (record: LogRecord): Promise<ReadRecord> => {
    const readmits = decodeReadmission(record)
    const raw = await log.readAt(readmits.ref)
    const decoded: Decoded = raw ? decoder.decode(raw, raw.appendedAtMs) : { type: 'tombstone' }
    return { record: raw ?? record, decoded, readmits }
  }
  return {
    async decode(records) {
      const read: ReadRecord[] = []
      for (const record of records) {
        if (record.topic === readmissionTopic) read.push(await resolve(record))
        else read.push({ record, decoded: decoder.decode(record, record.appendedAtMs) })
      }
      return read
    },
  }
}
