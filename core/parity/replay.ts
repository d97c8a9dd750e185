import type { DistinctSketch } from '../base/distinct.ts'
import { createHash64 } from '../base/hash64.ts'
import { windowSketch } from '../base/window-sketch.ts'
import type { Sale } from '../events/decoded.ts'
import type { RecordRef } from '../events/record.ts'
import type { HashCustomer } from './customer-hash.ts'
import { createTouched, type RejectedPlace, type Touched } from './touched.ts'
import {
  type BatchWatermarks,
  endBatch,
  firstWatermark,
  isBehind,
  joinBatches,
  planBatch,
  type WatermarkRules,
} from './watermark-steps.ts'

export interface ReplayRules extends WatermarkRules {
  readonly windowSizeMs: number
  readonly hashCustomer: HashCustomer
}

/** A window as the batches so far leave it. */
export interface ReplayedWindow {
  readonly storeId: number
  readonly startMs: number
  readonly endMs: number
  /** 0 where all its sales were dropped. */
  readonly transactions: number
  readonly cents: bigint
  readonly customers: number
  /** Sales that Spark dropped as late. */
  readonly lateSales: number
  /** Whether a batch has closed it: in append mode it is written then. */
  readonly isFinal: boolean
}

/** A batch whose watermark the records do not explain. */
export interface WatermarkMismatch {
  readonly batch: number
  readonly recordedMs: number
  readonly replayedMs: number
  /** A record that we reject and that would explain it. */
  readonly movedBy: RecordRef | null
}

/** What the replay has come to. */
export interface ReplayState {
  readonly windows: readonly ReplayedWindow[]
  readonly mismatches: readonly WatermarkMismatch[]
  readonly sales: number
  readonly lateSales: number
  readonly rejected: number
  /** Customers that an integer column would have as null. */
  readonly nullCustomers: number
  readonly touched: ReadonlyMap<string, Touched>
}

/**
 * Counts a query's batches again as Spark counts them. Within a batch the order of records does not matter.
 *
 * 1. Nothing is a duplicate, nothing lies in the future, no window closes by the clock.
 * 2. What a batch closes can be reopened by none after it, so its sketch is given up for its estimate.
 */
export interface Replay {
  /** @param recordedMs the batch's watermark as Spark has it; null where it is not known */
  beginBatch(number: number, recordedMs: number | null): void
  /** The same for batches of which only the end is known, taken as one: nothing that can be compared was late in them. */
  beginJoined(watermarkMs: number): void
  addSale(sale: Sale): void
  /** A record that is no sale for us, though it may be one for whoever wrote the table. */
  addRejected(ref: RecordRef, windows: readonly RejectedPlace[]): void
  endBatch(): void
  /**
   * Goes on behind batches that are not replayed: `watermarkMs` is that of the last of them, `newestMs` the newest event
   * time in all of them.
   */
  skipTo(watermarkMs: number, newestMs: number): void
  read(): ReplayState
}

interface Window {
  readonly storeId: number
  readonly startMs: number
  readonly endMs: number
  transactions: number
  cents: bigint
  lateSales: number
  sketch: DistinctSketch | null
  customers: number
}

export const formatKey = (startMs: number, storeId: number): string => `${startMs}/${storeId}`

export function createReplay(rules: ReplayRules): Replay {
  const { hashCustomer, windowSizeMs } = rules
  const open = new Map<string, Window>()
  const closed: Window[] = []
  const mismatches: WatermarkMismatch[] = []
  const touched = createTouched()
  const hash = createHash64()
  let state = firstWatermark
  let current: BatchWatermarks = planBatch(state, null, rules)
  let newestMs = Number.NEGATIVE_INFINITY
  let [sales, lateSales, rejected, nullCustomers] = [0, 0, 0, 0]

  const findWindow = (startMs: number, storeId: number): Window => {
    const key = formatKey(startMs, storeId)
    const known = open.get(key)
    if (known) return known
    const endMs = startMs + windowSizeMs
    const window = { storeId, startMs, endMs, transactions: 0, cents: 0n, lateSales: 0, sketch: null, customers: 0 }
    open.set(key, window)
    return window
  }
  const startOf = (eventTimeMs: number): number => Math.floor(eventTimeMs / windowSizeMs) * windowSizeMs
  const isLate = (startMs: number): boolean => isBehind(startMs + windowSizeMs, current.lateUntilMs)
  const close = (): void => {
    for (const [key, window] of open) {
      // What is dropped for a closed window is still noted on it.
      if (window.sketch === null || !isBehind(window.endMs, current.finalUntilMs)) continue
      window.customers = window.sketch.estimate()
      window.sketch = null
      closed.push(window)
      open.delete(key)
    }
  }
  const describe = ({ sketch, ...window }: Window): ReplayedWindow => ({
    ...window,
    customers: sketch?.estimate() ?? window.customers,
    isFinal: isBehind(window.endMs, current.finalUntilMs),
  })

  return {
    beginBatch(number, recordedMs) {
      current = planBatch(state, recordedMs, rules)
      newestMs = Number.NEGATIVE_INFINITY
      const { replayedMs } = current
      if (recordedMs === null || recordedMs === replayedMs) return
      mismatches.push({ batch: number, recordedMs, replayedMs, movedBy: touched.findAt(recordedMs + rules.latenessMs) })
    },
    beginJoined(watermarkMs) {
      current = joinBatches(watermarkMs)
      newestMs = Number.NEGATIVE_INFINITY
    },
    addSale({ cents, customerId, eventTimeMs, storeId }) {
      sales += 1
      newestMs = Math.max(newestMs, eventTimeMs)
      const startMs = startOf(eventTimeMs)
      const window = findWindow(startMs, storeId)
      if (isLate(startMs)) {
        lateSales += 1
        window.lateSales += 1
        return
      }
      window.transactions += 1
      window.cents += BigInt(cents)
      window.sketch ??= windowSketch.create()
      if (hashCustomer(customerId, hash)) window.sketch.addHash(hash.high, hash.low)
      else nullCustomers += 1
    },
    addRejected(ref, places) {
      rejected += 1
      for (const { eventTimeMs, storeId } of places) {
        touched.noteTime(eventTimeMs, ref)
        const startMs = startOf(eventTimeMs)
        if (storeId !== null && !isLate(startMs)) touched.note(formatKey(startMs, storeId), ref)
      }
    },
    endBatch() {
      state = endBatch(state, current, newestMs)
      close()
    },
    skipTo(watermarkMs, newest) {
      current = joinBatches(watermarkMs)
      state = endBatch(state, current, newest)
    },
    read() {
      const merged = new Map<string, ReplayedWindow>()
      for (const window of closed) merged.set(formatKey(window.startMs, window.storeId), describe(window))
      for (const [key, window] of open) {
        const before = merged.get(key)
        if (before) merged.set(key, { ...before, lateSales: before.lateSales + window.lateSales })
        else merged.set(key, describe(window))
      }
      const windows = [...merged.values()]
      return {
        windows,
        mismatches: [...mismatches],
        sales,
        lateSales,
        rejected,
        nullCustomers,
        touched: touched.list(),
      }
    },
  }
}
