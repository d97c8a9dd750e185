import type { Clock } from '../../core/base/clock.ts'

/** A clock that moves only when told to; sleepers wake when it has come far enough. */
export interface ManualClock extends Clock {
  advance(durationMs: number): void
  /** Puts the wall clock forward or back, while no time goes by. */
  jump(byMs: number): void
  /** How many wait for it to go on. */
  readonly sleeping: number
}

/** @param startMs first wall-clock instant, milliseconds UTC */
export function createManualClock(startMs: number): ManualClock {
  let elapsedMs = 0
  let aheadMs = 0
  let sleepers: { readonly atMs: number; readonly wake: () => void }[] = []
  const wakeDue = (): void => {
    const due = sleepers.filter(({ atMs }) => atMs <= elapsedMs)
    sleepers = sleepers.filter(({ atMs }) => atMs > elapsedMs)
    for (const { wake } of due) wake()
  }
  return {
    nowMs: () => startMs + elapsedMs + aheadMs,
    monotonicMs: () => elapsedMs,
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (durationMs <= 0 || signal?.aborted) {
          resolve()
          return
        }
        const sleeper = { atMs: elapsedMs + durationMs, wake: resolve }
        sleepers.push(sleeper)
        const leave = (): void => {
          sleepers = sleepers.filter((other) => other !== sleeper)
          resolve()
        }
        signal?.addEventListener('abort', leave, { once: true })
      }),
    advance(durationMs) {
      elapsedMs += durationMs
      wakeDue()
    },
    jump(byMs) {
      aheadMs += byMs
    },
    get sleeping() {
      return sleepers.length
    },
  }
}
