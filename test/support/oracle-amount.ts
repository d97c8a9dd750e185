/** Money for the oracle: exact decimals in BigInt. */

/** unscaled × 10^−scale */
export interface Decimal {
  readonly unscaled: bigint
  readonly scale: number
}

const plainDecimal = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/
const notFinite = ['NaN', 'Infinity', '-Infinity']

/** Whether a text may stand for an amount at all; those that are not finite may, and are bad amounts. */
export const isAmountText = (text: string): boolean => plainDecimal.test(text) || notFinite.includes(text)

/** The shortest decimal that round-trips the number, or the text's own digits; null when it is not finite. */
export function readDecimal(amount: string | number): Decimal | null {
  // JavaScript prints a number as the shortest decimal that reads back as the same number.
  const match = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(String(amount))
  if (match === null) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const digits = BigInt(whole + fraction)
  // Beyond these powers of ten an amount is far too large, or nothing at all: no need to write the digits out.
  const scale = fraction.length - Math.min(40, Math.max(-400, Number(exponent)))
  const magnitude = scale < 0 ? digits * 10n ** BigInt(-scale) : digits
  return { unscaled: sign === '-' ? -magnitude : magnitude, scale: Math.max(scale, 0) }
}

/** Hundredths, half away from zero. */
export function roundToCents({ unscaled, scale }: Decimal): bigint {
  if (scale <= 2) return unscaled * 10n ** BigInt(2 - scale)
  const divisor = 10n ** BigInt(scale - 2)
  const magnitude = unscaled < 0n ? -unscaled : unscaled
  const cents = (magnitude * 2n + divisor) / (divisor * 2n)
  return unscaled < 0n ? -cents : cents
}

/** Whether hundredths are not enough to write it. */
export const hasMoreThanCents = ({ unscaled, scale }: Decimal): boolean =>
  scale > 2 && unscaled % 10n ** BigInt(scale - 2) !== 0n
