/** Time and chance as the client needs them; tests bring their own. */
export interface Timers {
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  /** Runs once after a while; returns what cancels it. */
  readonly after: (ms: number, run: () => void) => () => void
  /** 0 ≤ x < 1. */
  readonly random: () => number
}

/** The browser's own. */
export const browserTimers: Timers = {
  nowMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}
