const firstMs = 250
const longestMs = 10_000

/** Wait before the n-th try in a row (from 0): doubling up to 10 s, half of it by chance so that many pages do not come back at once. */
export function backOffMs(tries: number, random: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(tries, 16))
  return Math.round(full / 2 + (full / 2) * random)
}
