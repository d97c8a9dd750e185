import { encodeText } from './row.ts'

/** What a statement takes: always a text that the server casts, so that pg never guesses a type. */
export type Parameter = string | null

/** A list as the server reads it: `{1,2,NULL}`. */
export const numberList = (values: readonly (number | bigint | null)[]): Parameter =>
  `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`

export const flagList = (values: readonly boolean[]): Parameter =>
  `{${values.map((value) => (value ? 't' : 'f')).join(',')}}`

const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

export const textList = (values: readonly (string | null)[]): Parameter =>
  `{${values.map((value) => (value === null ? 'NULL' : quote(encodeText(value)))).join(',')}}`

export const bytesList = (values: readonly (Uint8Array | null)[]): Parameter =>
  `{${values.map((value) => (value === null ? 'NULL' : `"\\\\x${toHex(value)}"`)).join(',')}}`

const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')

export const bytesParameter = (bytes: Uint8Array): Parameter => `\\x${toHex(bytes)}`

/** Amounts of cents as decimals of two digits. */
export const moneyList = (values: readonly (bigint | null)[]): Parameter =>
  `{${values.map((cents) => (cents === null ? 'NULL' : `${cents}e-2`)).join(',')}}`

/** The expression of milliseconds as a timestamp of UTC. */
export const instantOf = (milliseconds: string): string =>
  `(timestamp 'epoch' + (${milliseconds})::bigint * interval '1 millisecond')`

/** The milliseconds of a timestamp of UTC. */
export const msOf = (timestamp: string): string => `(extract(epoch FROM ${timestamp}) * 1000)::bigint`

/** A text as a literal. */
export const literal = (text: string): string => {
  const quoted = `'${encodeText(text).replaceAll("'", "''")}'`
  return quoted.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted
}
