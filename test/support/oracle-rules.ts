import type { RejectionReason } from '../../core/events/decoded.ts'
import type { EventTopic } from '../../core/events/topics.ts'
import { type OracleEvent, readEvent } from './oracle-event.ts'

/**
 * The written rules, one record after the other, the slow way: for checking the engine against something that shares none
 * of its code. Written to be read, not to be quick.
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
  /** Most ids remembered at once; absent: all of them. */
  readonly maxIds?: number
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
  /** Who was there when it closed, once something was added to it after that. */
  customersAtClose: ReadonlySet<string> | null
}

export interface OracleCounters {
  received: number
  counted: number
  late: number
  duplicate: number
  invalid: number
  tombstone: number
}

/** `conflict`: a duplicate whose content is not that of the first. */
export interface OracleCount {
  readonly type: 'counted' | 'duplicate'
  readonly conflict: boolean
}

/** What became of one record. */
export type OracleVerdict =
  | OracleCount
  | { readonly type: 'late'; readonly sale: Extract<OracleEvent, { type: 'sale' }>; readonly latenessMs: number }
  | { readonly type: 'invalid'; readonly reason: RejectionReason }
  | { readonly type: 'tombstone' }

/** A record that was late or invalid and is to count after all. */
export interface OracleReadmission {
  /** Names the record for ever. */
  readonly ref: string
  readonly was: 'late' | 'invalid'
  readonly reason: RejectionReason | null
}

/** The rules, one record after the other. */
export interface Oracle {
  read(record: OracleRecord): OracleVerdict
  /** Counts a record after all, once for ever; null when it does not, or has before. */
  readmit(readmission: OracleReadmission, record: OracleRecord): OracleCount | null
  /** Moves the watermark without a record. */
  closeIdle(watermarkMs: number): void
  /** Keys of the windows that have changed or become final since the last call. */
  takeTouched(): ReadonlySet<string>
  isFinal(window: OracleWindow): boolean
  /** Another rule about the future from here on. */
  setFutureMs(futureMs: number): void
  readonly windows: ReadonlyMap<string, OracleWindow>
  readonly counters: Readonly<Record<EventTopic, OracleCounters>>
  readonly invalidByReason: ReadonlyMap<RejectionReason, number>
  readonly watermarkMs: number | null
  /** Amounts rounded, times without a zone, duplicates with other content, ids forgotten for want of room. */
  readonly notes: {
    readonly rounded: number
    readonly zoneless: number
    readonly conflicts: number
    readonly evicted: number
  }
}

const noCounters = (): OracleCounters => ({
  received: 0,
  counted: 0,
  late: 0,
  duplicate: 0,
  invalid: 0,
  tombstone: 0,
})

const isSame = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, index) => byte === right[index])

/** The ids of the windows that are not final, by window: the oldest windows' go first when there are too many. */
function createOracleIds(maxIds: number) {
  const windows = new Map<number, Map<string, Uint8Array>>()
  const count = (): number => [...windows.values()].reduce((sum, ids) => sum + ids.size, 0)
  const oldest = (): number => Math.min(...windows.keys())
  return {
    find: (id: string): Uint8Array | undefined => {
      for (const ids of windows.values()) {
        const content = ids.get(id)
        if (content) return content
      }
      return undefined
    },
    /** Returns how many had to go for it. */
    add(id: string, startMs: number, content: Uint8Array): number {
      let evicted = 0
      if (maxIds < Infinity && count() >= maxIds) {
        const first = oldest()
        evicted = windows.get(first)?.size ?? 0
        windows.delete(first)
      }
      windows.set(startMs, (windows.get(startMs) ?? new Map<string, Uint8Array>()).set(id, content))
      return evicted
    },
    forget(isFinal: (startMs: number) => boolean): void {
      for (const startMs of windows.keys()) if (isFinal(startMs)) windows.delete(startMs)
    },
  }
}

