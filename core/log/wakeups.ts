import type { Clock } from '../base/clock.ts'

/** Readers that wait for the log to grow. */
export interface Wakeups {
  /** Resolves at the next {@link Wakeups.wakeAll}, after `timeoutMs`, or when `signal` aborts. Never rejects. */
  wait(timeoutMs: number, signal?: AbortSignal): Promise<void>
  wakeAll(): void
}

/** Creates the waiting room; its time-outs are slept on `clock`. */
export function createWakeups(clock: Clock): Wakeups {
  const waiting = new Set<() => void>()
  return {
    wait: (timeoutMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve()
          return
        }
        const timer = new AbortController()
        const finish = (): void => {
          waiting.delete(finish)
          signal?.removeEventListener('abort', finish)
          timer.abort()
          resolve()
        }
        waiting.add(finish)
        signal?.addEventListener('abort', finish, { once: true })
        void clock.sleep(timeoutMs, timer.signal).then(finish)
      }),
    wakeAll() {
      for (const finish of waiting) finish()
    },
  }
}
