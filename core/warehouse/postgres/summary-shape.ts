import { Fault } from '../../base/fault.ts'
import type { PostgresSession } from './session.ts'

/** Columns of the user's table by name, with the types they may have. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  id: ['integer', 'bigint'],
  window_start: ['timestamp without time zone'],
  window_end: ['timestamp without time zone'],
  store_id: ['integer'],
  total_transactions: ['integer', 'bigint'],
  total_revenue: ['numeric'],
  unique_customers: ['integer', 'bigint'],
  avg_transaction_value: ['numeric'],
}

/** What is in the way of writing to the user's table, a sentence each. */
export async function findShapeProblems(session: PostgresSession): Promise<readonly string[]> {
  const columns = new Map(
    await session.read(
      `SELECT column_name, data_type, column_default IS NOT NULL OR is_identity = 'YES' FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = 'transactions_summary'`,
      [],
      (row) => [row.text(0), { type: row.text(1), hasDefault: row.flag(2) }] as const,
    ),
  )
  const problems = Object.entries(wanted).flatMap(([name, types]) => {
    const column = columns.get(name)
    if (!column) return [`there is no column ${name}`]
    return types.includes(column.type) ? [] : [`column ${name} is ${column.type}, not ${types[0] ?? ''}`]
  })
  if (columns.has('id') && columns.get('id')?.hasDefault === false) problems.push('column id has no default')
  const [unique] = await session.read(
    `SELECT EXISTS (
      SELECT FROM pg_index i
      WHERE i.indrelid = 'public.transactions_summary'::regclass AND i.indisunique AND i.indpred IS NULL
        AND (SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a
          WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)) = ARRAY['store_id', 'window_start']
    )`,
    [],
    (row) => row.flag(0),
  )
  if (unique !== true) problems.push('there is no UNIQUE (window_start, store_id)')
  return problems
}

/** @throws Fault `setting` where the table cannot be written to */
export async function checkSummaryShape(session: PostgresSession): Promise<void> {
  const problems = await findShapeProblems(session)
  if (problems.length === 0) return
  throw new Fault('setting', `public.transactions_summary has another shape: ${problems.join(', ')}`, {
    domain: 'user',
    hint: 'alter the table, or choose another database',
  })
}
