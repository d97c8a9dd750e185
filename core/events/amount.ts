/** An amount of money in integer cents. `rounded`: it had more than two decimals, so something was lost. */
export interface Amount {
  readonly cents: number
  /** The amount's own sign, before rounding: a thousandth below zero is below zero. */
  readonly sign: -1 | 0 | 1
  readonly rounded: boolean
}

/** Amounts from this many cents on (10⁸ units) are refused. */
const centsLimit = 1e10

const decimal = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
const notFinite: readonly string[] = ['NaN', 'Infinity', '-Infinity']

const zero: Amount = { cents: 0, sign: 0, rounded: false }

/**
 * Decimal digits to cents, half away from zero, exactly: no float is involved.
 *
 * @param digits significant digits without a leading zero, at least one
 * @param point how many of them stand before the decimal point; may be negative, may exceed their number
 */
function roundDigits(sign: -1 | 1, digits: string, point: number): Amount | 'bad_amount' {
  if (point > 8) return 'bad_amount'
  const kept = point + 2
  if (kept < 0) return { cents: 0, sign, rounded: true }
  const whole = Number(digits.slice(0, kept).padEnd(kept, '0'))
  const rest = digits.slice(kept)
  const cents = whole + (rest !== '' && rest.charCodeAt(0) >= 0x35 ? 1 : 0)
  // A product with 0 would be a negative zero.
  const signed = cents === 0 ? 0 : cents * sign
  return cents >= centsLimit ? 'bad_amount' : { cents: signed, sign, rounded: /[1-9]/.test(rest) }
}

function readDecimal(text: string): Amount | 'wrong_type' | 'bad_amount' {
  const match = decimal.exec(text)
  if (!match) return notFinite.includes(text) ? 'bad_amount' : 'wrong_type'
  const whole = match[2] ?? ''
  const all = whole + (match[3] ?? '')
  const digits = all.replace(/^0+/, '')
  if (digits === '') return zero
  const point = whole.length - (all.length - digits.length) + Number(match[4] ?? 0)
  return roundDigits(match[1] === '-' ? -1 : 1, digits, point)
}

/**
 * Reads a number or a decimal string (`[+-]?digits[.digits][e±digits]`) as cents. More than two decimals are rounded
 * half away from zero: a string's on the decimal it spells, a number's on the shortest decimal that round-trips it, so
 * 1.005 is 1.01. Negative zero is zero.
 *
 * @returns `bad_amount` when not finite (the strings NaN, Infinity and -Infinity too) or |x| ≥ 10⁸ after rounding;
 * `wrong_type` when neither a number nor such a string
 */
export function readAmount(value: unknown): Amount | 'wrong_type' | 'bad_amount' {
  if (typeof value === 'number') {
    if (value === 0) return zero
    const cents = Math.round(value * 100)
    // The double nearest to whole cents has those cents as its shortest decimal.
    if (cents / 100 === value && Math.abs(cents) < centsLimit) {
      return { cents, sign: value < 0 ? -1 : 1, rounded: false }
    }
    return Number.isFinite(value) ? readDecimal(String(value)) : 'bad_amount'
  }
  return typeof value === 'string' ? readDecimal(value) : 'wrong_type'
}
