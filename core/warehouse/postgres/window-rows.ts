import { Fault } from '../../base/fault.ts'
import type { WindowAmendment, WindowRow } from '../../events/epoch.ts'
import { type AmendedFrom, formatWindowKey } from '../amend.ts'
import { readAmended } from '../stored-rows.ts'
import { summarize } from '../summary.ts'
import { bytesList, flagList, instantOf, moneyList, msOf, numberList, type Parameter } from './parameter.ts'
import type { PostgresSession } from './session.ts'

/**
 * Window rows are merged by one statement: it updates the windows there are, by key, and inserts the others, so that a
 * number of the user's sequence is only taken for a window that is new. All its parts see the tables as they were before
 * it; the fence keeps other writers of the app's tables out.
 */

/** What is not ours in the user's table, and which windows may be written over it. */
export interface SummaryRules {
  /** Write only final rows to the user's table. */
  readonly finalRowsOnly: boolean
  /** Rows up to this id were there before the table was taken over; 0 where it was not. */
  readonly adoptedId: number
  /** Windows from this instant on were read whole, so that they may replace rows that were there before. */
  readonly wholeFromMs: number | null
  /** Rows of windows that start up to this instant may be older than what the app's own table says. */
  readonly uncheckedMs: number | null
}

/** What `summarize` makes of a window's money, in SQL. */
const money = (cents: string, transactions: string): string =>
  `CASE WHEN ${transactions} >= 1 AND ${cents} BETWEEN -999999999999 AND 999999999999 THEN (${cents} / 100)::decimal(12, 2) END`

/**
 * Parts: `s` the rows; `taken` those that are new or newer than what is stored; `published` those that go to the user's
 * table, with the row there; `foreign_rows` those of them that another writer made or changed.
 */
const mergeSql = `WITH s AS (
    SELECT ${instantOf('start_ms')} AS window_start, ${instantOf('end_ms')} AS window_end, store_id, transactions, cents,
      revenue, average, unique_customers, revision, final, is_public, may_replace, is_checked, sketch
    FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::bigint[], $5::numeric[], $6::numeric[], $7::numeric[],
      $8::integer[], $9::bigint[], $10::boolean[], $11::boolean[], $12::boolean[], $13::boolean[], $14::bytea[])
      AS u(start_ms, end_ms, store_id, transactions, cents, revenue, average, unique_customers, revision, final,
        is_public, may_replace, is_checked, sketch)
  ), taken AS MATERIALIZED (
    SELECT s.*, w.revision IS NOT NULL AS is_known, w.transactions AS old_transactions, w.cents AS old_cents,
      w.unique_customers AS old_customers
    FROM s LEFT JOIN storepulse.windows w ON w.window_start = s.window_start AND w.store_id = s.store_id
    WHERE w.revision IS NULL OR w.revision < s.revision
  ), updated AS (
    UPDATE storepulse.windows w
    SET transactions = t.transactions, cents = t.cents, unique_customers = t.unique_customers, revision = t.revision,
      final = t.final
    FROM taken t WHERE t.is_known AND w.window_start = t.window_start AND w.store_id = t.store_id
  ), inserted AS (
    INSERT INTO storepulse.windows
      (window_start, window_end, store_id, transactions, cents, unique_customers, revision, final)
    SELECT window_start, window_end, store_id, transactions, cents, unique_customers, revision, final
    FROM taken WHERE NOT is_known
  ), sketched AS (
    INSERT INTO storepulse.sketches (window_start, store_id, bytes)
    SELECT window_start, store_id, sketch FROM taken WHERE sketch IS NOT NULL
    ON CONFLICT (window_start, store_id) DO UPDATE SET bytes = excluded.bytes
  ), published AS MATERIALIZED (
    SELECT t.window_start, t.window_end, t.store_id, t.transactions, t.revenue, t.average, t.unique_customers,
      t.may_replace, t.is_checked, t.is_known, t.old_transactions, t.old_cents, t.old_customers,
      p.id, p.id <= $15::bigint AS is_adopted, p.total_transactions, p.total_revenue,
      p.unique_customers AS public_customers
    FROM taken t
    LEFT JOIN public.transactions_summary p ON p.window_start = t.window_start AND p.store_id = t.store_id
    WHERE t.is_public
  ), foreign_rows AS (
    SELECT window_start, store_id FROM published
    WHERE id IS NOT NULL AND NOT is_adopted AND is_checked AND (
      NOT is_known
      OR total_transactions IS DISTINCT FROM old_transactions
      OR total_revenue IS DISTINCT FROM ${money('old_cents', 'old_transactions')}
      OR public_customers IS DISTINCT FROM old_customers
    )
  ), summary_updated AS (
    UPDATE public.transactions_summary p
    SET total_transactions = t.transactions, total_revenue = t.revenue, unique_customers = t.unique_customers,
      avg_transaction_value = t.average
    FROM published t WHERE p.id = t.id AND (NOT t.is_adopted OR t.may_replace)
  ), summary_inserted AS (
    INSERT INTO public.transactions_summary
      (window_start, window_end, store_id, total_transactions, total_revenue, unique_customers, avg_transaction_value)
    SELECT window_start, window_end, store_id, transactions, revenue, unique_customers, average
    FROM published WHERE id IS NULL ORDER BY window_start, store_id
    ON CONFLICT (window_start, store_id) DO UPDATE
    SET total_transactions = excluded.total_transactions, total_revenue = excluded.total_revenue,
      unique_customers = excluded.unique_customers, avg_transaction_value = excluded.avg_transaction_value
  )
  SELECT ${msOf('window_start')}, store_id FROM foreign_rows ORDER BY 1, 2 LIMIT 1`

