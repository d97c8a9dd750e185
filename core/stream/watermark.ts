/** Event time up to which every sale is taken to have come. Steps at every valid sale and never goes back. */
export interface Watermark {
  /** Milliseconds UTC, or null before the first valid sale. */
  readonly ms: number | null
  /** Takes a valid sale's event time into account; true when the watermark moved. */
  observe(eventTimeMs: number): boolean
  /** Moves it forward to an instant given from outside (idle close); true when it moved. */
  advanceTo(ms: number): boolean
}

/** @param latenessMs how far it stays behind the newest event time, ≥ 0 */
export function createWatermark(latenessMs: number, startMs: number | null): Watermark {
  let current = startMs ?? Number.NEGATIVE_INFINITY
  const advanceTo = (ms: number): boolean => {
    if (ms <= current) return false
    current = ms
    return true
  }
  return {
    get ms() {
      return current === Number.NEGATIVE_INFINITY ? null : current
    },
    observe: (eventTimeMs) => advanceTo(eventTimeMs - latenessMs),
    advanceTo,
  }
}
