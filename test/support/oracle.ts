import type { RejectionReason } from '../../core/events/decoded.ts'
import type { EventTopic } from '../../core/events/topics.ts'
import { type OracleEvent, readEvent } from './oracle-event.ts'

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

/** What stands between two records: windows closed without one, or a word that a record is to count after all. */
export type OracleStep = OracleRecord | { readonly closesUntilMs: number } | { readonly readmits: OracleRecord }

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

/** What became of a record when it was read; the reason where it was rejected. */
export type OracleOutcome = Exclude<keyof OracleCounters, 'received' | 'invalid'> | RejectionReason

export interface OracleResult {
  /** By `${storeId}@${startMs}`. */
  readonly windows: ReadonlyMap<string, OracleWindow>
  /** Keys of the windows that are final. */
  readonly final: ReadonlySet<string>
  readonly counters: Readonly<Record<EventTopic, OracleCounters>>
  /** Reasons that occurred, over all topics. */
  readonly invalidByReason: ReadonlyMap<RejectionReason, number>
  readonly watermarkMs: number | null
  /** When each record was first read. */
  readonly outcomes: ReadonlyMap<OracleRecord, OracleOutcome>
  /** Those that counted, or turned out to be duplicates, after all. */
  readonly readmitted: ReadonlySet<OracleRecord>
}

const noCounters = (): OracleCounters => ({
  received: 0,
  counted: 0,
  late: 0,
  duplicate: 0,
  invalid: 0,
  tombstone: 0,
})

/** @param steps in the order of the log */
export function recompute(steps: Iterable<OracleStep>, options: OracleOptions = defaultOracleOptions): OracleResult {
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

  const count = (event: Exclude<OracleEvent, { readonly type: 'rejected' }>): void => {
    if (event.type !== 'sale') return
    const startMs = startOf(event.timeMs)
    const key = `${event.storeId}@${startMs}`
    const none = { storeId: event.storeId, startMs, count: 0, cents: 0n, customers: new Set<string>() }
    const window: OracleWindow = windows.get(key) ?? none
    window.count += 1
    window.cents += event.cents
    window.customers.add(event.customerId)
    windows.set(key, window)
  }
  /** A sale or event that is not late is counted, unless it was. */
  const judge = (topic: EventTopic, event: Exclude<OracleEvent, { readonly type: 'rejected' }>): OracleOutcome => {
    const endOfFirst = countedIds[topic].get(event.id)
    if (options.duplicates === 'drop' && endOfFirst !== undefined && !isFinal(endOfFirst)) return 'duplicate'
    countedIds[topic].set(event.id, startOf(event.timeMs) + options.sizeMs)
    count(event)
    return 'counted'
  }
  const judgeRecord = ({ appendedAtMs, bytes, topic }: OracleRecord): OracleOutcome => {
    if (bytes === null) return 'tombstone'
    const event = readEvent(topic, bytes, appendedAtMs, options)
    if (event.type === 'rejected') return event.reason
    const isLate = event.type === 'sale' && isFinal(startOf(event.timeMs) + options.sizeMs)
    const outcome = isLate ? 'late' : judge(topic, event)
    if (event.type === 'sale') watermarkMs = Math.max(watermarkMs ?? -Infinity, event.timeMs - options.latenessMs)
    return outcome
  }
  const add = (topic: EventTopic, outcome: OracleOutcome, by: number): void => {
    const isCounter = (name: string): name is keyof OracleCounters => name in counters[topic]
    counters[topic][isCounter(outcome) ? outcome : 'invalid'] += by
    if (!isCounter(outcome)) invalidByReason.set(outcome, (invalidByReason.get(outcome) ?? 0) + by)
  }

  const outcomes = new Map<OracleRecord, OracleOutcome>()
  const readmitted = new Set<OracleRecord>()
  const readmit = (record: OracleRecord): void => {
    const before = outcomes.get(record)
    if (before === undefined || record.bytes === null || readmitted.has(record)) return
    const event = readEvent(record.topic, record.bytes, record.appendedAtMs, options)
    if (event.type === 'rejected') return
    readmitted.add(record)
    add(record.topic, before, -1)
    add(record.topic, judge(record.topic, event), 1)
  }

  for (const step of steps) {
    if ('closesUntilMs' in step) watermarkMs = Math.max(watermarkMs ?? -Infinity, step.closesUntilMs)
    else if ('readmits' in step) readmit(step.readmits)
    else {
      const outcome = judgeRecord(step)
      outcomes.set(step, outcome)
      counters[step.topic].received += 1
      add(step.topic, outcome, 1)
    }
  }

  const final = new Set([...windows].filter(([, { startMs }]) => isFinal(startMs + options.sizeMs)).map(([key]) => key))
  return { windows, final, counters, invalidByReason, watermarkMs, outcomes, readmitted }
}
