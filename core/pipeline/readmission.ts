import { Fault } from '../base/fault.ts'
import { rejectionReasons } from '../events/decoded.ts'
import type { KeptRecord, QuarantinedRecord, Readmission } from '../events/epoch.ts'
import { type AppendRecord, type LogRecord, type RecordRef, valueOf } from '../events/record.ts'
import { isEventTopic, readmissionTopic } from '../events/topics.ts'

/** Who asked for a re-admission, and when. */
export interface ReadmissionStamp {
  readonly by: string
  readonly atMs: number
}

/** The record that makes a late or quarantined record count, for the internal topic. */
export function encodeReadmission(readmission: Readmission, stamp: ReadmissionStamp): AppendRecord {
  const { kept, ref, was, reason } = readmission
  const value = {
    ...ref,
    was,
    reason,
    by: stamp.by,
    at: new Date(stamp.atMs).toISOString(),
    ...(kept ? { base64: Buffer.from(kept.bytes).toString('base64'), seenAtMs: kept.seenAtMs } : {}),
  }
  return { topic: readmissionTopic, key: null, value: Buffer.from(JSON.stringify(value)) }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Reads a record of the internal topic. @throws Fault `log-damaged` when it is not one of ours */
export function decodeReadmission(record: LogRecord): Readmission {
  const value: unknown = JSON.parse(valueOf(record)?.toString('utf8') ?? 'null')
  const damaged = new Fault('log-damaged', `re-admission record ${record.offset} cannot be read`)
  if (!isObject(value)) throw damaged
  const { topic, partition, offset, was, reason, base64, seenAtMs } = value
  if (typeof topic !== 'string' || !isEventTopic(topic)) throw damaged
  if (typeof partition !== 'number' || typeof offset !== 'number') throw damaged
  if (was !== 'late' && was !== 'invalid') throw damaged
  return {
    ref: { topic, partition, offset },
    was,
    reason: rejectionReasons.find((known) => known === reason) ?? null,
    ...(typeof base64 === 'string' && typeof seenAtMs === 'number'
      ? { kept: { bytes: Buffer.from(base64, 'base64'), seenAtMs } }
      : {}),
  }
}

/** What the quarantine keeps, if that is the whole record. */
export const findKept = ({ bytes, seenAtMs, sizeBytes }: QuarantinedRecord): KeptRecord | null =>
  bytes.length === sizeBytes ? { bytes, seenAtMs } : null

/** A kept record as the log would give it; it is taken to have been appended when it was first seen. */
export function restoreRecord({ offset, partition, topic }: RecordRef, { bytes, seenAtMs }: KeptRecord): LogRecord {
  return {
    topic,
    partition,
    offset,
    sequence: -1,
    appendedAtMs: seenAtMs,
    isProducerTime: false,
    origin: 'import',
    source: Buffer.from(bytes),
    keyStart: -1,
    keyEnd: -1,
    valueStart: 0,
    valueEnd: bytes.length,
  }
}

/** Reads `topic/partition/offset`, or null when the text is none. */
export function parseRef(text: string): RecordRef | null {
  const match = /^([a-z-]+)\/(\d+)\/(\d+)$/.exec(text)
  const topic = match?.[1]
  if (!match || topic === undefined || !isEventTopic(topic)) return null
  return { topic, partition: Number(match[2]), offset: Number(match[3]) }
}
