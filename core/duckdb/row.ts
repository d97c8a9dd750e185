import type { DuckDBValue } from '@duckdb/node-api'
import { Fault } from '../base/fault.ts'
import type { DuckdbModule } from './load.ts'

/** A result row, read by position with the type that is expected there. Instants are selected as `epoch_ms(…)`. */
export interface Row {
  /** A whole number within ±2⁵³. */
  number(index: number): number
  numberOrNull(index: number): number | null
  bigint(index: number): bigint
  /** A DOUBLE. */
  realOrNull(index: number): number | null
  /** A DECIMAL in its last digit, 0 where there is none: the sum over no rows. */
  decimal(index: number): bigint
  text(index: number): string
  flag(index: number): boolean
  /** A copy of a BLOB. */
  bytes(index: number): Uint8Array
}

function refuse(index: number, wanted: string, value: unknown): Fault {
  return new Fault('internal', `column ${index} of a result should be ${wanted}, it is ${typeof value}`)
}

/** Wraps the values of one row. */
export function readRow(duckdb: DuckdbModule, values: readonly DuckDBValue[]): Row {
  const numberOrNull = (index: number): number | null => {
    const value = values[index]
    if (value === null || value === undefined) return null
    if (typeof value !== 'number' && typeof value !== 'bigint') throw refuse(index, 'a number', value)
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw refuse(index, 'a safe integer', value)
    return number
  }
  return {
    numberOrNull,
    number(index) {
      const value = numberOrNull(index)
      if (value === null) throw refuse(index, 'a number', null)
      return value
    },
    realOrNull(index) {
      const value = values[index]
      if (value === null || typeof value === 'number') return value
      throw refuse(index, 'a number', value)
    },
    bigint(index) {
      const value = values[index]
      if (typeof value === 'bigint') return value
      if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
      throw refuse(index, 'a whole number', value)
    },
    decimal(index) {
      const value = values[index]
      if (value === null) return 0n
      if (value instanceof duckdb.DuckDBDecimalValue) return value.value
      throw refuse(index, 'a decimal', value)
    },
    text(index) {
      const value = values[index]
      if (typeof value !== 'string') throw refuse(index, 'text', value)
      return value
    },
    flag(index) {
      const value = values[index]
      if (typeof value !== 'boolean') throw refuse(index, 'true or false', value)
      return value
    },
    bytes(index) {
      const value = values[index]
      if (value instanceof duckdb.DuckDBBlobValue) return Uint8Array.from(value.bytes)
      throw refuse(index, 'bytes', value)
    },
  }
}
