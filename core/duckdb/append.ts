import type { DuckDBAppender, DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import type { DuckdbModule } from './load.ts'

/** One column's values, null where there is none. Timestamps are milliseconds UTC, decimals are in their last digit. */
export type Column =
  | { readonly type: 'timestamp'; readonly values: readonly (number | null)[] }
  | { readonly type: 'integer'; readonly values: readonly (number | null)[] }
  | { readonly type: 'bigint'; readonly values: readonly (number | null)[] }
  | {
      readonly type: 'decimal'
      readonly width: number
      readonly scale: number
      readonly values: readonly (bigint | null)[]
    }
  | { readonly type: 'boolean'; readonly values: readonly (boolean | null)[] }
  | { readonly type: 'text'; readonly values: readonly (string | null)[] }
  | { readonly type: 'bytes'; readonly values: readonly (Uint8Array | null)[] }

export interface TableName {
  readonly catalog: string | null
  readonly schema: string
  readonly table: string
}

/** The most rows one data chunk takes. */
const chunkRows = 2_048

function typeOf(duckdb: DuckdbModule, column: Column): DuckDBType {
  if (column.type === 'decimal') return duckdb.DECIMAL(column.width, column.scale)
  const types = {
    timestamp: duckdb.TIMESTAMP,
    integer: duckdb.INTEGER,
    bigint: duckdb.BIGINT,
    boolean: duckdb.BOOLEAN,
    text: duckdb.VARCHAR,
    bytes: duckdb.BLOB,
  } as const
  return types[column.type]
}

function convertValues(duckdb: DuckdbModule, column: Column, from: number, until: number): readonly DuckDBValue[] {
  const convert = <Value>(values: readonly (Value | null)[], one: (value: Value) => DuckDBValue): DuckDBValue[] =>
    values.slice(from, until).map((value) => (value === null ? null : one(value)))
  if (column.type === 'timestamp') {
    return convert(column.values, (ms) => new duckdb.DuckDBTimestampValue(BigInt(ms) * 1_000n))
  }
  if (column.type === 'bigint') return convert(column.values, BigInt)
  if (column.type === 'decimal') {
    const { scale, width } = column
    return convert(column.values, (value) => new duckdb.DuckDBDecimalValue(value, width, scale))
  }
  if (column.type === 'bytes') return convert(column.values, (bytes) => new duckdb.DuckDBBlobValue(bytes))
  return column.values.slice(from, until)
}

/** Closing flushes again; after a failed flush that fails too, with an error that says less than the first. */
function closeAppender(appender: DuckDBAppender, isWhole: boolean): void {
  if (!isWhole) appender.clear()
  appender.closeSync()
}

/**
 * Appends rows, given by column in the table's own order, inside the connection's running transaction. Several times
 * faster than binding them to an INSERT.
 */
export async function appendColumns(
  duckdb: DuckdbModule,
  connection: DuckDBConnection,
  target: TableName,
  columns: readonly Column[],
): Promise<void> {
  const rows = columns[0]?.values.length ?? 0
  if (rows === 0) return
  const types = columns.map((column) => typeOf(duckdb, column))
  const appender = await connection.createAppender(target.table, target.schema, target.catalog)
  let isWhole = false
  try {
    for (let from = 0; from < rows; from += chunkRows) {
      const until = Math.min(rows, from + chunkRows)
      const chunk = duckdb.DuckDBDataChunk.create(types, until - from)
      for (const [index, column] of columns.entries()) {
        chunk.setColumnValues(index, convertValues(duckdb, column, from, until))
      }
      appender.appendDataChunk(chunk)
    }
    appender.flushSync()
    isWhole = true
  } finally {
    closeAppender(appender, isWhole)
  }
}
