import type { TileTrends } from '../../protocol/views.ts'
import type { StoredTrend } from '../../warehouse/warehouse.ts'

/** What the tiles showed: one point in ten seconds, a little more than a day of them. */
export interface Trends {
  /** True when the next point is due. */
  isDue(nowMs: number): boolean
  add(point: StoredTrend): void
  /** All of them, oldest first. */
  list(): readonly StoredTrend[]
  /** Takes over the points of earlier processes. */
  recall(earlier: readonly StoredTrend[]): void
  /** Calls `listener` with each point that is added; returns its undo. */
  watch(listener: (point: StoredTrend) => void): () => void
  read(fromMs: number, untilMs: number, comparedAtMs: number): TileTrends
}

const everyMs = 10_000
/** A day and what may be compared with its first points. */
export const trendsKeptMs = 26 * 3_600_000
const mostPoints = 9_400
const mostAnswered = 120
/** A point stands for this long before and after itself. */
const reachMs = 60_000

export function createTrends(): Trends {
  let points: StoredTrend[] = []
  const listeners = new Set<(point: StoredTrend) => void>()

  const findNearest = (atMs: number): StoredTrend | null => {
    const near = points.filter((point) => Math.abs(point.atMs - atMs) <= reachMs)
    return near.reduce<StoredTrend | null>(
      (best, point) => (best && Math.abs(best.atMs - atMs) <= Math.abs(point.atMs - atMs) ? best : point),
      null,
    )
  }
  return {
    isDue: (nowMs) => Math.abs(nowMs - (points.at(-1)?.atMs ?? 0)) >= everyMs,
    add(point) {
      points.push(point)
      if (points.length > mostPoints + 500) points = points.slice(-mostPoints)
      for (const listener of listeners) listener(point)
    },
    list: () => [...points],
    recall(earlier) {
      points = [...earlier, ...points].sort((left, right) => left.atMs - right.atMs).slice(-mostPoints)
    },
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    read(fromMs, untilMs, comparedAtMs) {
      const found = points.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)
      const every = Math.max(1, Math.ceil(found.length / mostAnswered))
      // Counted from the end, so that the newest is always there.
      const shown = found.filter((_, index) => (found.length - 1 - index) % every === 0)
      const { customers, dataQuality, p50Ms } = findNearest(comparedAtMs) ?? {
        customers: null,
        dataQuality: null,
        p50Ms: null,
      }
      return {
        atMs: shown.map((point) => point.atMs),
        customers: shown.map((point) => point.customers),
        p50Ms: shown.map((point) => point.p50Ms),
        dataQuality: shown.map((point) => point.dataQuality),
        compared: { customers, p50Ms, dataQuality },
      }
    },
  }
}
