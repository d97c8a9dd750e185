import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { windowSketch } from '../../base/window-sketch.ts'
import { readTableFile } from '../../duckdb/files.ts'
import type { TableRow } from '../../parity/compare.ts'
import { namesPostgres, readPostgresServers } from '../../settings/postgres-connection.ts'
import type { Settings } from '../../settings/settings.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { describeDialling } from '../tunnelled.ts'

/** Rows a query; one is held in memory at a time as it comes from the server. */
const pageRows = 50_000
const timeoutMs = 120_000

/** Where the rows of a table are read from; opened anew for each reading. */
export type ReadTable = (signal: AbortSignal) => Promise<readonly TableRow[]>

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A time of the table's zone as one of UTC. */
const toUtc = (column: string, zone: string): string =>
  zone === 'UTC' ? column : `((${column} AT TIME ZONE ${quote(zone)}) AT TIME ZONE 'UTC')`

const selectPage = (zone: string, after: readonly [string, number] | null): string => {
  const start = toUtc('window_start', zone)
  const rest = after
    ? `WHERE ${start} > timestamp ${quote(after[0])}
        OR (${start} = timestamp ${quote(after[0])} AND store_id > ${after[1]})`
    : ''
  return `SELECT ${start} AS window_start, ${toUtc('window_end', zone)} AS window_end, store_id, total_transactions,
      total_revenue, unique_customers, avg_transaction_value
    FROM public.transactions_summary ${rest} ORDER BY 1, 3 LIMIT ${pageRows}`
}

/** A time as databases write it: a blank or a T, a zone of hours alone too. */
const readInstant = (value: unknown): number | null => {
  if (typeof value !== 'string') return null
  const text = value
    .trim()
    .replace(' ', 'T')
    .replace(/(:[\d.]+[+-]\d\d)$/, '$1:00')
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text.slice('2025-01-06'.length))
  const ms = Date.parse(hasZone ? text : `${text}Z`)
  return Number.isNaN(ms) ? null : ms
}

const readNumber = (value: unknown): number | null => {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : null
}

const readText = (value: unknown): string | null =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null

/** @throws Fault `input` for a row without its key */
function readRow(where: string, cells: readonly unknown[]): TableRow {
  const [start, end, store, transactions, revenue, customers, average] = cells
  const startMs = readInstant(start)
  const storeId = readNumber(store)
  if (startMs === null || storeId === null) {
    throw new Fault('input', `${where} has a row without window_start or store_id`, {
      domain: 'user',
      hint: 'the table must have the columns of transactions_summary',
    })
  }
  return {
    startMs,
    endMs: readInstant(end),
    storeId,
    transactions: readNumber(transactions),
    revenue: readText(revenue),
    customers: readNumber(customers),
    average: readText(average),
  }
}

/** Reads the whole table, page by page. */
async function readWarehouseRows(
  warehouse: Warehouse,
  where: string,
  zone: string,
  signal: AbortSignal,
): Promise<readonly TableRow[]> {
  const rows: TableRow[] = []
  let after: readonly [string, number] | null = null
  for (;;) {
    const page = await warehouse.query(selectPage(zone, after), { timeoutMs, maxRows: pageRows, signal })
    for (const cells of page.rows) rows.push(readRow(where, cells))
    const last = page.rows.at(-1)
    if (!last || page.rows.length < pageRows) return rows
    const [start, , store] = last
    if (typeof start !== 'string') throw new Fault('internal', 'a timestamp was not read as text')
    after = [start.replace('T', ' ').replace('Z', ''), Number(store)]
  }
}

const names = [
  'window_start',
  'window_end',
  'store_id',
  'total_transactions',
  'total_revenue',
  'unique_customers',
  'avg_transaction_value',
] as const

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Reads the rows of a CSV or Parquet file, or of the table in a DuckDB file; times without a zone are UTC. */
export async function readFileRows(file: string, signal: AbortSignal): Promise<readonly TableRow[]> {
  const rows: TableRow[] = []
  for await (const lines of readTableFile(file, 'transactions_summary')) {
    if (signal.aborted) throw new Fault('cancelled', 'the comparison was cancelled', { domain: 'user' })
    for (const line of lines) {
      const parsed: unknown = JSON.parse(line)
      const cells = isRecord(parsed) ? names.map((name) => parsed[name]) : []
      rows.push(readRow(file, cells))
    }
  }
  return rows
}

/** The settings with a table's address in place of their own: no other server is asked. */
export const withTableUrl = (settings: Settings, url: string): Settings => ({
  ...settings,
  secret: (name) => (name === 'warehouse.url' ? url : name === 'warehouse.readUrl' ? '' : settings.secret(name)),
})

/** Opens the PostgreSQL of the settings; no session of it can write. @throws Fault `usage` where none is named */
async function openServer(settings: Settings, clock: Clock): Promise<Warehouse> {
  if (!namesPostgres(settings, process.env, 'read')) {
    throw new Fault('usage', 'there is no table to compare with: this profile names no PostgreSQL', {
      domain: 'user',
      hint: 'name one with --table postgres://… or --table FILE, or set DATABASE_URL',
    })
  }
  const { openPostgresWarehouse } = await import('../../warehouse/postgres/postgres-warehouse.ts')
  const dialling = await describeDialling(settings)
  const { connections } = readPostgresServers(settings, process.env, 'read')
  const [first, ...others] = connections.map((connection) => ({ ...connection, ...dialling }))
  if (!first) throw new Fault('internal', 'no PostgreSQL server is left')
  return await openPostgresWarehouse({
    connection: first,
    others,
    readConnection: null,
    sketch: windowSketch,
    writes: false,
    adopt: false,
    zone: settings.text('warehouse.zone'),
    clock,
  })
}

/**
 * Reads the table on the settings' server; a connection is held only meanwhile.
 *
 * @param title how the table is named in faults
 */
export const createServerTable =
  (settings: Settings, title: string, clock: Clock): ReadTable =>
  async (signal) => {
    const warehouse = await openServer(settings, clock)
    try {
      return await readWarehouseRows(warehouse, title, settings.text('warehouse.zone'), signal)
    } finally {
      await warehouse.close()
    }
  }
