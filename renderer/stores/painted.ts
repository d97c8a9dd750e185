/** Collects how long boards took to the screen, and hands them on at most once a second. */
export interface PaintedReporter {
  /** @param latencyMs from the board's own instant to the frame after it was drawn */
  note(latencyMs: number, nowMs: number): void
}

const reportEveryMs = 1_000
/** Beyond it the clocks of the two machines disagree, or the page slept: no latency of ours. */
const plausibleMs = 60_000

export function createPaintedReporter(report: (latencyMs: readonly number[]) => void): PaintedReporter {
  let waiting: number[] = []
  let reportedAtMs = Number.NEGATIVE_INFINITY
  return {
    note(latencyMs, nowMs) {
      if (latencyMs < plausibleMs) waiting.push(Math.max(0, latencyMs))
      if (waiting.length === 0 || nowMs - reportedAtMs < reportEveryMs) return
      reportedAtMs = nowMs
      report(waiting)
      waiting = []
    },
  }
}