/** An oracle that has read nothing. */
// Long because all rules share the same few tables.
export function createOracle(options: OracleOptions = defaultOracleOptions): Oracle {
  const windows = new Map<string, OracleWindow>()
  const counters: Record<EventTopic, OracleCounters> = {
    'retail-transactions': noCounters(),
    'customer-events': noCounters(),
    'inventory-updates': noCounters(),
  }
  const invalidByReason = new Map<RejectionReason, number>()
  const notes = { rounded: 0, zoneless: 0, conflicts: 0, evicted: 0 }
  const ids = createOracleIds(options.maxIds ?? Infinity)
  const readmitted = new Set<string>()
  let { futureMs } = options
  let touched = new Set<string>()
  /** Keys of the windows that are not final, by start. */
  const open = new Map<number, Set<string>>()
  let watermarkMs: number | null = null

  const isPast = (endMs: number): boolean => watermarkMs !== null && endMs <= watermarkMs
  const startOf = (timeMs: number): number => Math.floor(timeMs / options.sizeMs) * options.sizeMs
  const isPastWindow = (startMs: number): boolean => isPast(startMs + options.sizeMs)

  const moveWatermark = (toMs: number): void => {
    if (watermarkMs !== null && toMs <= watermarkMs) return
    watermarkMs = toMs
    for (const [startMs, keys] of open) {
      if (!isPastWindow(startMs)) continue
      for (const key of keys) touched.add(key)
      open.delete(startMs)
    }
    ids.forget(isPastWindow)
  }

  const addSale = ({ cents, customerId, storeId, timeMs }: Extract<OracleEvent, { type: 'sale' }>): void => {
    const startMs = startOf(timeMs)
    const key = `${storeId}@${startMs}`
    const window = windows.get(key) ?? {
      storeId,
      startMs,
      count: 0,
      cents: 0n,
      customers: new Set<string>(),
      customersAtClose: null,
    }
    if (isPastWindow(startMs)) window.customersAtClose ??= new Set(window.customers)
    else open.set(startMs, (open.get(startMs) ?? new Set<string>()).add(key))
    window.count += 1
    window.cents += cents
    window.customers.add(customerId)
    windows.set(key, window)
    touched.add(key)
  }

  /** Counts an event that is not late. */
  const count = (
    topic: EventTopic,
    event: Exclude<OracleEvent, { type: 'rejected' }>,
    content: Uint8Array,
  ): OracleCount => {
    const id = `${topic} ${event.id}`
    const first = options.duplicates === 'drop' ? ids.find(id) : undefined
    if (first) {
      const conflict = !isSame(first, content)
      if (conflict) notes.conflicts += 1
      return { type: 'duplicate', conflict }
    }
    const startMs = startOf(event.timeMs)
    if (options.duplicates === 'drop' && !isPastWindow(startMs)) notes.evicted += ids.add(id, startMs, content)
    if (event.type === 'sale') addSale(event)
    return { type: 'counted', conflict: false }
  }

  const judge = ({ appendedAtMs, bytes, topic }: OracleRecord): OracleVerdict => {
    if (bytes === null) return { type: 'tombstone' }
    const event = readEvent(topic, bytes, appendedAtMs, { ...options, futureMs })
    if (event.type === 'rejected') return { type: 'invalid', reason: event.reason }
    if (event.zoneless) notes.zoneless += 1
    if (event.type === 'sale' && event.rounded) notes.rounded += 1
    const endMs = startOf(event.timeMs) + options.sizeMs
    if (event.type === 'sale' && watermarkMs !== null && isPast(endMs)) {
      const latenessMs = watermarkMs - endMs
      moveWatermark(event.timeMs - options.latenessMs)
      return { type: 'late', sale: event, latenessMs }
    }
    const outcome = count(topic, event, bytes)
    if (event.type === 'sale') moveWatermark(event.timeMs - options.latenessMs)
    return outcome
  }

  return {
    read(record) {
      const outcome = judge(record)
      const counter = counters[record.topic]
      counter.received += 1
      counter[outcome.type] += 1
      if (outcome.type === 'invalid') {
        invalidByReason.set(outcome.reason, (invalidByReason.get(outcome.reason) ?? 0) + 1)
      }
      return outcome
    },
    readmit({ reason, ref, was }, { appendedAtMs, bytes, topic }) {
      if (readmitted.has(ref) || bytes === null) return null
      const event = readEvent(topic, bytes, appendedAtMs, { ...options, futureMs })
      if (event.type === 'rejected') return null
      readmitted.add(ref)
      const outcome = count(topic, event, bytes)
      counters[topic][was] -= 1
      counters[topic][outcome.type] += 1
      if (was === 'invalid' && reason !== null) invalidByReason.set(reason, (invalidByReason.get(reason) ?? 0) - 1)
      return outcome
    },
    closeIdle: moveWatermark,
    takeTouched() {
      const taken = touched
      touched = new Set()
      return taken
    },
    isFinal: ({ startMs }) => isPastWindow(startMs),
    setFutureMs(ms) {
      futureMs = ms
    },
    windows,
    counters,
    invalidByReason,
    get watermarkMs() {
      return watermarkMs
    },
    notes,
  }
}
