import type { RejectionReason } from '../../core/events/decoded.ts'
import type { EventTopic } from '../../core/events/topics.ts'
import { readEvent } from './oracle-event.ts'

/**
 * The table recomputed the slow way, from the written rules alone: for checking the engine against something that shares
 * none of its code. Written to be read, not to be quick.
 */

export interface OracleRecord {
  readonly topic: EventTopic
  readonly partition: number
  /** The value; null is a tombstone. */
  readonly bytes: Uint8Array | null
  /** The record's *now*. */
  readonly appendedAtMs: number
}

export interface OracleOptions {
  readonly sizeMs: number
  readonly latenessMs: number
  readonly futureMs: number
  /** IANA zone of times that name none. */
  readonly zone: string
  readonly duplicates: 'drop' | 'count'
}

export const defaultOracleOptions: OracleOptions = {
  sizeMs: 60_000,
  latenessMs: 600_000,
  futureMs: 300_000,
  zone: 'UTC',
  duplicates: 'drop',
}

export interface OracleWindow {
  readonly storeId: number
  readonly startMs: number
  count: number
  cents: bigint
  readonly customers: Set<string>
}

export interface OracleCounters {
  received: number
  counted: number
  late: number
  duplicate: number
  invalid: number
  tombstone: number
}

export interface OracleResult {
  /** By `${storeId}@${startMs}`. */
  readonly windows: ReadonlyMap<string, OracleWindow>
  /** Keys of the windows that are final. */
  readonly final: ReadonlySet<string>
  readonly counters: Readonly<Record<EventTopic, OracleCounters>>
  /** Reasons that occurred, over all topics. */
  readonly invalidByReason: ReadonlyMap<RejectionReason, number>
  readonly watermarkMs: number | null
}

const noCounters = (): OracleCounters => ({
  received: 0,
  counted: 0,
  late: 0,
  duplicate: 0,
  invalid: 0,
  tombstone: 0,
})

/** @param records in the order of the log */
export function recompute(
  records: Iterable<OracleRecord>,
  options: OracleOptions = defaultOracleOptions,
): OracleResult {
  const windows = new Map<string, OracleWindow>()
  const counters: Record<EventTopic, OracleCounters> = {
    'retail-transactions': noCounters(),
    'customer-events': noCounters(),
    'inventory-updates': noCounters(),
  }
  const invalidByReason = new Map<RejectionReason, number>()
  /** Ends of the windows of counted ids. */
  const countedIds: Record<EventTopic, Map<string, number>> = {
    'retail-transactions': new Map(),
    'customer-events': new Map(),
    'inventory-updates': new Map(),
  }
  let watermarkMs: number | null = null

  const isFinal = (endMs: number): boolean => watermarkMs !== null && endMs <= watermarkMs
  const startOf = (timeMs: number): number => Math.floor(timeMs / options.sizeMs) * options.sizeMs

  for (const record of records) {
    const counter = counters[record.topic]
    const ids = countedIds[record.topic]
    counter.received += 1
    if (record.bytes === null) {
      counter.tombstone += 1
      continue
    }
    const event = readEvent(record.topic, record.bytes, record.appendedAtMs, options)
    if (event.type === 'rejected') {
      counter.invalid += 1
      invalidByReason.set(event.reason, (invalidByReason.get(event.reason) ?? 0) + 1)
      continue
    }
    const startMs = startOf(event.timeMs)
    const endMs = startMs + options.sizeMs
    const endOfFirst = ids.get(event.id)
    if (event.type === 'sale' && isFinal(endMs)) {
      counter.late += 1
    } else if (options.duplicates === 'drop' && endOfFirst !== undefined && !isFinal(endOfFirst)) {
      counter.duplicate += 1
    } else {
      counter.counted += 1
      ids.set(event.id, endMs)
      if (event.type === 'sale') {
        const key = `${event.storeId}@${startMs}`
        const window = windows.get(key) ?? {
          storeId: event.storeId,
          startMs,
          count: 0,
          cents: 0n,
          customers: new Set<string>(),
        }
        window.count += 1
        window.cents += event.cents
        window.customers.add(event.customerId)
        windows.set(key, window)
      }
    }
    if (event.type === 'sale') watermarkMs = Math.max(watermarkMs ?? -Infinity, event.timeMs - options.latenessMs)
  }

  const final = new Set([...windows].filter(([, { startMs }]) => isFinal(startMs + options.sizeMs)).map(([key]) => key))
  return { windows, final, counters, invalidByReason, watermarkMs }
}
