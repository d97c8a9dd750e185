import type { Random } from '../base/random.ts'

/** Draws an index with probability in proportion to its weight, at the same cost for ten weights and ten thousand. */
export interface WeightedChoice {
  /** Sum of all weights; with 0 there is nothing to pick. */
  readonly total: number
  /** An index; −1 when all weights are 0. Uses exactly one number. */
  pick(random: Random): number
}

/**
 * The alias method as arranged by Vose ("A linear algorithm for generating random numbers with a given distribution",
 * IEEE Transactions on Software Engineering 17, 1991).
 *
 * @param weights none negative
 */
export function createWeightedChoice(weights: ArrayLike<number>): WeightedChoice {
  const count = weights.length
  let total = 0
  for (let index = 0; index < count; index += 1) total += weights[index] ?? 0
  if (total <= 0) return { total: 0, pick: () => -1 }

  const keep = new Float64Array(count)
  const alias = new Uint32Array(count)
  const small: number[] = []
  const large: number[] = []
  for (let index = 0; index < count; index += 1) {
    const scaled = ((weights[index] ?? 0) * count) / total
    keep[index] = scaled
    if (scaled < 1) small.push(index)
    else large.push(index)
  }
  while (small.length > 0 && large.length > 0) {
    const poor = small.pop() ?? 0
    const rich = large.pop() ?? 0
    alias[poor] = rich
    const left = (keep[rich] ?? 0) + (keep[poor] ?? 0) - 1
    keep[rich] = left
    if (left < 1) small.push(rich)
    else large.push(rich)
  }
  // What rounding has left over is a full column, unless it had no weight at all.
  for (const index of large) keep[index] = 1
  for (const index of small) if ((weights[index] ?? 0) > 0) keep[index] = 1

  return {
    total,
    pick(random) {
      const place = random.next() * count
      const column = Math.floor(place)
      return place - column < (keep[column] ?? 0) ? column : (alias[column] ?? 0)
    },
  }
}
