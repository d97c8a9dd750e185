import type { LogRecord } from '../../events/record.ts'
import { mustLoad, type PartitionReader } from './partition-reader.ts'
import { settleAll } from './turns.ts'

/** A stretch of the log's sequence, in order, on its way to the caller of a reader. */
export interface SequenceWindow {
  /** Takes in the next stretch below `limit`. Resolves false when there is nothing. After a failure it can be called again. */
  fill(limit: number): Promise<boolean>
  /** Whether something is left to be moved. */
  hasMore(): boolean
  /** Appends to `taken` until it holds `maxRecords`, or at least one and `maxBytes` more. Returns the bytes moved. */
  moveTo(taken: LogRecord[], maxRecords: number, maxBytes: number): number
  /** Sequence of the first place not yet moved. */
  nextSequence(): number
}

/** Places in a window. */
const windowRecords = 4_096

/**
 * Sequences are dense, so nothing is merged: each partition puts its records at their places, and the window is then read
 * from front to back. Places stay empty where records are not wanted or are lost.
 */
export function createSequenceWindow(readers: readonly PartitionReader[]): SequenceWindow {
  const places: (LogRecord | undefined)[] = Array.from({ length: windowRecords })
  let start = 0
  let at = 0
  let end = 0
  let isFilling = false

  async function loadAll(): Promise<void> {
    const loads = readers.filter((reader) => reader.headSequence() === mustLoad).map((reader) => reader.load())
    await settleAll(loads, 'reading the log')
  }

  function leastHead(): number {
    let least = Infinity
    for (const reader of readers) least = Math.min(least, reader.headSequence())
    return least
  }

  return {
    async fill(limit) {
      if (!isFilling) {
        if (leastHead() === mustLoad) await loadAll()
        const least = leastHead()
        if (least >= limit) return false
        start = least
        at = 0
        end = Math.min(windowRecords, limit - least)
        isFilling = true
      }
      for (;;) {
        for (const reader of readers) reader.pour(places, start, start + end)
        if (leastHead() !== mustLoad) break
        await loadAll()
      }
      isFilling = false
      return true
    },
    hasMore: () => !isFilling && at < end,
    moveTo(taken, maxRecords, maxBytes) {
      let bytes = 0
      while (at < end && taken.length < maxRecords && (bytes < maxBytes || taken.length === 0)) {
        const record = places[at]
        places[at] = undefined
        at += 1
        if (record === undefined) continue
        taken.push(record)
        bytes += record.keyEnd - record.keyStart + (record.valueEnd - record.valueStart)
      }
      return bytes
    },
    nextSequence: () => start + at,
  }
}
