import type { Clock } from '../../base/clock.ts'

/** Counts what goes wrong by address; who fails too often waits. */
export interface RateLimit {
  /** Takes one try; false when that address has none left for now. */
  tryOnce(address: string): boolean
  /** Gives a try back that was no failure. */
  giveBack(address: string): void
}

/** Addresses remembered at once; who was quiet for longest is forgotten first. */
const mostAddresses = 4_096

/** @param tries tries in a row; one more after each `pauseMs` */
export function createRateLimit(clock: Clock, tries: number, pauseMs: number): RateLimit {
  const buckets = new Map<string, { readonly left: number; readonly atMs: number }>()

  const put = (address: string, left: number): void => {
    buckets.delete(address)
    buckets.set(address, { left: Math.min(tries, left), atMs: clock.monotonicMs() })
    for (const oldest of buckets.keys()) {
      if (buckets.size <= mostAddresses) break
      buckets.delete(oldest)
    }
  }
  const leftOf = (address: string): number => {
    const bucket = buckets.get(address)
    return bucket ? Math.min(tries, bucket.left + (clock.monotonicMs() - bucket.atMs) / pauseMs) : tries
  }
  return {
    tryOnce(address) {
      const left = leftOf(address)
      if (left < 1) return false
      put(address, left - 1)
      return true
    },
    giveBack: (address) => put(address, leftOf(address) + 1),
  }
}
