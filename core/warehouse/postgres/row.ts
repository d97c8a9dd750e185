import { Fault } from '../../base/fault.ts'

/** Values as the server writes them. */
export type Values = readonly (string | null)[]

/**
 * The parser table of the port's own statements: every value arrives as the server's text and is read by position as
 * what is expected there, so that no value is ever turned into a number or a date by its type alone. Instants are
 * selected as milliseconds.
 */
export interface Row {
  /** A whole number within ±2⁵³. */
  number(index: number): number
  numberOrNull(index: number): number | null
  realOrNull(index: number): number | null
  bigint(index: number): bigint
  text(index: number): string
  flag(index: number): boolean
  bytes(index: number): Uint8Array
}

const refuse = (index: number, wanted: string): Fault =>
  new Fault('internal', `column ${index} of a result should be ${wanted}`)

/**
 * PostgreSQL's texts cannot hold U+0000, which ids in JSON may: it becomes two characters, and the first of these two
 * as well, so that every text comes back as it was.
 */
const escaped = '\u2400'

export const encodeText = (text: string): string =>
  text.includes('\u0000') || text.includes(escaped)
    ? text.replaceAll(escaped, `${escaped}1`).replaceAll('\u0000', `${escaped}0`)
    : text

export const decodeText = (text: string): string =>
  text.includes(escaped)
    ? text.replaceAll(/\u2400([01])/g, (_, digit: string) => (digit === '0' ? '\u0000' : escaped))
    : text

/** Wraps the values of one row. */
export function readRow(values: Values): Row {
  const find = (index: number, wanted: string): string => {
    const value = values[index]
    if (value === null || value === undefined) throw refuse(index, wanted)
    return value
  }
  const numberOrNull = (index: number): number | null => {
    const value = values[index]
    if (value === null || value === undefined) return null
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw refuse(index, 'a safe integer')
    return number
  }
  return {
    numberOrNull,
    number(index) {
      const value = numberOrNull(index)
      if (value === null) throw refuse(index, 'a number')
      return value
    },
    realOrNull(index) {
      const value = values[index]
      return value === null || value === undefined ? null : Number(value)
    },
    bigint: (index) => BigInt(find(index, 'a whole number')),
    text: (index) => decodeText(find(index, 'text')),
    flag: (index) => find(index, 'true or false') === 't',
    bytes(index) {
      const value = find(index, 'bytes')
      if (!value.startsWith('\\x')) throw refuse(index, 'bytes in hexadecimal')
      return Uint8Array.from(Buffer.from(value.slice(2), 'hex'))
    },
  }
}
