/** Time and chance as the client needs them; tests bring their own. */
export interface Timers {
  /** Monotonic milliseconds. */
  nowMs(): number
  /** Runs once after a while; returns what cancels it. */
  after(ms: number, run: () => void): () => void
  /** 0 ≤ x < 1. */
  random(): number
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
