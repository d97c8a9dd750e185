/** A decimal number as text, in whole units of its last digit. */
export interface Decimal {
  /** Without needless zeros, with at least two decimals. */
  readonly text: string
  readonly units: bigint
  readonly decimals: number
}

const leastDecimals = 2

function write(units: bigint, decimals: number): string {
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, '0')
  const fraction = digits.slice(digits.length - decimals)
  return `${units < 0n ? '-' : ''}${digits.slice(0, digits.length - decimals)}.${fraction}`
}

/** Reads digits with or without decimals; null for anything else. */
export function readDecimal(text: string): Decimal | null {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text.trim())
  if (!match) return null
  const fraction = (match[3] ?? '').replace(/0+$/, '').padEnd(leastDecimals, '0')
  const size = BigInt(`${match[2] ?? ''}${fraction}`)
  const units = match[1] === '-' ? -size : size
  return { text: write(units, fraction.length), units, decimals: fraction.length }
}

/** Cents with two decimals. */
export const writeCents = (cents: bigint): string => write(cents, leastDecimals)

/** The first less the second; whole numbers without decimals. */
export function subtractDecimals(one: Decimal, other: Decimal): string {
  const decimals = Math.max(one.decimals, other.decimals)
  const scale = ({ decimals: own, units }: Decimal): bigint => units * 10n ** BigInt(decimals - own)
  return (readDecimal(write(scale(one) - scale(other), decimals))?.text ?? '').replace(/^(-?\d+)\.00$/, '$1')
}
