import type { Column } from '../../duckdb/append.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'
import type { WindowAmendment, WindowRow } from '../../events/epoch.ts'
import { type AmendedFrom, formatWindowKey } from '../amend.ts'
import { readAmended } from '../stored-rows.ts'
import { summarize } from '../summary.ts'

/**
 * Window rows go through a temporary table: appended in one piece, then merged by key. Updates come first, and only
 * what they left is inserted, so that an upsert of a known window takes no id from the sequence. Sketches have a table
 * of their own that is only inserted into: DuckDB keeps every version of an updated BLOB in memory.
 */

const stagedTable = { catalog: 'temp', schema: 'main', table: 'staged' }

const stageSql = `CREATE OR REPLACE TEMP TABLE staged (
  window_start timestamp, window_end timestamp, store_id integer, transactions bigint, cents decimal(38, 0),
  revenue decimal(12, 2), average decimal(10, 2), unique_customers integer, revision bigint, final boolean,
  is_public boolean, sketch blob
)`

const sameWindow = 't.window_start = s.window_start AND t.store_id = s.store_id'

/** Up to so many staged rows × windows between the first and the last, every pair is compared. */
const fewPairs = 800

/**
 * How staged rows find theirs among the windows from the first to the last. An equality would make DuckDB build a hash
 * table, of which it keeps bits for thousands of commits; two comparisons make it compare the few pairs there are.
 */
function matchWindows(rows: readonly WindowRow[]): string {
  const firstMs = rows.reduce((least, { startMs }) => Math.min(least, startMs), Infinity)
  const lastMs = rows.reduce((most, { startMs }) => Math.max(most, startMs), -Infinity)
  const sizeMs = rows.reduce((least, { endMs, startMs }) => Math.min(least, endMs - startMs), Infinity)
  const windows = (lastMs - firstMs) / Math.max(1, sizeMs) + 1
  const same =
    rows.length * windows > fewPairs
      ? sameWindow
      : `t.window_start <= s.window_start AND t.window_start >= s.window_start
        AND t.store_id <= s.store_id AND t.store_id >= s.store_id`
  return `t.window_start >= epoch_ms(${firstMs}) AND t.window_start <= epoch_ms(${lastMs}) AND ${same}`
}

const updateWindowsSql = (match: string): string => `UPDATE storepulse.windows t
  SET transactions = s.transactions, cents = s.cents, unique_customers = s.unique_customers, revision = s.revision,
    final = s.final
  FROM staged s WHERE ${match} AND t.revision < s.revision`

const insertWindowsSql = `INSERT INTO storepulse.windows
  SELECT window_start, window_end, store_id, transactions, cents, unique_customers, revision, final FROM staged s
  WHERE NOT EXISTS (SELECT 1 FROM storepulse.windows t WHERE ${sameWindow})`

/** Rows that were not taken. Equal revisions are either the row just written, or an old one with other content. */
const dropOlderSql = `DELETE FROM staged s USING storepulse.windows t
  WHERE ${sameWindow} AND (
    t.revision > s.revision OR t.transactions <> s.transactions OR t.cents <> s.cents
    OR t.unique_customers <> s.unique_customers OR t.final <> s.final
  )`

const insertSketchesSql = `INSERT INTO storepulse.sketches
  SELECT window_start, store_id, sketch FROM staged WHERE sketch IS NOT NULL
  ON CONFLICT (window_start, store_id) DO UPDATE SET bytes = excluded.bytes`

const updateSummarySql = (match: string): string => `UPDATE public.transactions_summary t
  SET total_transactions = s.transactions, total_revenue = s.revenue, unique_customers = s.unique_customers,
    avg_transaction_value = s.average
  FROM staged s WHERE s.is_public AND ${match}`

