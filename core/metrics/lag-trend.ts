/** Which way the lag goes, and when it will be gone if it goes on like that. */
export interface LagForecast {
  /** Records by which the lag grows a second, negative while it shrinks; null before there are samples to tell. */
  readonly changePerSecond: number | null
  /** Seconds until nothing is left; 0 without a lag, null while it does not shrink. */
  readonly etaSeconds: number | null
}

export interface LagTrend {
  /** Takes a sample of the lag, in records. */
  note(atMs: number, records: number): void
  forecast(): LagForecast
}

const spanMs = 60_000
const leastSpanMs = 5_000

/** Follows the lag over the last minute: the slope of the least-squares line through its samples. */
export function createLagTrend(): LagTrend {
  let samples: readonly { readonly atMs: number; readonly records: number }[] = []

  const findSlope = (): number | null => {
    const first = samples[0]
    const last = samples.at(-1)
    if (!first || !last || last.atMs - first.atMs < leastSpanMs) return null
    const meanMs = samples.reduce((sum, { atMs }) => sum + atMs - first.atMs, 0) / samples.length
    const meanRecords = samples.reduce((sum, { records }) => sum + records, 0) / samples.length
    let shared = 0
    let spread = 0
    for (const { atMs, records } of samples) {
      const away = atMs - first.atMs - meanMs
      shared += away * (records - meanRecords)
      spread += away * away
    }
    return (shared / spread) * 1_000
  }
  return {
    note(atMs, records) {
      // A clock that jumped makes what came before worthless.
      const kept = samples.filter((sample) => sample.atMs < atMs && atMs - sample.atMs <= spanMs)
      samples = [...kept, { atMs, records }]
    },
    forecast() {
      const changePerSecond = findSlope()
      const records = samples.at(-1)?.records ?? 0
      if (records === 0) return { changePerSecond, etaSeconds: 0 }
      if (changePerSecond === null || changePerSecond >= 0) return { changePerSecond, etaSeconds: null }
      return { changePerSecond, etaSeconds: records / -changePerSecond }
    },
  }
}
