import type { DuckDBPreparedStatement } from '@duckdb/node-api'
import type { DuckdbModule } from './load.ts'

/** A list for `unnest($n::…[])`. */
export interface ListParameter {
  readonly texts?: readonly string[]
  readonly integers?: readonly number[]
}

/** A statement's parameter; whole numbers go as BIGINT. */
export type Parameter = string | number | bigint | boolean | null | Uint8Array | ListParameter

function bindList(duckdb: DuckdbModule, statement: DuckDBPreparedStatement, index: number, list: ListParameter): void {
  if (list.texts) statement.bindList(index, list.texts, duckdb.LIST(duckdb.VARCHAR))
  else statement.bindList(index, (list.integers ?? []).map(BigInt), duckdb.LIST(duckdb.BIGINT))
}

/** Binds `$1`, `$2` … in order. */
export function bindParameters(
  duckdb: DuckdbModule,
  statement: DuckDBPreparedStatement,
  parameters: readonly Parameter[],
): void {
  for (const [position, value] of parameters.entries()) {
    const index = position + 1
    if (value === null) statement.bindNull(index)
    else if (typeof value === 'string') statement.bindVarchar(index, value)
    else if (typeof value === 'bigint') statement.bindBigInt(index, value)
    else if (typeof value === 'boolean') statement.bindBoolean(index, value)
    else if (value instanceof Uint8Array) statement.bindBlob(index, value)
    else if (typeof value === 'object') bindList(duckdb, statement, index, value)
    else if (Number.isSafeInteger(value)) statement.bindBigInt(index, BigInt(value))
    else statement.bindDouble(index, value)
  }
}
