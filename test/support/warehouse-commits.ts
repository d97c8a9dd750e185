import type { DistinctKind, DistinctSketch } from '../../core/base/distinct.ts'
import type { Counters, EpochRecord, LateSale, QuarantinedRecord, WindowRow } from '../../core/events/epoch.ts'
import { salesTopic } from '../../core/events/topics.ts'
import type { EpochCommit } from '../../core/warehouse/warehouse.ts'

/** Monday, 6 January 2025, 00:00 UTC: the first window of most tests. */
export const startMs = Date.UTC(2025, 0, 6)
export const windowSizeMs = 60_000

const utf8 = new TextDecoder()

/** A distinct kind that counts exactly; its bytes are the JSON of its hashes. */
export const exactSketch: DistinctKind = {
  create: () => makeExact([]),
  read(bytes) {
    const hashes: unknown = JSON.parse(utf8.decode(bytes))
    if (!Array.isArray(hashes)) throw new RangeError('no exact sketch')
    return makeExact(hashes.map(String))
  },
}

function makeExact(hashes: readonly string[]): DistinctSketch {
  const seen = new Set(hashes)
  return {
    addHash(high, low) {
      const before = seen.size
      seen.add(`${high}/${low}`)
      return seen.size > before
    },
    merge(other) {
      for (const hash of JSON.parse(utf8.decode(other.toBytes())) as string[]) seen.add(hash)
    },
    estimate: () => seen.size,
    toBytes: () => new TextEncoder().encode(JSON.stringify([...seen])),
  }
}

/** Bytes of an exact sketch with these hashes, their upper halves being 0. */
export function sketchOf(...lows: readonly number[]): Uint8Array {
  const sketch = exactSketch.create()
  for (const low of lows) sketch.addHash(0, low)
  return sketch.toBytes()
}

/** A provisional row of store 1's first window. */
export function makeRow(changes: Partial<WindowRow> = {}): WindowRow {
  const from = changes.startMs ?? startMs
  return {
    storeId: 1,
    startMs: from,
    endMs: from + windowSizeMs,
    transactions: 2,
    cents: 2_500n,
    uniqueCustomers: 2,
    revision: 1,
    final: false,
    sketch: sketchOf(1, 2),
    ...changes,
  }
}

/** Counters that differ in every number, so that a mix-up shows. */
export function makeCounters(base = 0): Counters {
  let next = base
  const count = (): number => {
    next += 1
    return next
  }
  const perTopic = () => ({
    received: count(),
    counted: count(),
    late: count(),
    duplicate: count(),
    invalid: count(),
    tombstone: count(),
  })
  return {
    perTopic: { 'retail-transactions': perTopic(), 'customer-events': perTopic(), 'inventory-updates': perTopic() },
    invalidByReason: {
      too_large: count(),
      not_utf8: count(),
      schema_framed: count(),
      not_json: count(),
      not_object: count(),
      too_deep: count(),
      missing_field: count(),
      wrong_type: count(),
      bad_amount: count(),
      bad_time: count(),
      future_time: count(),
    },
    rounded: count(),
    zoneless: count(),
    conflicts: count(),
    evictedIds: count(),
  }
}

export function makeEpoch(epoch: number, changes: Partial<EpochRecord> = {}): EpochRecord {
  return {
    epoch,
    kind: 'records',
    ranges: [{ topic: salesTopic, partition: 0, from: (epoch - 1) * 10, until: epoch * 10 }],
    fromSequence: (epoch - 1) * 10,
    untilSequence: epoch * 10,
    records: 10,
    watermarkMs: startMs - 600_000 + epoch,
    readAtMs: startMs + epoch,
    ...changes,
  }
}

export const token = 'first'

/** An empty commit of an epoch, under the token `first`. */
export function makeCommit(epoch: number, changes: Partial<EpochCommit> = {}): EpochCommit {
  return {
    token,
    epoch: makeEpoch(epoch),
    offsets: [{ topic: salesTopic, partition: 0, offset: epoch * 10 }],
    counters: makeCounters(epoch),
    rows: [],
    amendments: [],
    late: [],
    quarantined: [],
    readmitted: [],
    conflicts: [],
    windowSizeMs,
    finalRowsOnly: false,
    committedAtMs: startMs + epoch * 100,
    ...changes,
  }
}

export function makeLate(offset: number, changes: Partial<LateSale> = {}): LateSale {
  return {
    ref: { topic: salesTopic, partition: 0, offset },
    storeId: 7,
    transactionId: `t-${offset}`,
    eventTimeMs: startMs - 3_600_000 + offset,
    cents: -1_250,
    latenessMs: 12_345,
    appendedAtMs: startMs + offset,
    ...changes,
  }
}

export function makeQuarantined(offset: number, changes: Partial<QuarantinedRecord> = {}): QuarantinedRecord {
  return {
    ref: { topic: 'customer-events', partition: 3, offset },
    reason: 'bad_amount',
    path: '/final_amount',
    bytes: Uint8Array.of(0, 255, 10, offset & 0xff),
    sizeBytes: 70_000,
    sha256: 'ab'.repeat(32),
    seenAtMs: startMs + offset,
    ...changes,
  }
}
