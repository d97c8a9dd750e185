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
  /** Whether it is known what it sold at that hour of the day before. */
  knowsHour(atMs: number): boolean
  /** Sales that should have come since the last one. */
  readonly expected: number
  /** Time since the last sale, closed hours and holes left out. */
  silentMs(atMs: number): number
  /** Expected sales a millisecond; 0 while nothing is known. */
  rateAt(atMs: number): number
  sell(atMs: number): void
  /** Time goes by: `countedMs` of `stepMs` ending at `atMs` count. */
  pass(atMs: number, countedMs: number, stepMs: number): void
  /** @param knowsHours whether time in which the store is closed is left out anyway */
  learn(history: StoreHistory, of: SalesHistory, knowsHours: boolean): void
  fallSilent(): void
}

const hourMs = 3_600_000
const memoryGaps = 50
/** Where sales become fewer, so many gaps tell sooner. */
const recentGaps = 12
const leastGaps = 10
const dayHours = 24

/**
 * Sales a millisecond in each hour of the day before. Where opening hours are not known they show in it: an hour without
 * a sale is a closed one, and in an hour beside one the store may have opened or closed half-way.
 */
function readHourly({ perHour }: StoreHistory, { isSeen }: SalesHistory, knowsHours: boolean): Float64Array {
  const rateIn = (hour: number): number => {
    const at = (hour + dayHours) % dayHours
    const sales = perHour[at] ?? 0
    if (!isSeen[at]) return Number.POSITIVE_INFINITY
    return knowsHours || sales > 0 ? (sales + 1) / hourMs : 0
  }
  return Float64Array.from(perHour, (_, hour) =>
    knowsHours ? rateIn(hour) : Math.min(rateIn(hour - 1), rateIn(hour), rateIn(hour + 1)),
  )
}

export function createStoreRhythm(storeId: number, firstMs: number): StoreRhythm {
  let lastMs = firstMs
  let gapMs = 0
  let recentGapMs = 0
  let gaps = 0
  let expected = 0
  let uncountedMs = 0
  let isSilent = false
  let hourly: Float64Array | null = null

  const recentRate = (): number =>
    gaps < leastGaps ? 0 : 1 / Math.max(1, recentGapMs, gapMs * (1 + 2 / Math.sqrt(gaps)))
  const rateAt = (atMs: number): number => {
    const hour = Math.floor(atMs / hourMs) % dayHours
    return Math.min(recentRate(), hourly?.[hour] ?? Number.POSITIVE_INFINITY)
  }
  const startFrom = (sales: number, spanMs: number): void => {
    gapMs = spanMs / sales
    recentGapMs = gapMs
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
        recentGapMs += (gap - recentGapMs) / Math.min(gaps, recentGaps)
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
    learn(history, of, knowsHours) {
      const total = history.perHour.reduce((sum, sales) => sum + sales, 0)
      hourly = total < leastGaps ? null : readHourly(history, of, knowsHours)
      if (gaps >= leastGaps) return
      if (history.recent >= leastGaps) startFrom(history.recent, history.recentMs)
      else if (total >= leastGaps) startFrom(total, of.isSeen.filter(Boolean).length * hourMs)
    },
    fallSilent() {
      isSilent = true
    },
    rateAt,
    knowsHour: (atMs) => Number.isFinite(hourly?.[Math.floor(atMs / hourMs) % dayHours] ?? Number.NaN),
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
