import { expect, it } from 'vitest'
import { makeCommit, makeRow, startMs, windowSizeMs } from '../../support/warehouse-commits.ts'
import { openTestWarehouse } from './open-test-warehouse.ts'

const columns = `SELECT column_name, data_type, is_nullable FROM information_schema.columns
  WHERE table_schema = 'public' AND table_name = 'transactions_summary' ORDER BY ordinal_position`

it('has the columns everyone knows', async () => {
  const { select } = await openTestWarehouse()
  expect(await select(columns)).toEqual([
    ['id', 'INTEGER', 'NO'],
    ['window_start', 'TIMESTAMP', 'NO'],
    ['window_end', 'TIMESTAMP', 'NO'],
    ['store_id', 'INTEGER', 'NO'],
    ['total_transactions', 'INTEGER', 'YES'],
    ['total_revenue', 'DECIMAL(12,2)', 'YES'],
    ['unique_customers', 'INTEGER', 'YES'],
    ['avg_transaction_value', 'DECIMAL(10,2)', 'YES'],
    ['created_at', 'TIMESTAMP', 'YES'],
  ])
  expect(await select("SELECT index_name FROM duckdb_indexes() WHERE table_name = 'transactions_summary'")).toEqual([
    ['idx_window_start'],
  ])
})

it('shows a window in money and UTC', async () => {
  const { select, warehouse } = await openTestWarehouse()
  await warehouse.commit(makeCommit(1, { rows: [makeRow({ transactions: 3, cents: 1_000n, uniqueCustomers: 2 })] }))
  const sql = `SELECT id, window_start, window_end, store_id, total_transactions, total_revenue, unique_customers,
    avg_transaction_value FROM transactions_summary`
  expect(await select(sql)).toEqual([
    [1, '2025-01-06T00:00:00.000Z', '2025-01-06T00:01:00.000Z', 1, 3, '10.00', 2, '3.33'],
  ])
})

it('has no money where its columns cannot hold it, and the exact sum beside it', async () => {
  const { select, warehouse } = await openTestWarehouse()
  await warehouse.commit(makeCommit(1, { rows: [makeRow({ cents: 1_000_000_000_000n })] }))
  expect(await select('SELECT total_revenue, avg_transaction_value FROM transactions_summary')).toEqual([[null, null]])
  expect(await select('SELECT cents FROM windows')).toEqual([['1000000000000']])
  await warehouse.commit(makeCommit(2, { rows: [makeRow({ revision: 2, cents: 999_999_999_999n })] }))
  expect(await select('SELECT total_revenue FROM transactions_summary')).toEqual([['9999999999.99']])
})

it('keeps id and created_at over any number of upserts', async () => {
  const { select, warehouse } = await openTestWarehouse()
  await warehouse.commit(makeCommit(1, { rows: [makeRow(), makeRow({ storeId: 2 })] }))
  const before = await select('SELECT id, created_at FROM transactions_summary ORDER BY id')
  for (let epoch = 2; epoch < 12; epoch += 1) {
    await warehouse.commit(makeCommit(epoch, { rows: [makeRow({ revision: epoch, transactions: epoch })] }))
  }
  await warehouse.commit(
    makeCommit(12, {
      amendments: [
        {
          storeId: 2,
          startMs,
          endMs: startMs + windowSizeMs,
          transactions: 1,
          cents: 1n,
          customerHashHigh: 1,
          customerHashLow: 1,
        },
      ],
    }),
  )
  expect(await select('SELECT id, created_at FROM transactions_summary ORDER BY id')).toEqual(before)
  expect(before.map(([id]) => id)).toEqual([1, 2])
  const recent = "SELECT count(*) FROM transactions_summary WHERE created_at > now()::TIMESTAMP - INTERVAL '1 minute'"
  expect(await select(recent)).toEqual([['2']])
})

it('takes no number from the sequence for a window it knows', async () => {
  const { select, warehouse } = await openTestWarehouse()
  await warehouse.commit(makeCommit(1, { rows: [makeRow()] }))
  for (let epoch = 2; epoch < 30; epoch += 1) {
    await warehouse.commit(makeCommit(epoch, { rows: [makeRow({ revision: epoch })] }))
  }
  await warehouse.commit(makeCommit(30, { rows: [makeRow({ revision: 30 }), makeRow({ storeId: 2 })] }))
  expect(await select('SELECT max(id) FROM transactions_summary')).toEqual([[2]])
})

it('shows provisional windows only where they are to be shown', async () => {
  const { select, warehouse } = await openTestWarehouse()
  const rows = [makeRow(), makeRow({ storeId: 2 }), makeRow({ storeId: 3, final: true })]
  await warehouse.commit(makeCommit(1, { rows, finalRowsOnly: true }))
  const stores = 'SELECT store_id FROM transactions_summary ORDER BY store_id'
  expect(await select(stores)).toEqual([[3]])
  // One row too old, one still provisional, one to insert, one to update.
  const next = [
    makeRow({ revision: 0 }),
    makeRow({ storeId: 2, revision: 2, final: true }),
    makeRow({ storeId: 3, revision: 2, final: true }),
    makeRow({ storeId: 4 }),
  ]
  await warehouse.commit(makeCommit(2, { rows: next, finalRowsOnly: true }))
  expect(await select(stores)).toEqual([[2], [3]])
})

it('counts with integer division and in UTC', async () => {
  const { select } = await openTestWarehouse()
  expect(await select("SELECT 7 / 2, current_setting('TimeZone'), '2025-01-06 12:00:00+02'::TIMESTAMPTZ")).toEqual([
    [3, 'UTC', '2025-01-06T10:00:00.000Z'],
  ])
})

it('has offsets, owner and settings to look at', async () => {
  const { select, warehouse } = await openTestWarehouse()
  await warehouse.commit(makeCommit(4))
  expect(await select('SELECT * FROM storepulse.offsets')).toEqual([['retail-transactions', 0, '40']])
  expect(await select('SELECT * FROM settings')).toEqual([['window.sizeMs', '60000']])
  expect(await select('SELECT fencing_token, process_id, command, claimed_at, committed_at FROM owner')).toEqual([
    ['first', '1', 'run', '2025-01-06T00:00:00.000Z', '2025-01-06T00:00:00.400Z'],
  ])
})
