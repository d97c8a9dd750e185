import type { Client, CustomTypesConfig, QueryArrayConfig, QueryArrayResult } from 'pg'
import { describeError, Fault } from '../../base/fault.ts'
import { endQuietly } from './connection.ts'
import { isConnectionLost } from './fault.ts'
import type { Parameter } from './parameter.ts'
import { type Row, readRow, type Values } from './row.ts'

/** One connection. Its statements must not overlap. */
export interface PostgresSession {
  /** False once it must not be used again. */
  readonly isUsable: boolean
  /** Another one is to be used instead, once this one has done its work. */
  readonly isStale: boolean
  /** Runs statements without parameters in one go; the number of rows the last one changed. */
  script(sql: string): Promise<number>
  /** Runs a statement; the number of rows it changed. */
  run(sql: string, parameters?: readonly Parameter[]): Promise<number>
  /** Reads all rows of a statement. */
  read<Result>(sql: string, parameters: readonly Parameter[], decode: (row: Row) => Result): Promise<readonly Result[]>
  /** Reads rows of one statement as the server writes them, with their columns; refuses a second statement. */
  readRaw(sql: string): Promise<RawResult>
  /** Ends a transaction. @throws where it was rolled back instead; see {@link isOutcomeKnown} */
  commit(): Promise<void>
  rollBack(): Promise<void>
  close(): Promise<void>
}

export interface RawResult {
  readonly columns: readonly RawColumn[]
  readonly rows: readonly Values[]
}

export interface RawColumn {
  readonly name: string
  /** The server's number of the type. */
  readonly type: number
  /** Length, or precision and scale, of the type; -1 for none. */
  readonly modifier: number
}

/** Every value stays the text that the server wrote. */
const asText: CustomTypesConfig = { getTypeParser: () => (value: string | Buffer) => String(value) }

/** Whether a COMMIT that gave this error has certainly not happened: the server answered, and went on. */
export function isOutcomeKnown(error: unknown): boolean {
  if (isConnectionLost(error)) return false
  return error instanceof Error && 'severity' in error && error.severity === 'ERROR'
}

const isFatal = (error: unknown): boolean =>
  error instanceof Error && 'severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC')

/** A script gives one result a statement. */
const lastOf = (result: QueryArrayResult | readonly QueryArrayResult[]): QueryArrayResult | undefined =>
  'command' in result ? result : result.at(-1)

/** Wraps a client. @param isStale whether another connection is to be used instead, once this one has done its work */
export function createSession(client: Client, isStale: () => boolean = () => false): PostgresSession {
  let isUsable = true
  const retire = (): void => {
    isUsable = false
  }
  client.on('error', retire)
  client.on('end', retire)

  const ask = async (query: QueryArrayConfig): Promise<QueryArrayResult | undefined> => {
    try {
      return lastOf(await client.query<(string | null)[]>(query))
    } catch (error) {
      if (isFatal(error) || isConnectionLost(error)) isUsable = false
      throw error
    }
  }
  const send = (text: string, values: readonly Parameter[] = []): Promise<QueryArrayResult | undefined> =>
    ask({ text, rowMode: 'array', types: asText, values: [...values] })

  return {
    get isUsable() {
      return isUsable
    },
    get isStale() {
      return isStale()
    },
    script: async (sql) => (await send(sql))?.rowCount ?? 0,
    run: async (sql, parameters = []) => (await send(sql, parameters))?.rowCount ?? 0,
    async read(sql, parameters, decode) {
      const result = await send(sql, parameters)
      return (result?.rows ?? []).map((values) => decode(readRow(values)))
    },
    async readRaw(sql) {
      // Without parameters pg would send it as a script, which may have any number of statements.
      const query = { text: sql, rowMode: 'array', types: asText, queryMode: 'extended' } as const
      const result = await ask(query)
      const columns = (result?.fields ?? []).map((field) => ({
        name: field.name,
        type: field.dataTypeID,
        modifier: field.dataTypeModifier,
      }))
      return { columns, rows: result?.rows ?? [] }
    },
    async commit() {
      const result = await send('COMMIT')
      if (result?.command === 'COMMIT') return
      throw new Fault('internal', `the server answered ${result?.command ?? 'nothing'} to COMMIT`)
    },
    async rollBack() {
      if (!isUsable) return
      try {
        await send('ROLLBACK')
      } catch (error) {
        isUsable = false
        void describeError(error)
      }
    },
    async close() {
      isUsable = false
      await endQuietly(client)
    },
  }
}
