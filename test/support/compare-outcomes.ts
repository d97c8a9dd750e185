import { createDecoder } from '../../core/events/decode.ts'
import type { Decoded } from '../../core/events/decoded.ts'
import { createFastCustomerEventReader, createFastInventoryUpdateReader } from '../../core/events/fast-event.ts'
import { createFastSaleReader } from '../../core/events/fast-sale.ts'
import { createRecordParser } from '../../core/events/parse.ts'
import { type LogRecord, valueOf } from '../../core/events/record.ts'
import { type EventTopic, isEventTopic } from '../../core/events/topics.ts'
import { createLogRecord } from './log-record.ts'
import { type OracleEvent, readEvent } from './oracle-event.ts'

const rules = { futureMs: 300_000, zone: 'UTC' } as const

/** One record read three times: by the decoder as it runs, by its parser alone, and by the oracle. */
export interface Compared {
  readonly record: LogRecord
  readonly decoded: Decoded
  /** Whether the byte scan was sure of it. */
  readonly isScanned: boolean
  /** What two of them disagree on, or null. */
  readonly difference: string | null
}

export type CompareOutcomes = (topic: EventTopic, bytes: Uint8Array | null, nowMs: number) => Compared

/** What the oracle says of a record, and the same of what it was decoded to: what the oracle has no word for is left out. */
function reduce(decoded: Decoded, told: OracleEvent): object {
  if (decoded.type === 'rejection') return { type: 'rejected', reason: decoded.reason }
  if (decoded.type === 'tombstone') return { type: 'tombstone' }
  const { eventTimeMs: timeMs, ...event } = decoded
  const known = event.type === 'sale' ? { ...event, timeMs, cents: BigInt(event.cents) } : { ...event, timeMs }
  return Object.fromEntries(Object.entries(known).filter(([name]) => name in told))
}

/** Outcomes are flat: the same names with the same values, in whatever order. */
function areEqual(left: object, right: object): boolean {
  const entries = Object.entries(left)
  const other = new Map<string, unknown>(Object.entries(right))
  return entries.length === other.size && entries.every(([name, value]) => Object.is(value, other.get(name)))
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_name, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item)).slice(0, 300)

/** Keeps a decoder and a scan of its own, which see all records of one caller, as in a run. */
export function createOutcomeComparison(): CompareOutcomes {
  const decoder = createDecoder(rules)
  const parse = createRecordParser(rules)
  const scans = {
    'retail-transactions': createFastSaleReader(rules.zone),
    'customer-events': createFastCustomerEventReader(rules.zone),
    'inventory-updates': createFastInventoryUpdateReader(rules.zone),
  }
  const findDifference = (record: LogRecord, decoded: Decoded, scanned: Decoded | null): string | null => {
    const bytes = valueOf(record)
    if (bytes === null) return decoded.type === 'tombstone' ? null : 'a null value is no tombstone'
    if (!isEventTopic(record.topic)) return 'a topic without events'
    const parsed = parse(record.topic, record.source, record.valueStart, record.valueEnd, record.appendedAtMs)
    for (const other of scanned === null ? [decoded] : [decoded, scanned]) {
      if (!areEqual(other, parsed)) return `scanned ${show(other)}, parsed ${show(parsed)}`
    }
    const told = readEvent(record.topic, bytes, record.appendedAtMs, rules)
    const found = reduce(decoded, told)
    return areEqual(found, told) ? null : `decoded ${show(found)}, the oracle says ${show(told)}`
  }
  return (topic, bytes, nowMs) => {
    const record = createLogRecord(topic, bytes, { appendedAtMs: nowMs })
    const { source, valueStart, valueEnd } = record
    const scanned = bytes === null ? null : scans[topic](source, valueStart, valueEnd, nowMs + rules.futureMs)
    const decoded = decoder.decode(record, nowMs)
    return { record, decoded, isScanned: scanned !== null, difference: findDifference(record, decoded, scanned) }
  }
}