/** One row a window, the newest revision of it; by start, then store, as every writer takes its locks. */
function mergeByKey(rows: readonly WindowRow[]): readonly WindowRow[] {
  const merged = new Map<string, WindowRow>()
  for (const row of rows) {
    const key = formatWindowKey(row)
    const other = merged.get(key)
    if (!other || other.revision < row.revision) merged.set(key, row)
  }
  return [...merged.values()].sort((left, right) => left.startMs - right.startMs || left.storeId - right.storeId)
}

/** Whether `avg_transaction_value decimal(10, 2)` can hold it: one sale's amount always, and so every average of some. */
const hasRoom = (cents: bigint | null): boolean => cents !== null && cents < 10_000_000_000n && cents > -10_000_000_000n

function listParameters(rows: readonly WindowRow[], rules: SummaryRules): readonly Parameter[] {
  const { adoptedId, finalRowsOnly, uncheckedMs, wholeFromMs } = rules
  const summaries = rows.map(({ cents, transactions }) => summarize(cents, transactions))
  return [
    numberList(rows.map(({ startMs }) => startMs)),
    numberList(rows.map(({ endMs }) => endMs)),
    numberList(rows.map(({ storeId }) => storeId)),
    numberList(rows.map(({ transactions }) => transactions)),
    numberList(rows.map(({ cents }) => cents)),
    moneyList(summaries.map(({ revenueCents }) => revenueCents)),
    moneyList(summaries.map(({ averageCents }) => (hasRoom(averageCents) ? averageCents : null))),
    numberList(rows.map(({ uniqueCustomers }) => uniqueCustomers)),
    numberList(rows.map(({ revision }) => revision)),
    flagList(rows.map(({ final }) => final)),
    flagList(rows.map(({ final }) => final || !finalRowsOnly)),
    flagList(rows.map(({ startMs }) => wholeFromMs !== null && startMs >= wholeFromMs)),
    flagList(rows.map(({ startMs }) => uncheckedMs === null || startMs > uncheckedMs)),
    bytesList(rows.map(({ final, sketch }) => (final ? sketch : null))),
    String(adoptedId),
  ]
}

/** Sketches are a kilobyte or so each: a statement stays far below what the server takes. */
const mostRows = 10_000

/**
 * Upserts windows into the app's table and the user's, inside the running transaction. Older revisions change nothing.
 *
 * @throws Fault `owned` where a row of the user's table is not as it was left
 */
export async function writeWindows(
  session: PostgresSession,
  rows: readonly WindowRow[],
  rules: SummaryRules,
): Promise<void> {
  const merged = mergeByKey(rows)
  for (let from = 0; from < merged.length; from += mostRows) {
    const piece = merged.slice(from, from + mostRows)
    const [foreign] = await session.read(mergeSql, listParameters(piece, rules), (row) => ({
      startMs: row.number(0),
      storeId: row.number(1),
    }))
    if (foreign) throw refuseForeign(foreign.startMs, foreign.storeId)
  }
}

function refuseForeign(startMs: number, storeId: number): Fault {
  const window = new Date(startMs).toISOString()
  return new Fault(
    'owned',
    `transactions_summary is written by somebody else too: the row of store ${storeId} at ${window} was changed`,
    {
      domain: 'user',
      hint: 'stop the other job or choose another database; a row that is deleted is written again',
      detail: { storeId, window },
    },
  )
}

const findWindowsSql = `SELECT ${msOf('w.window_start')}, w.store_id, w.transactions, w.cents, w.unique_customers,
    w.revision, coalesce(k.bytes, ''::bytea)
  FROM unnest($1::bigint[], $2::integer[]) AS s(start_ms, store_id)
  JOIN storepulse.windows w ON w.window_start = ${instantOf('s.start_ms')} AND w.store_id = s.store_id
  LEFT JOIN storepulse.sketches k ON w.final AND k.window_start = w.window_start AND k.store_id = w.store_id`

/** The stored windows that amendments start from, by key. */
export async function findAmended(
  session: PostgresSession,
  amendments: readonly WindowAmendment[],
): Promise<ReadonlyMap<string, AmendedFrom>> {
  if (amendments.length === 0) return new Map()
  const keys = [...new Map(amendments.map((amendment) => [formatWindowKey(amendment), amendment])).values()]
  const found = await session.read(
    findWindowsSql,
    [numberList(keys.map(({ startMs }) => startMs)), numberList(keys.map(({ storeId }) => storeId))],
    readAmended,
  )
  return new Map(found)
}
