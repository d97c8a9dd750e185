import { createParquetFile, type FileColumn, type ParquetFile } from '../duckdb/parquet-file.ts'
import type { QueryAnswer, WireCell } from '../protocol/commands.ts'

/** What can be taken out of the warehouse as a file. */
export const exportNames = ['summary', 'late', 'quarantine'] as const
export type ExportName = (typeof exportNames)[number]

interface ExportColumn extends FileColumn {
  /** What is selected, where that is not the column of this name. */
  readonly sql?: string
}

interface ExportTable {
  readonly from: string
  readonly columns: readonly ExportColumn[]
  /** Columns by which the rows are ordered, and one page is told from the next: no two rows are the same in them. */
  readonly key: readonly string[]
  /** Rows of one answer: those of the quarantine are large. */
  readonly pageRows: number
}

const recordColumns: readonly ExportColumn[] = [
  { name: 'topic', type: 'text' },
  { name: 'partition', type: 'integer' },
  { name: 'record_offset', type: 'bigint' },
]
const recordKey = ['topic', 'partition', 'record_offset']

const tables: Readonly<Record<ExportName, ExportTable>> = {
  summary: {
    from: 'public.transactions_summary',
    columns: [
      { name: 'window_start', type: 'timestamp' },
      { name: 'window_end', type: 'timestamp' },
      { name: 'store_id', type: 'integer' },
      { name: 'total_transactions', type: 'integer' },
      { name: 'total_revenue', type: 'decimal' },
      { name: 'unique_customers', type: 'integer' },
      { name: 'avg_transaction_value', type: 'decimal' },
      { name: 'created_at', type: 'timestamp' },
    ],
    key: ['window_start', 'store_id'],
    pageRows: 20_000,
  },
  late: {
    from: 'storepulse.late',
    columns: [
      ...recordColumns,
      { name: 'store_id', type: 'integer' },
      { name: 'transaction_id', type: 'text' },
      { name: 'event_time', type: 'timestamp' },
      { name: 'amount', type: 'decimal', sql: 'CAST(cents * 0.01 AS decimal(18, 2))' },
      { name: 'lateness_ms', type: 'bigint' },
      { name: 'appended_at', type: 'timestamp' },
      { name: 'readmitted_at', type: 'timestamp' },
    ],
    key: recordKey,
    pageRows: 1_000,
  },
  quarantine: {
    from: 'storepulse.quarantine',
    columns: [
      ...recordColumns,
      { name: 'reason', type: 'text' },
      { name: 'path', type: 'text' },
      { name: 'size_bytes', type: 'bigint' },
      { name: 'sha256', type: 'text' },
      { name: 'seen_at', type: 'timestamp' },
      { name: 'readmitted_at', type: 'timestamp' },
      { name: 'bytes', type: 'bytes' },
    ],
    key: recordKey,
    pageRows: 200,
  },
}

/** Names of the columns, in order. */
export const exportColumns = (name: ExportName): readonly string[] => tables[name].columns.map((column) => column.name)

function writeLiteral(type: FileColumn['type'] | undefined, cell: WireCell): string {
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell)
  if (type === 'timestamp') return `TIMESTAMP '${text.replace('T', ' ').replace('Z', '')}'`
  return type === 'text' ? `'${text.replaceAll("'", "''")}'` : text
}

/** The statement of one page, in what both databases understand. */
function selectPage({ columns, from, key, pageRows }: ExportTable, last: readonly WireCell[] | null): string {
  const selected = columns.map(({ name, sql }) => (sql === undefined ? name : `${sql} AS ${name}`))
  const typeOf = (name: string): FileColumn['type'] | undefined => columns.find((column) => column.name === name)?.type
  const after = last?.map((cell, index) => writeLiteral(typeOf(key[index] ?? ''), cell))
  const where = after === undefined ? '' : `WHERE (${key.join(', ')}) > (${after.join(', ')})`
  return `SELECT ${selected.join(', ')} FROM ${from} ${where} ORDER BY ${key.join(', ')} LIMIT ${pageRows}`
}

/**
 * All rows in the order of their key, page by page.
 *
 * @param ask runs one statement on the warehouse
 */
export async function* readExport(
  name: ExportName,
  ask: (sql: string) => Promise<QueryAnswer>,
): AsyncGenerator<QueryAnswer['rows'], void, void> {
  const table = tables[name]
  const places = table.key.map((column) => table.columns.findIndex((known) => known.name === column))
  let last: readonly WireCell[] | null = null
  for (;;) {
    const { rows, truncated } = await ask(selectPage(table, last))
    const final = rows.at(-1)
    if (final === undefined) return
    yield rows
    if (rows.length < table.pageRows && !truncated) return
    last = places.map((place) => final[place] ?? null)
  }
}

/** A Parquet file for the rows of {@link readExport}. */
export const createExportFile = (name: ExportName, path: string): Promise<ParquetFile> =>
  createParquetFile(path, tables[name].columns)

/** Cells that a file column takes; nothing else is selected. */
export const toFileCells = (row: readonly WireCell[]): readonly (string | number | null)[] =>
  row.map((cell) => (typeof cell === 'number' || typeof cell === 'string' ? cell : null))
