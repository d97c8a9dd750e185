import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readFileRows } from '../../../core/pipeline/parity/summary-rows.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { faultOf } from '../../support/fault-of.ts'
import { openSession } from '../duckdb/open-session.ts'

const select = `SELECT 1 AS id, TIMESTAMP '2025-01-06 10:00:00' AS window_start, TIMESTAMP '2025-01-06 10:01:00' AS window_end,
  7::INTEGER AS store_id, 3::INTEGER AS total_transactions, 12.5::DECIMAL(12, 2) AS total_revenue,
  2::BIGINT AS unique_customers, NULL::DECIMAL(10, 2) AS avg_transaction_value`

const expected = {
  startMs: Date.UTC(2025, 0, 6, 10),
  endMs: Date.UTC(2025, 0, 6, 10, 1),
  storeId: 7,
  transactions: 3,
  revenue: '12.50',
  customers: 2,
  average: null,
}

const never = new AbortController().signal

it('reads the rows of a table out of CSV, Parquet and DuckDB files alike', async () => {
  const folder = makeTemporaryDirectory()
  const session = await openSession({ reachesFiles: true })
  const [csv, parquet, database] = ['csv', 'parquet', 'duckdb'].map((ending) => join(folder, `rows.${ending}`))
  await session.run(`COPY (${select}) TO '${csv}' (FORMAT csv); COPY (${select}) TO '${parquet}' (FORMAT parquet);
    ATTACH '${database}' AS made; CREATE TABLE made.transactions_summary AS ${select}; DETACH made`)
  for (const file of [csv, parquet, database]) expect(await readFileRows(file ?? '', never)).toEqual([expected])
})

it('takes times with a zone as they are and those without one as UTC', async () => {
  const file = join(makeTemporaryDirectory(), 'rows.csv')
  const rows = ['2025-01-06 12:00:00+02,1', '2025-01-06T10:00:00Z,2', '2025-01-06 10:00:00.000,3', '2025-01-06,4']
  writeFileSync(file, ['window_start,store_id', ...rows].join('\n'))
  const found = await readFileRows(file, never)
  expect(found.map(({ startMs, storeId }) => [startMs, storeId])).toEqual([
    [expected.startMs, 1],
    [expected.startMs, 2],
    [expected.startMs, 3],
    [Date.UTC(2025, 0, 6), 4],
  ])
})

it('refuses a table of other columns', async () => {
  const file = join(makeTemporaryDirectory(), 'rows.csv')
  writeFileSync(file, 'window_start,store\n2025-01-06 10:00:00,1\n')
  expect(await faultOf(readFileRows(file, never))).toMatchObject({ code: 'input', domain: 'user' })
})
