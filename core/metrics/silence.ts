import type { AppliedEpoch } from '../events/epoch.ts'
import { createStoreRhythm, type SalesHistory, type StoreRhythm } from './store-rhythm.ts'

/** A store that sells nothing though it should. */
export interface SilentStore {
  readonly storeId: number
  /** Its last sale. */
  readonly sinceMs: number
  /** How long it has been silent, closed hours not counted. */
  readonly silentMs: number
  readonly usualGapMs: number
  /** Neither its opening hours are known nor what it does at this hour of a day. */
  readonly mayBeClosed: boolean
}

/**
 * Finds stores that have gone silent.
 *
 * 1. Learned per store: the mean gap between sales, exponentially weighted over about fifty of them, by event time, of
 *    live sales, closed hours left out; the same over about twelve, which notices sooner that sales become fewer; and
 *    from the stored windows of the day before, what it sells at each hour. The lowest of these rates is what is expected
 *    of it, so that a slow night is none, nor is a store that just closed. Where its opening hours are not known, hours
 *    without a sale the day before count as closed, and of an hour beside one nothing is expected either.
 * 2. A store is silent when by then more than `k` sales were expected of it and none came, and it was open for
 *    `leastMs` of that (five minutes). A Poisson process does so with probability e^−k a gap; `k` = ln(10 × sales a day of all stores),
 *    so that one false alarm is to be expected in ten days over all stores together, however many they are. While the
 *    mean rests on `n` gaps it is taken to be 1 + 2/√n times as long (two standard errors).
 * 3. So a store that sold every `g` is found after at most max(leastMs, k × g × (1 + 2/√n)), k being 9 to 22, and a second;
 *    fewer than ten gaps tell nothing. At an hour that sold less the day before it takes longer in proportion.
 * 4. Time is the append time of the newest live record committed, of any topic: where nothing comes in at all, or the
 *    pipeline is behind, no store falls silent; a hole of more than 30 s counts as 30 s.
 * 5. It is over at the store's next sale. A store that has vanished stays silent until then, over a restart too:
 *    {@link SilenceDetector.learn} takes up what it sold and when it stopped.
 */
export interface SilenceDetector {
  observe(applied: AppliedEpoch): void
  /** To be called about once a second. */
  tick(nowMs: number): void
  /** Takes up what stored windows say; called again, only the hours are taken anew. */
  learn(history: SalesHistory): void
  listSilent(): readonly SilentStore[]
  readonly silentSince: (storeId: number) => number | null
  /** Null while too little is known. */
  readonly usualGap: (storeId: number) => number | null
}

export interface SilenceOptions {
  /** Whether a store is open at an instant; a store of unknown hours always is. */
  readonly isOpen: (storeId: number, atMs: number) => boolean
  /** Whether `isOpen` knows the hours of a store. */
  readonly knowsHours: (storeId: number) => boolean
  /** The shortest silence that is an alarm. */
  readonly leastMs: number
}

/** Sales that came later than this after they were made say nothing of now. */
const staleMs = 900_000
const longestStepMs = 30_000
const learnStepMs = 300_000
const leastSalesADay = 1_000
const dayMs = 86_400_000

/** Silence in expected sales that is an alarm: see the detector's second point. */
export const alarmAfter = (salesADay: number): number => Math.log(10 * Math.max(leastSalesADay, salesADay))

/** Knows no store at first. */
export function createSilenceDetector({ isOpen, knowsHours, leastMs }: SilenceOptions): SilenceDetector {
  const stores = new Map<number, StoreRhythm>()
  let newestMs = Number.NEGATIVE_INFINITY
  let reachedMs: number | null = null

  const find = (storeId: number, firstMs: number): StoreRhythm => {
    const found = stores.get(storeId)
    if (found) return found
    const created = createStoreRhythm(storeId, firstMs)
    stores.set(storeId, created)
    return created
  }
  const sumSalesADay = (atMs: number): number => {
    let total = 0
    for (const store of stores.values()) total += store.rateAt(atMs)
    return total * dayMs
  }
  const judge = (store: StoreRhythm, atMs: number, bound: number): void => {
    if (!store.isSilent && store.expected > bound && store.silentMs(atMs) >= leastMs) store.fallSilent()
  }

  return {
    observe({ outcome, records }) {
      for (let index = records.length - 1; index >= 0; index -= 1) {
        const record = records[index]?.record
        if (record?.origin !== 'live') continue
        newestMs = Math.max(newestMs, record.appendedAtMs)
        break
      }
      for (const sale of outcome.sales) {
        if (!sale.live || sale.appendedAtMs - sale.eventTimeMs > staleMs) continue
        const atMs = Math.min(sale.eventTimeMs, sale.appendedAtMs)
        find(sale.storeId, atMs).sell(atMs)
      }
    },
    tick(nowMs) {
      const atMs = Math.min(nowMs, newestMs)
      if (!Number.isFinite(atMs)) return
      const stepMs = atMs - (reachedMs ?? atMs)
      reachedMs = Math.max(reachedMs ?? atMs, atMs)
      if (stepMs <= 0) return
      const countedMs = Math.min(stepMs, longestStepMs)
      const bound = alarmAfter(sumSalesADay(atMs))
      for (const store of stores.values()) {
        store.pass(atMs, isOpen(store.storeId, atMs) ? countedMs : 0, stepMs)
        judge(store, atMs, bound)
      }
    },
    learn(history) {
      for (const learned of history.stores) {
        const isNew = !stores.has(learned.storeId)
        const store = find(learned.storeId, learned.lastMs)
        store.learn(learned, history, knowsHours(learned.storeId))
        if (!isNew) continue
        for (let atMs = learned.lastMs; atMs < history.untilMs; atMs += learnStepMs) {
          const stepMs = Math.min(learnStepMs, history.untilMs - atMs)
          store.pass(atMs, isOpen(store.storeId, atMs) ? stepMs : 0, stepMs)
        }
      }
    },
    listSilent: () =>
      [...stores.values()]
        .filter(({ isSilent }) => isSilent)
        .map((store) => ({
          storeId: store.storeId,
          sinceMs: store.lastMs,
          silentMs: store.silentMs(reachedMs ?? store.lastMs),
          usualGapMs: store.gapMs,
          mayBeClosed: !knowsHours(store.storeId) && !store.knowsHour(reachedMs ?? store.lastMs),
        })),
    silentSince(storeId) {
      const store = stores.get(storeId)
      return store?.isSilent ? store.lastMs : null
    },
    usualGap: (storeId) => {
      const store = stores.get(storeId)
      return store?.isKnown ? store.gapMs : null
    },
  }
}
