import { isJsonObject, type JsonObject } from '../events/findings.ts'
import { readStoreId } from '../events/checks.ts'
import { createEventTimeReader } from '../events/event-time.ts'
import type { RecordRef } from '../events/record.ts'

/** Where a record that we reject might count for others. */
export interface RejectedPlace {
  readonly storeId: number | null
  readonly eventTimeMs: number
}

/** The records we reject that fall into one window. */
export interface Touched {
  /** All of them. */
  readonly records: number
  /** The first of them. */
  readonly refs: readonly RecordRef[]
}

const mostRefs = 20

/** Notes which windows records that we reject would fall into. */
export interface TouchedNotes {
  note(key: string, ref: RecordRef): void
  noteTime(eventTimeMs: number, ref: RecordRef): void
  /** A rejected record of that time: it could have moved somebody else's watermark there. */
  findAt(eventTimeMs: number): RecordRef | null
  list(): ReadonlyMap<string, Touched>
}

export function createTouched(): TouchedNotes {
  const byKey = new Map<string, { records: number; readonly refs: RecordRef[] }>()
  const byTime = new Map<number, RecordRef>()
  return {
    note(key, ref) {
      const known = byKey.get(key) ?? { records: 0, refs: [] }
      known.records += 1
      if (known.refs.length < mostRefs) known.refs.push(ref)
      byKey.set(key, known)
    },
    noteTime(eventTimeMs, ref) {
      byTime.set(eventTimeMs, ref)
    },
    findAt: (eventTimeMs) => byTime.get(eventTimeMs) ?? null,
    list: () => byKey,
  }
}

/** Epoch seconds from 2000 up to 2100: what Spark makes of a number where it wants a time. */
const earliestSeconds = 946_684_800
const endSeconds = 4_102_444_800

function readTimes(value: unknown, readIso: ReturnType<typeof createEventTimeReader>): readonly number[] {
  if (typeof value === 'number' && value >= earliestSeconds && value < endSeconds) return [Math.floor(value * 1_000)]
  // A blank instead of the T, as SQL writes it.
  const time = readIso(typeof value === 'string' ? value.trim().replace(/^(\d{4}-\d\d-\d\d) /, '$1T') : value)
  return typeof time === 'string' ? [] : [time.ms]
}

const storeOf = (value: unknown): number | null =>
  typeof value === 'string' && /^\s*\+?\d+\s*$/.test(value) ? readStoreId(Number(value)) : readStoreId(value)

function readPlaces(record: JsonObject, readIso: ReturnType<typeof createEventTimeReader>): readonly RejectedPlace[] {
  const storeId = storeOf(record['store_id'])
  const times = ['event_time', 'timestamp'].flatMap((name) => readTimes(record[name], readIso))
  return [...new Set(times)].map((eventTimeMs) => ({ storeId, eventTimeMs }))
}

/**
 * Where a record that we reject could count for a job with other rules than ours: read as generously as can be. Empty
 * where neither a time nor a store is to be found.
 *
 * @param zone in which times without a zone are read
 */
export function createPlaceReader(zone: string): (value: Uint8Array) => readonly RejectedPlace[] {
  const readIso = createEventTimeReader(zone)
  return (value) => {
    try {
      const parsed: unknown = JSON.parse(
        Buffer.from(value)
          .toString('utf8')
          .replace(/^\uFEFF/, ''),
      )
      return isJsonObject(parsed) ? readPlaces(parsed, readIso) : []
    } catch {
      // No JSON for us, and so for nobody.
      return []
    }
  }
}
