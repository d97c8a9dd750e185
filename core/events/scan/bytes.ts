import { skipCharacter } from './character.ts'

/**
 * Scanners over the bytes of plain JSON. Each takes the position of a value's first byte and returns the position after
 * its last, or {@link unsure}.
 *
 * 1. What is accepted is valid JSON in valid UTF-8; what is not accepted may be valid all the same (numbers with an
 *    exponent are not).
 * 2. They may read past the end of the record, into its neighbours in the same buffer. Positions only grow, so all
 *    that was accepted lies within the record when the last position does; that is for the caller to check.
 */
export const unsure = -1

const quote = 0x22
const minus = 0x2d
const zero = 0x30
/** More digits than any number needs; longer ones are left to JSON.parse. */
const manyDigits = 400

/** 1 for bytes that stand for themselves in a string: ASCII without controls, quote and backslash. */
const plain = new Uint8Array(256).map((_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== quote && byte !== 0x5c ? 1 : 0,
)

/** The byte at `at`; past the end 0, which is in no token. */
export const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0

const isDigit = (byte: number): boolean => byte >= zero && byte <= 0x39

function skipSpaces(bytes: Uint8Array, at: number): number {
  let end = at
  for (let byte = byteAt(bytes, end); byte <= 0x20; byte = byteAt(bytes, end)) {
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return end
    end += 1
  }
  return end
}

/** The position of the first byte from `at` on that is no JSON whitespace: mostly `at` itself. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  return byteAt(bytes, at) > 0x20 ? at : skipSpaces(bytes, at)
}

/** The inside of a string of plain ASCII, from the byte after its opening quote to behind its closing one. */
function skipPlain(bytes: Uint8Array, at: number): number {
  let end = at
  while (plain[byteAt(bytes, end)] === 1) end += 1
  return bytes[end] === quote ? end + 1 : unsure
}

/** A string of plain ASCII. */
export function skipPlainText(bytes: Uint8Array, at: number): number {
  return bytes[at] === quote ? skipPlain(bytes, at + 1) : unsure
}

/** A string of plain ASCII that is not empty. */
export function skipPlainName(bytes: Uint8Array, at: number): number {
  return bytes[at] === quote && bytes[at + 1] !== quote ? skipPlain(bytes, at + 1) : unsure
}

/** The rest of a string, from a byte that is not plain to behind its closing quote. */
function skipRest(bytes: Uint8Array, at: number): number {
  let end = at
  while (bytes[end] !== quote) {
    end = skipCharacter(bytes, end)
    if (end < 0) return unsure
    while (plain[byteAt(bytes, end)] === 1) end += 1
  }
  return end + 1
}

/** Any string. */
export function skipText(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== quote) return unsure
  let end = at + 1
  while (plain[byteAt(bytes, end)] === 1) end += 1
  return bytes[end] === quote ? end + 1 : skipRest(bytes, end)
}

/** Exactly these bytes. */
export function skipExactly(bytes: Uint8Array, at: number, expected: Uint8Array): number {
  for (let index = 0; index < expected.length; index += 1) {
    if (bytes[at + index] !== expected[index]) return unsure
  }
  return at + expected.length
}

/** One or more digits. */
export function skipDigits(bytes: Uint8Array, at: number): number {
  let end = at
  while (isDigit(byteAt(bytes, end))) end += 1
  return end === at ? unsure : end
}

/** An integer without sign, of at most `most` digits. What follows is not looked at. */
export function skipInteger(bytes: Uint8Array, at: number, most: number): number {
  const end = skipDigits(bytes, at)
  return end - at > most || (bytes[at] === zero && end - at > 1) ? unsure : end
}

/** A number without sign and exponent, of at most `most` digits before its point. */
export function skipDecimal(bytes: Uint8Array, at: number, most: number): number {
  const end = skipInteger(bytes, at, most)
  return end >= 0 && bytes[end] === 0x2e ? skipDigits(bytes, end + 1) : end
}

/** The position behind a minus sign, if one stands at `at`. */
export const skipMinus = (bytes: Uint8Array, at: number): number => (bytes[at] === minus ? at + 1 : at)

const literals = ['true', 'false', 'null'].map((literal) => new Uint8Array(Buffer.from(literal)))

/** Any value that is no object and no list. */
export function skipScalar(bytes: Uint8Array, at: number): number {
  if (bytes[at] === quote) return skipText(bytes, at)
  for (const literal of literals) {
    const end = skipExactly(bytes, at, literal)
    if (end >= 0) return end
  }
  return skipDecimal(bytes, skipMinus(bytes, at), manyDigits)
}

/** The value of the digits [start, end): exact for at most 15 of them. */
export function readInteger(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at += 1) value = value * 10 + byteAt(bytes, at) - zero
  return value
}
