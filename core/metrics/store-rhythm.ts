/** What stored windows say of a day, up to `untilMs`. */
export interface SalesHistory {
  /** End of the newest window of all stores. */
  readonly untilMs: number
  /** Whether anything was sold at all in each hour of the day, UTC. */
  readonly isSeen: readonly boolean[]
  readonly stores: readonly StoreHistory[]
}

export interface StoreHistory {
  readonly storeId: number
  /** Sales in each hour of the day, UTC. */
  readonly perHour: readonly number[]
  /** Sales in the last `recentMs` before `untilMs`. */
  readonly recent: number
  readonly recentMs: number
  /** End of its newest window with a sale. */
  readonly lastMs: number
}

/** How often a store sells, and what has been expected of it since its last sale. */
export interface StoreRhythm {
  readonly storeId: number
  readonly lastMs: number
  /** Usual gap between two sales. */
  readonly gapMs: number
  /** Enough is known to judge. */
  readonly isKnown: boolean
  readonly isSilent: boolean
  /** Sales that should have come since the last one. */
  readonly expected: number
  /** Time since the last sale, closed hours and holes left out. */
  silentMs(atMs: number): number
  /** Expected sales a millisecond; 0 while nothing is known. */
  rateAt(atMs: number): number
  sell(atMs: number): void
  /** Time goes by: `countedMs` of `stepMs` ending at `atMs` count. */
  pass(atMs: number, countedMs: number, stepMs: number): void
  learn(history: StoreHistory, of: SalesHistory): void
  fallSilent(): void
}

const hourMs = 3_600_000
const memoryGaps = 50
const leastGaps = 10

export function createStoreRhythm(storeId: number, firstMs: number): StoreRhythm {
  let lastMs = firstMs
  let gapMs = 0
  let gaps = 0
  let expected = 0
  let uncountedMs = 0
  let isSilent = false
  let hourly: Float64Array | null = null

  const recentRate = (): number => (gaps < leastGaps ? 0 : 1 / Math.max(1, gapMs * (1 + 2 / Math.sqrt(gaps))))
  const rateAt = (atMs: number): number => {
    const hour = Math.floor(atMs / hourMs) % 24
    return Math.min(recentRate(), hourly?.[hour] ?? Number.POSITIVE_INFINITY)
  }
  const startFrom = (sales: number, spanMs: number): void => {
    gapMs = spanMs / sales
    gaps = Math.min(memoryGaps, sales)
  }

  return {
    storeId,
    sell(atMs) {
      if (atMs <= lastMs) return
      // The gap of an alarm is no usual one.
      if (!isSilent) {
        const gap = Math.max(0, atMs - lastMs - uncountedMs)
        gaps = Math.min(memoryGaps, gaps + 1)
        gapMs += (gap - gapMs) / gaps
      }
      lastMs = atMs
      expected = 0
      uncountedMs = 0
      isSilent = false
    },
    pass(atMs, countedMs, stepMs) {
      expected += countedMs * rateAt(atMs)
      uncountedMs += stepMs - countedMs
    },
    learn(history, of) {
      const total = history.perHour.reduce((sum, sales) => sum + sales, 0)
      hourly =
        total < leastGaps
          ? null
          : Float64Array.from(history.perHour, (sales, hour) =>
              of.isSeen[hour] ? (sales + 1) / hourMs : Number.POSITIVE_INFINITY,
            )
      if (gaps >= leastGaps) return
      if (history.recent >= leastGaps) startFrom(history.recent, history.recentMs)
      else if (total >= leastGaps) startFrom(total, of.isSeen.filter(Boolean).length * hourMs)
    },
    fallSilent() {
      isSilent = true
    },
    rateAt,
    silentMs: (atMs) => Math.max(0, atMs - lastMs - uncountedMs),
    get lastMs() {
      return lastMs
    },
    get gapMs() {
      return gapMs
    },
    get isKnown() {
      return gaps >= leastGaps
    },
    get isSilent() {
      return isSilent
    },
    get expected() {
      return expected
    },
  }
}
