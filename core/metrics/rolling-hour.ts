import type { DistinctKind, DistinctSketch } from '../base/distinct.ts'
import type { CountedSale } from '../events/epoch.ts'

/** Totals of the sales with event time in (now − 60 min, now]. */
export interface HourTotals {
  readonly sales: number
  readonly cents: number
  readonly customers: number
  readonly stores: number
  /** Minutes from the first sale ever counted to now, at most 60; 0 without a sale. */
  readonly minutesCovered: number
}

/** What {@link RollingHour.save} writes: plain numbers and base64 sketches. */
export interface SavedHour {
  readonly firstEventMs: number | null
  readonly seconds: readonly (readonly [second: number, sales: number, cents: number])[]
  readonly slices: readonly (readonly [slice: number, sketch: string])[]
  readonly stores: readonly (readonly [storeId: number, latestEventMs: number])[]
}

/**
 * The last hour of sales by event time.
 *
 * 1. Counts and money move by whole seconds, customers by slices of 15 s: a sale leaves within that after its hour.
 * 2. Sales ahead of *now* (clock skew) are held and count once *now* has reached them.
 */
export interface RollingHour {
  add(sale: CountedSale): void
  totals(nowMs: number): HourTotals
  save(): SavedHour
}

const hourMs = 3_600_000
const sliceMs = 15_000
/** Ahead of now by at most the future guard; held a little longer than the hour so that late reads stay cheap. */
const heldMs = hourMs + 600_000

interface Second {
  sales: number
  cents: number
}

/** @param saved what an earlier run wrote, or null */
export function createRollingHour(sketchKind: DistinctKind, saved: SavedHour | null): RollingHour {
  const seconds = new Map<number, Second>()
  const slices = new Map<number, DistinctSketch>()
  const latestByStore = new Map<number, number>(saved?.stores ?? [])
  let firstEventMs = saved?.firstEventMs ?? null
  let newestMs = 0
  let prunedAtMs = 0
  for (const [second, sales, cents] of saved?.seconds ?? []) seconds.set(second, { sales, cents })
  for (const [slice, sketch] of saved?.slices ?? []) slices.set(slice, sketchKind.read(Buffer.from(sketch, 'base64')))

  const prune = (beforeMs: number): void => {
    for (const second of seconds.keys()) if (second * 1_000 < beforeMs) seconds.delete(second)
    for (const slice of slices.keys()) if ((slice + 1) * sliceMs <= beforeMs) slices.delete(slice)
    for (const [storeId, latestMs] of latestByStore) if (latestMs < beforeMs) latestByStore.delete(storeId)
  }

  return {
    add(sale) {
      const { eventTimeMs } = sale
      if (firstEventMs === null || eventTimeMs < firstEventMs) firstEventMs = eventTimeMs
      if (eventTimeMs > newestMs) newestMs = eventTimeMs
      if (eventTimeMs <= newestMs - heldMs) return
      if (newestMs - prunedAtMs > 60_000) {
        prunedAtMs = newestMs
        prune(newestMs - heldMs)
      }
      const at = Math.floor(eventTimeMs / 1_000)
      const second = seconds.get(at)
      if (second) {
        second.sales += 1
        second.cents += sale.cents
      } else seconds.set(at, { sales: 1, cents: sale.cents })
      const sliceAt = Math.floor(eventTimeMs / sliceMs)
      let slice = slices.get(sliceAt)
      if (!slice) {
        slice = sketchKind.create()
        slices.set(sliceAt, slice)
      }
      slice.addHash(sale.customerHashHigh, sale.customerHashLow)
      if (eventTimeMs > (latestByStore.get(sale.storeId) ?? 0)) latestByStore.set(sale.storeId, eventTimeMs)
    },
    totals(nowMs) {
      const fromMs = nowMs - hourMs
      let sales = 0
      let cents = 0
      for (const [second, totals] of seconds) {
        if (second * 1_000 <= fromMs || second * 1_000 > nowMs) continue
        sales += totals.sales
        cents += totals.cents
      }
      const customers = sketchKind.create()
      for (const [slice, sketch] of slices) {
        if ((slice + 1) * sliceMs > fromMs && slice * sliceMs <= nowMs) customers.merge(sketch)
      }
      let stores = 0
      for (const latestMs of latestByStore.values()) if (latestMs > fromMs) stores += 1
      const minutesCovered = firstEventMs === null ? 0 : Math.min(60, Math.max(1_000, nowMs - firstEventMs) / 60_000)
      return { sales, cents, customers: customers.estimate(), stores, minutesCovered }
    },
    save: () => ({
      firstEventMs,
      seconds: [...seconds].map(([second, { sales, cents }]) => [second, sales, cents] as const),
      slices: [...slices].map(([slice, sketch]) => [slice, Buffer.from(sketch.toBytes()).toString('base64')] as const),
      stores: [...latestByStore],
    }),
  }
}
