import { access } from 'node:fs/promises'
import type { DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api'
import { Fault, describeError } from '../base/fault.ts'
import { createCellReader, type DuckdbCell } from './cell.ts'
import { openDuckdb } from './connection.ts'
import { toOneLine } from './fault.ts'
import type { DuckdbModule } from './load.ts'
import type { DuckdbSession } from './session.ts'

/** Enough for one row group of a Parquet file with wide rows. */
const memoryLimitMb = 256

/** A whole number exactly as JSON writes it. */
const plainInteger = /^(?:0|-?[1-9]\d{0,15})$/
const spacedTime = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d.*)$/

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`
/** DuckDB takes a path as a pattern; a character class of one is that character. */
const escapePattern = (path: string): string => path.replaceAll(/[*?[]/g, '[$&]')

function embedsJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * A CSV cell as JSON: a safe integer as a number, nested JSON as it is, everything else as the text it is, so that
 * `12.50` and `007` keep every digit. A time with a space gets its T.
 */
function writeText(text: string): string {
  if (plainInteger.test(text) && Number.isSafeInteger(Number(text))) return text
  if (embedsJson(text)) return text
  return JSON.stringify(text.replace(spacedTime, '$1T$2'))
}

function createValueWriter(duckdb: DuckdbModule): (value: DuckDBValue) => string | null {
  const readCell = createCellReader(duckdb)
  const writeFields = (fields: readonly (readonly [string, DuckDBValue])[]): string => {
    const written = fields.flatMap(([name, value]) => {
      const json = write(value)
      return json === null ? [] : [`${JSON.stringify(name)}:${json}`]
    })
    return `{${written.join(',')}}`
  }
  const writeCell = (cell: DuckdbCell): string => JSON.stringify(cell)
  const write = (value: DuckDBValue): string | null => {
    if (value === null) return null
    if (typeof value === 'bigint') {
      return Number.isSafeInteger(Number(value)) ? value.toString() : JSON.stringify(value.toString())
    }
    if (value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue) {
      return `[${value.items.map((item) => write(item) ?? 'null').join(',')}]`
    }
    if (value instanceof duckdb.DuckDBStructValue) return writeFields(Object.entries(value.entries))
    if (value instanceof duckdb.DuckDBMapValue) {
      return writeFields(value.entries.map((entry) => [String(entry.key), entry.value]))
    }
    return writeCell(readCell(value))
  }
  return write
}

function* writeRows(
  chunk: DuckDBDataChunk,
  names: readonly string[],
  write: (value: DuckDBValue) => string | null,
): Generator<string, void, void> {
  for (const values of chunk.getRows()) {
    const fields = values.flatMap((value, index) => {
      const json = write(value)
      return json === null ? [] : [`${names[index] ?? '""'}:${json}`]
    })
    yield `{${fields.join(',')}}`
  }
}

const isDatabase = (path: string): boolean => /\.(?:db|duckdb)$/i.test(path)

/** In whatever schema of the database the table is. */
async function findTable(session: DuckdbSession, path: string, table: string): Promise<string> {
  await session.run(`ATTACH ${quote(path)} AS given (READ_ONLY)`)
  const [schema] = await session.read(
    "SELECT schema_name FROM duckdb_tables() WHERE database_name = 'given' AND table_name = $1 ORDER BY 1",
    [table],
    (row) => row.text(0),
  )
  if (schema === undefined) throw new Fault('input', `${path}: there is no table ${table}`, { domain: 'user' })
  return `given.${identify(schema)}.${identify(table)}`
}

const identify = (name: string): string => `"${name.replaceAll('"', '""')}"`

function selectRows(path: string): { readonly sql: string; readonly isText: boolean } {
  const file = quote(escapePattern(path))
  if (/\.parquet$/i.test(path)) {
    return { sql: `SELECT * FROM read_parquet(${file}, binary_as_string = true)`, isText: false }
  }
  return { sql: `SELECT * FROM read_csv(${file}, header = true, all_varchar = true)`, isText: true }
}

/**
 * Reads a CSV file with a header, or a Parquet file (by its ending), as one JSON object per row, in order, some thousand
 * at a time. Empty cells and nulls have no field. Parquet: integers beyond 2⁵³ and decimals are strings, timestamps
 * ISO-8601 UTC, structs, lists and maps nested JSON.
 *
 * @param table read from a DuckDB file (`.db`, `.duckdb`), like Parquet; left out, such a file is read as text
 * @throws Fault `not-found`, or `input` saying which line or why
 */
export async function* readTableFile(
  path: string,
  table: string | null = null,
): AsyncGenerator<readonly string[], void, void> {
  try {
    await access(path)
  } catch (error) {
    throw new Fault('not-found', `${path}: there is no such file`, { domain: 'user', cause: error })
  }
  const database = await openDuckdb({
    file: ':memory:',
    memoryLimitMb,
    sessions: 1,
    reachesFiles: true,
    setUp: '',
    setUpSession: '',
  })
  try {
    const [session] = database.sessions
    if (!session) return
    const { sql, isText } =
      table !== null && isDatabase(path)
        ? { sql: `SELECT * FROM ${await findTable(session, path, table)}`, isText: false }
        : selectRows(path)
    const result = await session.stream(sql)
    const names = result.columnNames().map((name) => JSON.stringify(name))
    const write = isText
      ? (value: DuckDBValue) => (typeof value === 'string' ? writeText(value) : null)
      : createValueWriter(session.duckdb)
    for (;;) {
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) return
      yield [...writeRows(chunk, names, write)]
    }
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault('input', `${path}: ${toOneLine(describeError(error))}`, { domain: 'user', cause: error })
  } finally {
    await database.close()
  }
}
