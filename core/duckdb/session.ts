import type { DuckDBConnection, DuckDBMaterializedResult, DuckDBResult } from '@duckdb/node-api'
import { describeError } from '../base/fault.ts'
import { appendColumns, type Column, type TableName } from './append.ts'
import { bindParameters, type Parameter } from './bind.ts'
import type { DuckdbModule } from './load.ts'
import { type Row, readRow } from './row.ts'
import { createTurns } from './turns.ts'

/**
 * One connection.
 *
 * 1. Its statements must not overlap: whoever uses it does so inside {@link DuckdbSession.turn}.
 * 2. A statement is planned anew each time. DuckDB plans by what the tables hold and how they hold it, and does not look
 *    again when a prepared statement runs later: up to 1.5 such a statement overlooks rows, or reads them as other
 *    values (duckdb/duckdb issues 23704 and 24182).
 * 3. For the same reason a statement with parameters, which is planned before it runs, belongs in a transaction wherever
 *    another session writes.
 */
export interface DuckdbSession {
  readonly duckdb: DuckdbModule
  /** Gives `work` the session for itself; others wait for their turn. */
  turn<Result>(work: () => Promise<Result>): Promise<Result>
  settle(): Promise<void>
  /** Runs a statement, or several without parameters. Returns the number of rows the last one changed. */
  run(sql: string, parameters?: readonly Parameter[]): Promise<number>
  /** Reads all rows of a statement. */
  read<Result>(sql: string, parameters: readonly Parameter[], decode: (row: Row) => Result): Promise<readonly Result[]>
  append(target: TableName, columns: readonly Column[]): Promise<void>
  /** BEGIN, work, COMMIT; ROLLBACK and the error again where the work or the COMMIT fails. */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>
  /** Starts one statement and leaves its rows where they are. */
  stream(sql: string): Promise<DuckDBResult>
  /** Stops the statement that is running, if one is. */
  interrupt(): void
  close(): void
}

/** Wraps a connection. */
export function createSession(duckdb: DuckdbModule, connection: DuckDBConnection): DuckdbSession {
  const turns = createTurns()

  const start = async (sql: string, parameters: readonly Parameter[]): Promise<DuckDBMaterializedResult> => {
    if (parameters.length === 0) return await connection.run(sql)
    const statement = await connection.prepare(sql)
    try {
      bindParameters(duckdb, statement, parameters)
      return await statement.run()
    } finally {
      statement.destroySync()
    }
  }

  /** A COMMIT that failed has already rolled back. */
  const rollBack = async (): Promise<void> => {
    try {
      await connection.run('ROLLBACK')
    } catch (error) {
      const message = describeError(error)
      if (/no transaction is active|invalidated/i.test(message)) return
      throw new Error(`FATAL Error: a transaction could not be rolled back: ${message}`, { cause: error })
    }
  }

  return {
    duckdb,
    turn: (work) => turns.take(work),
    settle: () => turns.settle(),
    run: async (sql, parameters = []) => (await start(sql, parameters)).rowsChanged,
    async read(sql, parameters, decode) {
      const result = await start(sql, parameters)
      const rows = await result.getRows()
      return rows.map((values) => decode(readRow(duckdb, values)))
    },
    append: (target, columns) => appendColumns(duckdb, connection, target, columns),
    async transaction(work) {
      await connection.run('BEGIN')
      try {
        const result = await work()
        await connection.run('COMMIT')
        return result
      } catch (error) {
        await rollBack()
        throw error
      }
    },
    stream: (sql) => connection.stream(sql),
    interrupt: () => connection.interrupt(),
    close: () => connection.closeSync(),
  }
}
