import type { DuckDBValue } from '@duckdb/node-api'
import type { DuckdbModule } from './load.ts'

/**
 * A value as JSON has it. Decimals and integers of 64 bits and more are strings, timestamps ISO-8601 UTC, bytes base64;
 * what JSON numbers cannot say is `NaN`, `Infinity`, `-Infinity`; lists and structs nest, a map is an object.
 */
export type DuckdbCell =
  | string
  | number
  | boolean
  | null
  | readonly DuckdbCell[]
  | { readonly [name: string]: DuckdbCell }

const microsPerMs = 1_000n
const farthestMs = 8_640_000_000_000_000n
const infinity = 9_223_372_036_854_775_807n

/** Rounds towards the past, as instants before 1970 need it. */
function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  return value % divisor < 0n ? quotient - 1n : quotient
}

/**
 * An instant as ISO-8601: milliseconds always, finer digits where they are not zero.
 *
 * @param digits decimal digits of a second that `value` counts: 0, 3, 6 or 9
 */
function formatInstant(value: bigint, digits: 0 | 3 | 6 | 9, written: string): string {
  if (value >= infinity) return 'infinity'
  if (value <= -infinity) return '-infinity'
  const unitsPerMs = digits > 3 ? 10n ** BigInt(digits - 3) : 1n
  const ms = digits === 0 ? value * microsPerMs : floorDivide(value, unitsPerMs)
  if (ms > farthestMs || ms < -farthestMs) return written
  const iso = new Date(Number(ms)).toISOString()
  const rest = digits > 3 ? value - ms * unitsPerMs : 0n
  if (rest === 0n) return iso
  return `${iso.slice(0, -1)}${rest.toString().padStart(digits - 3, '0')}Z`
}

const formatFloat = (value: number): DuckdbCell => (Number.isFinite(value) ? value : String(value))

/** Creates the conversion of DuckDB's values to cells. */
export function createCellReader(duckdb: DuckdbModule): (value: DuckDBValue) => DuckdbCell {
  const readInstant = (value: DuckDBValue): string | null => {
    if (value instanceof duckdb.DuckDBTimestampValue || value instanceof duckdb.DuckDBTimestampTZValue) {
      return formatInstant(value.micros, 6, String(value))
    }
    if (value instanceof duckdb.DuckDBTimestampMillisecondsValue) return formatInstant(value.millis, 3, String(value))
    if (value instanceof duckdb.DuckDBTimestampSecondsValue) return formatInstant(value.seconds, 0, String(value))
    if (value instanceof duckdb.DuckDBTimestampNanosecondsValue) return formatInstant(value.nanos, 9, String(value))
    return null
  }
  const readNested = (value: DuckDBValue): DuckdbCell | undefined => {
    if (value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue) {
      return value.items.map(read)
    }
    if (value instanceof duckdb.DuckDBStructValue) {
      return Object.fromEntries(Object.entries(value.entries).map(([name, entry]) => [name, read(entry)]))
    }
    if (value instanceof duckdb.DuckDBMapValue) {
      return Object.fromEntries(value.entries.map((entry) => [String(entry.key), read(entry.value)]))
    }
    if (value instanceof duckdb.DuckDBUnionValue || value instanceof duckdb.DuckDBVariantValue) return read(value.value)
    return undefined
  }
  const read = (value: DuckDBValue): DuckdbCell => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number') return formatFloat(value)
    if (typeof value === 'bigint') return value.toString()
    if (value instanceof duckdb.DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
    return readInstant(value) ?? readNested(value) ?? String(value)
  }
  return read
}
