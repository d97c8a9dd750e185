import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Column } from './append.ts'
import { openDuckdb } from './connection.ts'
import { toDuckdbFault } from './fault.ts'

/** A column as JSON-like cells have it: bytes in base64, timestamps ISO-8601 UTC, decimals and long integers as text. */
export interface FileColumn {
  readonly name: string
  readonly type: 'timestamp' | 'integer' | 'bigint' | 'decimal' | 'text' | 'bytes'
}

type FileCell = string | number | null

/** Rows that become one Parquet file. */
export interface ParquetFile {
  append(rows: readonly (readonly FileCell[])[]): Promise<void>
  /** Writes the file whole, or not at all. @throws Fault `input` where it cannot be written */
  finish(): Promise<void>
  /** Forgets the rows that were not written. Idempotent. */
  close(): Promise<void>
}

const memoryLimitMb = 256

const sqlTypes: Readonly<Record<FileColumn['type'], string>> = {
  timestamp: 'TIMESTAMP',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  decimal: 'DECIMAL(18, 2)',
  text: 'VARCHAR',
  bytes: 'BLOB',
}

/** How rows wait. */
const waitingTypes: typeof sqlTypes = { ...sqlTypes, timestamp: 'VARCHAR', decimal: 'VARCHAR' }

const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

function toColumn({ type }: FileColumn, cells: readonly FileCell[]): Column {
  const convert = <Value>(one: (text: string) => Value): readonly (Value | null)[] =>
    cells.map((cell) => (cell === null ? null : one(String(cell))))
  switch (type) {
    case 'integer':
    case 'bigint':
      return { type, values: convert(Number) }
    case 'bytes':
      return { type, values: convert((text) => new Uint8Array(Buffer.from(text, 'base64'))) }
    case 'timestamp':
    case 'decimal':
    case 'text':
      break
  }
  // Text for now: DuckDB reads it to the last digit when the file is written.
  return { type: 'text', values: convert((text) => text) }
}

/**
 * Opens a Parquet file for writing. Rows wait in a database of their own in the temporary directory, so that memory does
 * not grow with them.
 */
export async function createParquetFile(path: string, columns: readonly FileColumn[]): Promise<ParquetFile> {
  const folder = await mkdtemp(join(tmpdir(), 'storepulse-export-'))
  const database = await openDuckdb({
    file: join(folder, 'rows.db'),
    memoryLimitMb,
    sessions: 1,
    reachesFiles: true,
    setUp: `CREATE TABLE rows (${columns.map(({ name, type }) => `${quoteName(name)} ${waitingTypes[type]}`).join(', ')})`,
    setUpSession: '',
  })
  const [session] = database.sessions
  if (!session) throw new Fault('internal', 'DuckDB came without a session')
  const selected = columns.map(
    ({ name, type }) => `CAST(${quoteName(name)} AS ${sqlTypes[type]}) AS ${quoteName(name)}`,
  )
  return {
    append: (rows) =>
      session.append(
        { catalog: null, schema: 'main', table: 'rows' },
        columns.map((column, index) =>
          toColumn(
            column,
            rows.map((row) => row[index] ?? null),
          ),
        ),
      ),
    async finish() {
      // Beside its place, so that the move is one step.
      const part = join(dirname(resolve(path)), `.storepulse-${process.pid}.part`)
      try {
        await session.run(
          `COPY (SELECT ${selected.join(', ')} FROM rows) TO ${quote(part)} (FORMAT parquet, COMPRESSION zstd)`,
        )
        await rename(part, path)
      } catch (error) {
        await rm(part, { force: true })
        throw toDuckdbFault(error, `${path} could not be written`)
      }
    },
    async close() {
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
