import { maxStoreId } from '../checks.ts'
import {
  readInteger,
  skipDecimal,
  skipExactly,
  skipInteger,
  skipMinus,
  skipPlainName,
  skipText,
  unsure,
} from './bytes.ts'
import type { Scan } from './scan.ts'

const quote = 0x22
const zero = 0x30
const point = 0x2e

/** Integers of at most this many digits are safe. */
export const safeDigits = 15
/** Amounts of at most this many digits before the point stay below 10⁸ however they are rounded. */
export const amountDigits = 7

/** An id: a text that is not empty, or an integer without sign. */
export function skipIdentifier(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== quote) return skipInteger(bytes, at, safeDigits)
  return bytes[at + 1] === quote ? unsure : skipText(bytes, at)
}

/** An integer ≥ 1. */
export function skipQuantity(bytes: Uint8Array, at: number): number {
  return bytes[at] === zero ? unsure : skipInteger(bytes, at, safeDigits)
}

/** The record's own id, a text of plain ASCII: its range into `scan`. */
export function scanId(scan: Scan, at: number): number {
  const end = skipPlainName(scan.bytes, at)
  scan.idStart = at + 1
  scan.idEnd = end - 1
  return end
}

/** The customer's id, a text of plain ASCII: its range into `scan`. */
export function scanCustomer(scan: Scan, at: number): number {
  const end = skipPlainName(scan.bytes, at)
  scan.customerStart = at + 1
  scan.customerEnd = end - 1
  return end
}

/** A store's number, no text: into `scan.storeId`. */
export function scanStore(scan: Scan, at: number): number {
  const { bytes } = scan
  const end = skipInteger(bytes, at, 10)
  if (end < 0) return unsure
  scan.storeId = readInteger(bytes, at, end)
  return scan.storeId >= 1 && scan.storeId <= maxStoreId ? end : unsure
}

/** An amount of at most two decimals, so that nothing is rounded: into `scan.cents`. */
export function scanTotal(scan: Scan, at: number): number {
  const { bytes } = scan
  const start = skipMinus(bytes, at)
  const whole = skipInteger(bytes, start, amountDigits)
  if (whole < 0) return unsure
  let cents = readInteger(bytes, start, whole) * 100
  let end = whole
  if (bytes[whole] === point) {
    end = skipDecimal(bytes, start, amountDigits)
    if (end < 0 || end - whole > 3) return unsure
    cents += readInteger(bytes, whole + 1, end) * (end - whole === 2 ? 10 : 1)
  }
  // Taken from 0, so that no negative zero comes out.
  scan.cents = start === at ? cents : 0 - cents
  return end
}

/** One of the allowed values. */
export function scanChoice(bytes: Uint8Array, at: number, choices: readonly Uint8Array[]): number {
  for (const choice of choices) {
    const end = skipExactly(bytes, at, choice)
    if (end >= 0) return end
  }
  return unsure
}

/** Sale or refund: into `scan.refund`. */
export function scanKind(scan: Scan, at: number, choices: readonly Uint8Array[]): number {
  scan.refund = scan.bytes[at + 1] === 0x72
  return scanChoice(scan.bytes, at, choices)
}
