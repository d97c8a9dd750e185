import type { Clock } from '../base/clock.ts'
import { type CachedBoard, leastPauseMs } from './cache.ts'

/** Lets the newest board out, one at a time and at most one a second. */
export interface Pacer {
  offer(cached: CachedBoard): void
  /** Tries again what could not be sent. */
  wake(): void
  close(): void
}

/** @param send resolves with whether the board has left; one that has not is kept until the next */
export function createPacer(clock: Clock, send: (cached: CachedBoard) => Promise<boolean>): Pacer {
  const closing = new AbortController()
  let newest: CachedBoard | null = null
  let isWorking = false
  let sentAtMs = Number.NEGATIVE_INFINITY

  const work = async (): Promise<void> => {
    while (newest !== null && !closing.signal.aborted) {
      await clock.sleep(sentAtMs + leastPauseMs - clock.monotonicMs(), closing.signal)
      const cached: CachedBoard = newest
      sentAtMs = clock.monotonicMs()
      if (closing.signal.aborted || !(await send(cached))) return
      if (newest === cached) newest = null
    }
  }
  const wake = (): void => {
    if (isWorking) return
    isWorking = true
    void work().finally(() => {
      isWorking = false
    })
  }
  return {
    offer(cached) {
      newest = cached
      wake()
    },
    wake,
    close: () => closing.abort(),
  }
}
