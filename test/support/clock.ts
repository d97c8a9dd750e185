import type { Clock } from '../../core/base/clock.ts'

/** A clock that moves only when told to; sleepers wake when it has come far enough. */
export interface ManualClock extends Clock {
  advance(durationMs: number): void
}

/** @param startMs first wall-clock instant, milliseconds UTC */
export function createManualClock(startMs: number): ManualClock {
  let elapsedMs = 0
  let sleepers: { readonly atMs: number; readonly wake: () => void }[] = []
  const wakeDue = (): void => {
    const due = sleepers.filter(({ atMs }) => atMs <= elapsedMs)
    sleepers = sleepers.filter(({ atMs }) => atMs > elapsedMs)
    for (const { wake } of due) wake()
  }
  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (durationMs <= 0 || signal?.aborted) {
          resolve()
          return
        }
        sleepers.push({ atMs: elapsedMs + durationMs, wake: resolve })
        signal?.addEventListener('abort', () => resolve(), { once: true })
      }),
    advance(durationMs) {
      elapsedMs += durationMs
      wakeDue()
    },
  }
}
