/** What has happened, for people and for telling whether two runs were the same. */
export interface Trace {
  /** One line of the story. */
  note(atMs: number, who: string, what: string): void
  /** Counts a fault that was put in. */
  count(fault: string): void
  readonly faults: ReadonlyMap<string, number>
  /** A hash of every line. */
  readonly digest: string
  /** The last lines. */
  list(most: number): readonly string[]
}

const kept = 4_000

export function createTrace(): Trace {
  const faults = new Map<string, number>()
  const lines: string[] = []
  let [high, low] = [0x811c9dc5, 0x01000193]
  return {
    note(atMs, who, what) {
      const line = `${atMs.toFixed(1).padStart(10)} ${who.padEnd(8)} ${what}`
      // FNV-1a in two lanes: this is for noticing a difference, not for safety.
      for (let index = 0; index < line.length; index += 1) {
        high = Math.imul(high ^ line.charCodeAt(index), 0x01000193)
        low = Math.imul(low ^ line.charCodeAt(index), 0x5bd1e995)
      }
      lines.push(line)
      if (lines.length > kept * 2) lines.splice(0, kept)
    },
    count(fault) {
      faults.set(fault, (faults.get(fault) ?? 0) + 1)
    },
    faults,
    get digest() {
      return `${(high >>> 0).toString(16).padStart(8, '0')}${(low >>> 0).toString(16).padStart(8, '0')}`
    },
    list: (most) => lines.slice(-most),
  }
}
