const firstMs = 500
const longestMs = 30_000

/** Wait before the n-th start in a row (from 0): doubling up to half a minute. */
export const backOffMs = (tries: number): number => Math.min(longestMs, firstMs * 2 ** Math.min(tries, 16))
