import type { Decoded } from '../events/decoded.ts'
import type { Readmission, ReadRecord } from '../events/epoch.ts'
import { findRecordNow, type LogRecord } from '../events/record.ts'
import { readmissionTopic } from '../events/topics.ts'
import type { EventLog } from '../log/log.ts'
import { decodeReadmission, restoreRecord } from './readmission.ts'
import type { Unframing } from './unframing.ts'

/**
 * Turns log records into what the engine takes. Where something has to be asked for it and cannot be, it rejects with a
 * fault that may pass, and may be asked again for the same records.
 */
export interface ReadingStage {
  /** @param readAtMs read instant of the epoch these records are part of */
  decode(records: readonly LogRecord[], readAtMs: number): Promise<readonly ReadRecord[]>
  /** Reads records again that are to count after all; those the log no longer holds are left out. */
  readAgain(readmissions: readonly Readmission[], readAtMs: number): Promise<readonly ReadRecord[]>
  /** Whether all that reading needs is there. @throws Fault where it is not */
  check(): Promise<void>
}

export interface Decoder {
  decode(record: LogRecord, nowMs: number): Decoded
}

const unreadable: Decoded = { type: 'rejection', reason: 'schema_framed', path: '' }

/**
 * Decodes records in order. A re-admission is replaced by what
 * the record it names decodes to today; where the log no longer holds that, it has no effect.
 *
 * @param unframing opens schema frames; without it framed JSON is all that is read of them
 */
export function createReadingStage(decoder: Decoder, log: EventLog, unframing: Unframing | null = null): ReadingStage {
  const decodeFramed = async (by: Unframing, record: LogRecord, readAtMs: number): Promise<Decoded> => {
    const plain = await by.unframe(record)
    return plain ? decoder.decode(plain, findRecordNow(record, readAtMs)) : unreadable
  }
  /** Only what is framed is waited for. */
  const decodeOne = (record: LogRecord, readAtMs: number): Decoded | Promise<Decoded> =>
    unframing?.isFramed(record)
      ? decodeFramed(unframing, record, readAtMs)
      : decoder.decode(record, findRecordNow(record, readAtMs))
  const findRaw = async ({ kept, ref }: Readmission): Promise<LogRecord | null> =>
    (await log.readAt(ref)) ?? (kept ? restoreRecord(ref, kept) : null)
  const resolve = async (record: LogRecord, readAtMs: number): Promise<ReadRecord> => {
    const readmits = decodeReadmission(record)
    const raw = await findRaw(readmits)
    const decoded: Decoded = raw ? await decodeOne(raw, readAtMs) : { type: 'tombstone' }
    return { record: raw ?? record, decoded, readmits }
  }
  return {
    async readAgain(readmissions, readAtMs) {
      const read: ReadRecord[] = []
      for (const readmits of readmissions) {
        const record = await findRaw(readmits)
        if (record) read.push({ record, decoded: await decodeOne(record, readAtMs), readmits })
      }
      return read
    },
    async decode(records, readAtMs) {
      const read: ReadRecord[] = []
      for (const record of records) {
        if (record.topic === readmissionTopic) read.push(await resolve(record, readAtMs))
        else {
          const decoded = decodeOne(record, readAtMs)
          read.push({ record, decoded: decoded instanceof Promise ? await decoded : decoded })
        }
      }
      return read
    },
    async check() {
      await unframing?.check()
    },
  }
}
