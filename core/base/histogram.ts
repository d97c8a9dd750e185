/** A mergeable histogram of non-negative values with a fixed relative error (half a bucket: about 1 %). */
export interface Histogram {
  record(value: number, count?: number): void
  merge(other: Histogram): void
  clear(): void
  readonly count: number
  readonly sum: number
  readonly max: number
  /** The value below which the share `quantile` (0…1) of the samples lies; null without a sample. */
  valueAt(quantile: number): number | null
  /** Non-empty buckets as [index, count], for merging across histograms. */
  buckets(): Iterable<readonly [number, number]>
}

/** Bucket boundaries grow by 2 %, so the middle of a bucket is within 1 % of every value in it. */
const growth = 1.02
const logGrowth = Math.log(growth)
/** Values below this (in the caller's unit) share the first bucket. */
const smallest = 0.01
const bucketCount = 1_280

const indexOf = (value: number): number =>
  value <= smallest ? 0 : Math.min(bucketCount - 1, 1 + Math.floor(Math.log(value / smallest) / logGrowth))

const middleOf = (index: number): number => (index === 0 ? 0 : smallest * growth ** (index - 0.5))

/**
 * Log-bucket histogram, the idea of DDSketch (Masson, Rim, Lee: "DDSketch", VLDB 2019) with a fixed range:
 * 0.01 to about 10⁹ of the caller's unit.
 */
export function createHistogram(): Histogram {
  const counts = new Float64Array(bucketCount)
  let total = 0
  let sum = 0
  let max = 0
  return {
    record(value, count = 1) {
      const clamped = value > 0 ? value : 0
      const index = indexOf(clamped)
      counts[index] = (counts[index] ?? 0) + count
      total += count
      sum += clamped * count
      if (clamped > max) max = clamped
    },
    merge(other) {
      for (const [index, count] of other.buckets()) counts[index] = (counts[index] ?? 0) + count
      total += other.count
      sum += other.sum
      if (other.max > max) max = other.max
    },
    clear() {
      counts.fill(0)
      total = 0
      sum = 0
      max = 0
    },
    get count() {
      return total
    },
    get sum() {
      return sum
    },
    get max() {
      return max
    },
    valueAt(quantile) {
      if (total === 0) return null
      const rank = Math.max(1, Math.ceil(quantile * total))
      let seen = 0
      for (let index = 0; index < bucketCount; index += 1) {
        seen += counts[index] ?? 0
        if (seen >= rank) return Math.min(middleOf(index), max)
      }
      return max
    },
    *buckets() {
      for (let index = 0; index < bucketCount; index += 1) {
        const count = counts[index] ?? 0
        if (count > 0) yield [index, count] as const
      }
    },
  }
}
