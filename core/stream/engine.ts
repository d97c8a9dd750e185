import type { DistinctKind } from '../base/distinct.ts'
import { createHash64, hashText } from '../base/hash64.ts'
import type { Counted, Sale } from '../events/decoded.ts'
import type { Counters, EpochOutcome, ReadRecord, Readmission } from '../events/epoch.ts'
import { formatRef, type LogRecord } from '../events/record.ts'
import { isEventTopic, salesTopic } from '../events/topics.ts'
import { collectNothing, describeLate, findOverflowed, quarantine, refOf } from './collected.ts'
import { createCounterBook } from './counters.ts'
import { createDuplicateFinder } from './duplicates.ts'
import { type EngineState, readEngineState, writeEngineState } from './state.ts'
import { createWatermark } from './watermark.ts'
import { addCents, createWindowStore, describeWindow } from './window-store.ts'

/** What results depend on, besides the records. */
export interface EngineOptions {
  readonly windowSizeMs: number
  readonly latenessMs: number
  readonly duplicates: 'drop' | 'count'
  readonly maxIds: number
  /** Kind of the windows' distinct sketch. */
  readonly sketch: DistinctKind
}

/**
 * The stream engine: records in, windows out.
 *
 * 1. Synchronous, no I/O, no clock: the same records in the same order give the same outcomes, however they are grouped
 *    into epochs, stopped and resumed.
 * 2. Every record of an event topic ends in exactly one of counted, late, duplicate, invalid, tombstone.
 * 3. Lateness and finality are decided by the watermark before the record; then the record moves the watermark.
 */
export interface Engine {
  /** Applies one epoch. `readAtMs` dates what is quarantined where its record does not, and has no part in any decision. */
  apply(records: readonly ReadRecord[], readAtMs: number): EpochOutcome
  /** Moves the watermark without a record and closes what it passes. */
  closeIdle(watermarkMs: number): EpochOutcome
  /** Start of the earliest open window, or null when none is open. */
  readonly earliestOpenStartMs: number | null
  /** Sketches of the customers in a store's open windows, by start. */
  openSketches(storeId: number): readonly { readonly startMs: number; readonly bytes: Uint8Array }[]
  readonly watermarkMs: number | null
  readonly knownIds: number
  /** Goes on from these totals: what was committed counts, whatever going over it again gave. */
  adoptCounters(counters: Counters): void
  /** The whole recovery state, for {@link createEngine}, behind whatever bytes the caller puts in front. */
  saveState(...before: readonly Uint8Array[]): Uint8Array
}

