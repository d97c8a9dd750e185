/**
 * Time as an argument. Everything in core/ that needs an instant or a pause takes a {@link Clock};
 * the system's own clock is read here and nowhere else.
 */
export interface Clock {
  /** Wall clock, integer milliseconds since the epoch of UTC. May jump. */
  nowMs(): number
  /** Monotonic milliseconds with sub-millisecond digits; only differences mean anything. */
  monotonicMs(): number
  /** Resolves after `durationMs`, or at once when `signal` aborts. Never rejects. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve()
        return
      }
      const finish = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, Math.max(0, durationMs))
      signal?.addEventListener('abort', finish, { once: true })
    }),
}

/** Runs `action` every `periodMs` until the returned undo is called; the timer never keeps the process alive. */
export function repeatEvery(periodMs: number, action: () => void): () => void {
  const timer = setInterval(action, periodMs)
  timer.unref()
  return () => clearInterval(timer)
}
