import { isDeepStrictEqual } from 'node:util'
import { createDecoder } from '../../core/events/decode.ts'
import type { Decoded } from '../../core/events/decoded.ts'
import { createRecordParser } from '../../core/events/parse.ts'
import type { LogRecord } from '../../core/events/record.ts'
import type { EventTopic } from '../../core/events/topics.ts'
import { createLogRecord } from './log-record.ts'
import { readEvent } from './oracle-event.ts'

const rules = { futureMs: 300_000, zone: 'UTC' } as const

/** One record read three times: by the decoder as it runs, by its parser alone, and by the oracle. */
export interface Compared {
  readonly record: LogRecord
  readonly decoded: Decoded
  /** What two of them disagree on, or null. */
  readonly difference: string | null
}

export type CompareOutcomes = (topic: EventTopic, bytes: Uint8Array | null, nowMs: number) => Compared

/** The outcome in the oracle's words: it knows neither paths nor what was rounded or lacked a zone. */
function reduce(decoded: Decoded): unknown {
  switch (decoded.type) {
    case 'rejection':
      return { type: 'rejected', reason: decoded.reason }
    case 'event':
      return { type: 'event', id: decoded.id, timeMs: decoded.eventTimeMs }
    case 'sale':
      return {
        type: 'sale',
        id: decoded.id,
        timeMs: decoded.eventTimeMs,
        storeId: decoded.storeId,
        customerId: decoded.customerId,
        cents: BigInt(decoded.cents),
      }
    case 'tombstone':
      return { type: 'tombstone' }
  }
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_name, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item)).slice(0, 300)

/** Keeps a decoder and a parser of its own; the decoder's scan sees all records of one caller, as in a run. */
export function createOutcomeComparison(): CompareOutcomes {
  const decoder = createDecoder(rules)
  const parse = createRecordParser(rules)
  return (topic, bytes, nowMs) => {
    const record = createLogRecord(topic, bytes, { appendedAtMs: nowMs })
    const decoded = decoder.decode(record, nowMs)
    if (bytes === null) {
      return { record, decoded, difference: decoded.type === 'tombstone' ? null : 'a null value is no tombstone' }
    }
    const parsed = parse(topic, record.source, record.valueStart, record.valueEnd, nowMs)
    if (!isDeepStrictEqual(decoded, parsed)) {
      return { record, decoded, difference: `scanned ${show(decoded)}, parsed ${show(parsed)}` }
    }
    const told = readEvent(topic, bytes, nowMs, rules)
    const found = reduce(decoded)
    const difference = isDeepStrictEqual(found, told) ? null : `decoded ${show(found)}, the oracle says ${show(told)}`
    return { record, decoded, difference }
  }
}