const insertSummarySql = `INSERT INTO public.transactions_summary
  (window_start, window_end, store_id, total_transactions, total_revenue, unique_customers, avg_transaction_value)
  SELECT window_start, window_end, store_id, transactions, revenue, unique_customers, average FROM staged s
  WHERE s.is_public AND NOT EXISTS (SELECT 1 FROM public.transactions_summary t WHERE ${sameWindow})
  ORDER BY window_start, store_id
  ON CONFLICT (window_start, store_id) DO UPDATE
  SET total_transactions = excluded.total_transactions, total_revenue = excluded.total_revenue,
    unique_customers = excluded.unique_customers, avg_transaction_value = excluded.avg_transaction_value`

const findWindowsSql = `SELECT epoch_ms(t.window_start), t.store_id, t.transactions, t.cents::HUGEINT, t.unique_customers,
    t.revision, coalesce(k.bytes, ''::BLOB)
  FROM (SELECT epoch_ms(unnest($1::BIGINT[])) AS window_start, unnest($2::BIGINT[]) AS store_id) s
  JOIN storepulse.windows t ON ${sameWindow}
  LEFT JOIN storepulse.sketches k ON t.final AND k.window_start = t.window_start AND k.store_id = t.store_id`

function listColumns(rows: readonly WindowRow[], finalRowsOnly: boolean): readonly Column[] {
  const summaries = rows.map(({ cents, transactions }) => summarize(cents, transactions))
  return [
    { type: 'timestamp', values: rows.map((row) => row.startMs) },
    { type: 'timestamp', values: rows.map((row) => row.endMs) },
    { type: 'integer', values: rows.map((row) => row.storeId) },
    { type: 'bigint', values: rows.map((row) => row.transactions) },
    { type: 'decimal', width: 38, scale: 0, values: rows.map((row) => row.cents) },
    { type: 'decimal', width: 12, scale: 2, values: summaries.map(({ revenueCents }) => revenueCents) },
    { type: 'decimal', width: 10, scale: 2, values: summaries.map(({ averageCents }) => averageCents) },
    { type: 'integer', values: rows.map((row) => row.uniqueCustomers) },
    { type: 'bigint', values: rows.map((row) => row.revision) },
    { type: 'boolean', values: rows.map((row) => row.final) },
    { type: 'boolean', values: rows.map((row) => row.final || !finalRowsOnly) },
    { type: 'bytes', values: rows.map((row) => (row.final ? row.sketch : null)) },
  ]
}

/** Upserts windows into the app's table and the user's, inside the running transaction. Older revisions change nothing. */
export async function writeWindows(
  session: DuckdbSession,
  rows: readonly WindowRow[],
  finalRowsOnly: boolean,
): Promise<void> {
  if (rows.length === 0) return
  const match = matchWindows(rows)
  await session.run(stageSql)
  await session.append(stagedTable, listColumns(rows, finalRowsOnly))
  let left = rows.length - (await session.run(updateWindowsSql(match)))
  if (left > 0) left -= await session.run(insertWindowsSql)
  const dropped = left > 0 ? await session.run(dropOlderSql) : 0
  if (rows.some((row) => row.final)) await session.run(insertSketchesSql)
  const isPublic = rows.filter((row) => row.final || !finalRowsOnly).length
  if (isPublic === 0) return
  const updated = await session.run(updateSummarySql(match))
  if (dropped > 0 || updated < isPublic) await session.run(insertSummarySql)
}

/** The stored windows that amendments start from, by key. */
export async function findAmended(
  session: DuckdbSession,
  amendments: readonly WindowAmendment[],
): Promise<ReadonlyMap<string, AmendedFrom>> {
  if (amendments.length === 0) return new Map()
  const keys = new Map(amendments.map((amendment) => [formatWindowKey(amendment), amendment]))
  const found = await session.read(
    findWindowsSql,
    [
      { integers: [...keys.values()].map(({ startMs }) => startMs) },
      { integers: [...keys.values()].map(({ storeId }) => storeId) },
    ],
    readAmended,
  )
  return new Map(found)
}
