import type { Cell } from '../warehouse.ts'
import { parseArray } from './array-text.ts'

/**
 * Values of user SQL as the embedded warehouse gives them: decimals and 64-bit integers are strings, timestamps
 * ISO-8601 UTC, bytes base64, floats that JSON has no number for `NaN`, `Infinity`, `-Infinity`. By the number of the
 * type in pg_type; what is not listed stays the text that the server wrote.
 */
interface Kind {
  /** Its name, the embedded warehouse's. */
  readonly name: string
  readonly read: (text: string) => Cell
}

const asText = (text: string): Cell => text
const asNumber = (text: string): Cell => Number(text)
const asReal = (text: string): Cell => (Number.isFinite(Number(text)) ? Number(text) : text)
const asBytes = (text: string): Cell => Buffer.from(text.slice(2), 'hex').toString('base64')

const timestamp = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:\+00)?$/

/** Milliseconds always, finer digits where they are not zero; what no calendar date fits stays as it is. */
export function formatTimestamp(text: string): string {
  const parts = timestamp.exec(text)
  if (!parts) return text
  const micros = (parts[5] ?? '').padEnd(6, '0')
  const digits = micros.endsWith('000') ? micros.slice(0, 3) : micros
  return `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}.${digits}Z`
}

const integer: Kind = { name: 'INTEGER', read: asNumber }
const text: Kind = { name: 'VARCHAR', read: asText }

const kinds = new Map<number, Kind>([
  [16, { name: 'BOOLEAN', read: (value) => value === 't' }],
  [17, { name: 'BLOB', read: asBytes }],
  [18, text],
  [19, text],
  [20, { name: 'BIGINT', read: asText }],
  [21, { name: 'SMALLINT', read: asNumber }],
  [23, integer],
  [25, text],
  [26, { name: 'UINTEGER', read: asNumber }],
  [114, { name: 'JSON', read: asText }],
  [700, { name: 'FLOAT', read: (value) => asReal(String(Math.fround(Number(value)))) }],
  [701, { name: 'DOUBLE', read: asReal }],
  [1042, text],
  [1043, text],
  [1082, { name: 'DATE', read: asText }],
  [1083, { name: 'TIME', read: asText }],
  [1114, { name: 'TIMESTAMP', read: formatTimestamp }],
  [1184, { name: 'TIMESTAMP WITH TIME ZONE', read: formatTimestamp }],
  [1186, { name: 'INTERVAL', read: asText }],
  [1700, { name: 'DECIMAL', read: asText }],
  [2950, { name: 'UUID', read: asText }],
  [3802, { name: 'JSON', read: asText }],
])

/** Type of a list → type of its elements. */
const elementTypes = new Map([
  [1000, 16],
  [1001, 17],
  [1005, 21],
  [1007, 23],
  [1009, 25],
  [1014, 1042],
  [1015, 1043],
  [1016, 20],
  [1021, 700],
  [1022, 701],
  [1115, 1114],
  [1182, 1082],
  [1183, 1083],
  [1185, 1184],
  [1231, 1700],
  [2951, 2950],
])

export interface CellType {
  readonly name: string
  readonly read: (text: string | null) => Cell
}

const decimalType = 1_700

/** How to read and name the values of a column. @param modifier precision and scale of a decimal; -1 for none */
export function findCellType(type: number, modifier: number): CellType {
  const elementType = elementTypes.get(type)
  if (elementType !== undefined) {
    const element = findCellType(elementType, modifier)
    return { name: `${element.name}[]`, read: (value) => (value === null ? null : parseArray(value, element.read)) }
  }
  const kind = kinds.get(type) ?? text
  const packed = modifier - 4
  const size = type === decimalType && modifier >= 4 ? `(${packed >> 16},${packed & 0x7ff})` : ''
  return { name: `${kind.name}${size}`, read: (value) => (value === null ? null : kind.read(value)) }
}
