import { createHistogram, type Histogram } from '../base/histogram.ts'
import type { LatencySummary } from '../protocol/board.ts'

const slotMs = 5_000
const slots = 12

/** Samples of the last 60 s, in slots of 5 s. */
export interface SlidingLatency {
  record(latencyMs: number, nowMs: number): void
  summary(nowMs: number): LatencySummary
  clear(): void
}

/** Creates an empty one. */
export function createSlidingLatency(): SlidingLatency {
  const ring = Array.from({ length: slots }, () => ({ slot: -1, histogram: createHistogram() }))
  const slotFor = (nowMs: number): Histogram | null => {
    const slot = Math.floor(nowMs / slotMs)
    const entry = ring[slot % slots]
    if (!entry) return null
    if (entry.slot !== slot) {
      entry.slot = slot
      entry.histogram.clear()
    }
    return entry.histogram
  }
  return {
    record: (latencyMs, nowMs) => slotFor(nowMs)?.record(latencyMs),
    summary(nowMs) {
      const newest = Math.floor(nowMs / slotMs)
      const all = createHistogram()
      for (const { slot, histogram } of ring) if (slot > newest - slots && slot <= newest) all.merge(histogram)
      return summarise(all)
    },
    clear() {
      for (const entry of ring) entry.slot = -1
    },
  }
}

function summarise(histogram: Histogram): LatencySummary {
  const round = (value: number | null): number | null => (value === null ? null : Math.round(value * 10) / 10)
  if (histogram.count === 0) return { avg: null, p50: null, p95: null, p99: null, max: null }
  return {
    avg: round(histogram.sum / histogram.count),
    p50: round(histogram.valueAt(0.5)),
    p95: round(histogram.valueAt(0.95)),
    p99: round(histogram.valueAt(0.99)),
    max: round(histogram.max),
  }
}

/** Pairs of counts per second over a sliding span. */
export interface SlidingCounts {
  add(atMs: number, first: number, second: number): void
  /** Sums of the seconds in (now − span, now] and the oldest second that has any count, or null. */
  sums(
    nowMs: number,
    spanMs: number,
  ): { readonly first: number; readonly second: number; readonly sinceMs: number | null }
  entries(): readonly (readonly [second: number, first: number, other: number])[]
}

/** @param heldMs how long a second is kept after it has passed */
export function createSlidingCounts(
  heldMs: number,
  saved: readonly (readonly [second: number, first: number, other: number])[],
): SlidingCounts {
  const seconds = new Map<number, [number, number]>(saved.map(([second, first, other]) => [second, [first, other]]))
  return {
    add(atMs, first, second) {
      const at = Math.floor(atMs / 1_000)
      const entry = seconds.get(at)
      if (entry) {
        entry[0] += first
        entry[1] += second
        return
      }
      seconds.set(at, [first, second])
      if (seconds.size * 1_000 > heldMs * 2) {
        const beforeSecond = at - heldMs / 1_000
        for (const key of seconds.keys()) if (key < beforeSecond) seconds.delete(key)
      }
    },
    sums(nowMs, spanMs) {
      let first = 0
      let second = 0
      let sinceMs: number | null = null
      for (const [at, counts] of seconds) {
        const atMs = at * 1_000
        if (atMs <= nowMs - spanMs || atMs > nowMs) continue
        first += counts[0]
        second += counts[1]
        if (sinceMs === null || atMs < sinceMs) sinceMs = atMs
      }
      return { first, second, sinceMs }
    },
    entries: () => [...seconds].map(([second, counts]) => [second, counts[0], counts[1]] as const),
  }
}