/** @param stored bytes of an earlier {@link Engine.saveState} under the same options, or null to start empty */
export function createEngine(options: EngineOptions, stored: Uint8Array | null): Engine {
  const { windowSizeMs, latenessMs } = options
  const earlier: EngineState | null = stored ? readEngineState(stored, options.sketch) : null
  const watermark = createWatermark(latenessMs, earlier?.watermarkMs ?? null)
  const windows = createWindowStore(options.sketch)
  for (const window of earlier?.windows ?? []) windows.put(window)
  const ids = createDuplicateFinder(options.maxIds, earlier && { ids: earlier.ids, wholeFrom: earlier.idsWholeFrom })
  let counters = createCounterBook(earlier?.counters ?? null)
  const readmitted = new Set<string>(earlier?.readmitted ?? [])
  const customerHash = createHash64()
  let applied = 0
  let out = collectNothing()

  const isClosed = (endMs: number): boolean => watermark.ms !== null && endMs <= watermark.ms
  const startOf = (eventTimeMs: number): number => Math.floor(eventTimeMs / windowSizeMs) * windowSizeMs

  /** Windows whose index is below this have closed: checked at each step of the watermark, acted on once a window. */
  let closedBelow = watermark.ms === null ? Number.NEGATIVE_INFINITY : Math.floor(watermark.ms / windowSizeMs)
  const closePassedWindows = (): void => {
    const passed = Math.floor((watermark.ms ?? Number.NEGATIVE_INFINITY) / windowSizeMs)
    if (passed <= closedBelow) return
    closedBelow = passed
    ids.forgetBelow(passed)
    for (const window of windows.takeStartingBefore(passed * windowSizeMs)) {
      out.closed.push(describeWindow(window, windowSizeMs, true))
    }
  }

  const countSale = (sale: Sale, record: LogRecord): void => {
    const startMs = startOf(sale.eventTimeMs)
    hashText(sale.customerId, customerHash)
    const { high: customerHashHigh, low: customerHashLow } = customerHash
    if (isClosed(startMs + windowSizeMs)) {
      out.amendments.push({
        storeId: sale.storeId,
        startMs,
        endMs: startMs + windowSizeMs,
        transactions: 1,
        cents: BigInt(sale.cents),
        customerHashHigh,
        customerHashLow,
      })
    } else {
      const window = windows.findOrCreate(sale.storeId, startMs)
      window.transactions += 1
      addCents(window, sale.cents)
      window.sketch.addHash(customerHashHigh, customerHashLow)
      if (window.touchedIn !== applied) {
        window.touchedIn = applied
        out.touched.push(window)
      }
    }
    out.sales.push({
      storeId: sale.storeId,
      eventTimeMs: sale.eventTimeMs,
      appendedAtMs: record.appendedAtMs,
      cents: sale.cents,
      customerHashHigh,
      customerHashLow,
      live: record.origin === 'live',
    })
  }

  const noteReading = (event: { readonly zoneless: boolean }, rounded: boolean): void => {
    if (rounded) counters.noteRounded()
    if (event.zoneless) counters.noteZoneless()
  }

  /** True when the id was seen before and its window is still open; otherwise remembers it. */
  const isRepeated = (event: Counted, record: LogRecord): boolean => {
    if (options.duplicates === 'count') return false
    const topic = event.type === 'sale' ? salesTopic : event.topic
    const novelty = ids.examine(topic, event.id, record)
    if (novelty === 'conflict') {
      counters.noteConflict()
      out.conflicts.push({ ref: refOf(record), id: event.id })
    }
    if (novelty !== 'new') return true
    const startMs = startOf(event.eventTimeMs)
    if (!isClosed(startMs + windowSizeMs)) counters.noteEvicted(ids.remember(startMs / windowSizeMs))
    return false
  }

  const applySale = (sale: Sale, record: LogRecord): void => {
    noteReading(sale, sale.rounded)
    const endMs = startOf(sale.eventTimeMs) + windowSizeMs
    const watermarkMs = watermark.ms
    if (watermarkMs !== null && endMs <= watermarkMs) {
      counters.receive(salesTopic, 'late')
      out.late.push(describeLate(sale, record, watermarkMs - endMs))
    } else if (isRepeated(sale, record)) {
      counters.receive(salesTopic, 'duplicate')
    } else {
      counters.receive(salesTopic, 'counted')
      countSale(sale, record)
    }
    if (watermark.observe(sale.eventTimeMs)) closePassedWindows()
  }

  const readmit = (readmission: Readmission, { decoded, record }: ReadRecord): void => {
    const { topic } = readmission.ref
    const key = formatRef(readmission.ref)
    if (readmitted.has(key) || !isEventTopic(topic)) return
    if (decoded.type !== 'sale' && decoded.type !== 'event') return
    readmitted.add(key)
    out.readmitted.push(readmission.ref)
    const repeated = isRepeated(decoded, record)
    counters.move(topic, readmission.was, repeated ? 'duplicate' : 'counted', readmission.reason)
    if (!repeated && decoded.type === 'sale') countSale(decoded, record)
  }

  const applyRecord = (item: ReadRecord, readAtMs: number): void => {
    const { record, decoded } = item
    if (item.readmits) {
      readmit(item.readmits, item)
      return
    }
    if (!isEventTopic(record.topic)) return
    switch (decoded.type) {
      case 'sale':
        applySale(decoded, record)
        return
      case 'event':
        noteReading(decoded, false)
        counters.receive(record.topic, isRepeated(decoded, record) ? 'duplicate' : 'counted')
        return
      case 'rejection':
        counters.reject(record.topic, decoded.reason)
        out.quarantined.push(quarantine(decoded, record, readAtMs))
        return
      case 'tombstone':
        counters.receive(record.topic, 'tombstone')
        return
    }
  }

  const measureIdHorizon = (): number | null => {
    if (ids.wholeFrom === null || watermark.ms === null) return null
    return Math.max(0, watermark.ms + latenessMs - ids.wholeFrom * windowSizeMs)
  }

  const finish = (): EpochOutcome => {
    const { touched, closed, ...collected } = out
    out = collectNothing()
    // A window touched and closed in one epoch is written once, as final.
    const provisional = touched
      .filter((window) => !isClosed(window.startMs + windowSizeMs))
      .map((window) => describeWindow(window, windowSizeMs, false))
    const rows = [...closed, ...provisional]
    const overflowed = findOverflowed(rows)
    return {
      ...collected,
      watermarkMs: watermark.ms,
      rows,
      counters: counters.snapshot(),
      overflowed,
      idHorizonMs: measureIdHorizon(),
    }
  }

  return {
    apply(records, readAtMs) {
      applied += 1
      for (const item of records) applyRecord(item, readAtMs)
      return finish()
    },
    closeIdle(watermarkMs) {
      applied += 1
      if (watermark.advanceTo(watermarkMs)) closePassedWindows()
      return finish()
    },
    get earliestOpenStartMs() {
      return Number.isFinite(windows.earliestStartMs) ? windows.earliestStartMs : null
    },
    openSketches: (storeId) =>
      windows.listOf(storeId).map(({ sketch, startMs }) => ({ startMs, bytes: sketch.toBytes() })),
    get watermarkMs() {
      return watermark.ms
    },
    get knownIds() {
      return ids.size
    },
    adoptCounters(committed) {
      counters = createCounterBook(committed)
    },
    saveState: (...before) =>
      writeEngineState(
        {
          watermarkMs: watermark.ms,
          counters: counters.snapshot(),
          windows: windows.list(),
          ids,
          readmitted: [...readmitted],
          idsWholeFrom: ids.wholeFrom,
        },
        before,
      ),
  }
}
