/** The most that `total_revenue decimal(12, 2)` holds, cents. */
const largestRevenueCents = 999_999_999_999n

/** What the user's table says about a window's money; null where its columns cannot hold it. */
export interface Summary {
  readonly revenueCents: bigint | null
  readonly averageCents: bigint | null
}

/** Divides, rounding half away from zero. */
function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const size = dividend < 0n ? -dividend : dividend
  const quotient = (2n * size + divisor) / (2n * divisor)
  return dividend < 0n ? -quotient : quotient
}

/** Revenue and average of a window, both null when the sum leaves ±9,999,999,999.99. */
export function summarize(cents: bigint, transactions: number): Summary {
  if (cents > largestRevenueCents || cents < -largestRevenueCents || transactions < 1) {
    return { revenueCents: null, averageCents: null }
  }
  return { revenueCents: cents, averageCents: divideRounded(cents, BigInt(transactions)) }
}
