import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openDuckdb } from '../../../core/duckdb/connection.ts'
import type { DuckdbSession } from '../../../core/duckdb/session.ts'
import { migrateSchema, schemasSql } from '../../../core/warehouse/duckdb/migrate.ts'
import { openDuckdbWarehouse } from '../../../core/warehouse/duckdb/duckdb-warehouse.ts'
import { type Migration, migrations } from '../../../core/warehouse/migrations.ts'
import { faultOf } from '../../support/fault-of.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { exactSketch, makeCommit, startMs, token } from '../../support/warehouse-commits.ts'
import { openSession } from '../duckdb/open-session.ts'
import { openAt } from './open-test-warehouse.ts'

const make = (number: number, sql: string): Migration => ({
  number,
  name: `step${number}`,
  sql,
  checksum: `sum ${sql}`,
})
const one = make(1, 'CREATE TABLE storepulse.one (a INTEGER)')
const two = make(2, 'CREATE TABLE storepulse.two (a INTEGER); INSERT INTO storepulse.two VALUES (1)')

const openEmpty = (): Promise<DuckdbSession> => openSession({ setUp: schemasSql })
const listTables = (session: DuckdbSession): Promise<readonly string[]> =>
  session.read(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'storepulse' ORDER BY 1",
    [],
    (row) => row.text(0),
  )

it('applies what is missing, in order, once', async () => {
  const session = await openEmpty()
  await migrateSchema(session, [one])
  await migrateSchema(session, [one, two])
  await migrateSchema(session, [one, two])
  expect(await listTables(session)).toEqual(['migrations', 'one', 'two'])
  expect(await session.read('SELECT count(*) FROM storepulse.two', [], (row) => row.number(0))).toEqual([1])
  const applied = await session.read('SELECT number, name, checksum FROM storepulse.migrations', [], (row) => [
    row.number(0),
    row.text(1),
    row.text(2),
  ])
  expect(applied).toEqual([
    [1, 'step1', one.checksum],
    [2, 'step2', two.checksum],
  ])
})

it('refuses a schema newer than it knows and changes nothing', async () => {
  const session = await openEmpty()
  await migrateSchema(session, [one, two])
  const fault = await faultOf(migrateSchema(session, [one]))
  expect(fault).toMatchObject({ code: 'warehouse-newer' })
  expect(fault.message).toBe('the warehouse has schema 2 (step2), this program knows up to 1')
  expect(await listTables(session)).toEqual(['migrations', 'one', 'two'])
})

it('refuses a schema under the same number with another text', async () => {
  const session = await openEmpty()
  await migrateSchema(session, [one])
  const changed = make(1, 'CREATE TABLE storepulse.other (a INTEGER)')
  expect(await faultOf(migrateSchema(session, [changed, two]))).toMatchObject({ code: 'warehouse-newer' })
  expect(await listTables(session)).toEqual(['migrations', 'one'])
})

it('leaves nothing of a migration that fails half-way', async () => {
  const session = await openEmpty()
  const broken = make(2, 'CREATE TABLE storepulse.half (a INTEGER); CREATE TABLE storepulse.one (a INTEGER)')
  await expect(migrateSchema(session, [one, broken])).rejects.toThrow(/already exists/)
  expect(await listTables(session)).toEqual(['migrations', 'one'])
  await migrateSchema(session, [one, two])
  expect(await listTables(session)).toEqual(['migrations', 'one', 'two'])
})

it('is numbered from 1 without a gap, each with the hash of its file', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1))
  for (const { name, number, sql } of migrations) {
    expect(sql).toBe(readFileSync(`resources/sql/${String(number).padStart(4, '0')}_${name}.sql`, 'utf8'))
  }
})

it('keeps the hash of each file: a released migration never changes', () => {
  expect(migrations.map(({ checksum }) => checksum)).toEqual([
    '76793eadaacc96e72490d14a67ee619d8f8645b7ac44fcc5b9587167eac30fa2',
    '5a6ae03ed60309b277bb4f7afd9fe8b7169d318ab1b18dc82628b3c5f438b3cc',
    'e80cc67199e1337690e7ab488965061c5fc24c16e3414783d375ca32e5a087a4',
  ])
})

/** What the first release wrote into its tables. */
const firstRows = `
  INSERT INTO public.transactions_summary (window_start, window_end, store_id, total_transactions, total_revenue,
      unique_customers, avg_transaction_value, created_at)
    SELECT t, t + INTERVAL 1 MINUTE, 7, 3, 12.34, 2, 4.11, t + INTERVAL 5 SECOND
    FROM (SELECT TIMESTAMP '2025-01-06 00:00:00' + to_minutes(m) AS t FROM range(3000) r(m));
  INSERT INTO storepulse.windows
    SELECT window_start, window_end, store_id, 3, 1234, 2, 4, true FROM public.transactions_summary;
  INSERT INTO storepulse.sketches SELECT window_start, store_id, 'abc'::BLOB FROM storepulse.windows;
  INSERT INTO storepulse.epochs VALUES (9, 'records',
    '[{"topic":"retail-transactions","partition":0,"from":0,"until":90}]', 0, 90, 90,
    TIMESTAMP '2025-01-06 00:10:00', TIMESTAMP '2025-01-06 00:20:00');
  INSERT INTO storepulse.counters VALUES (1, 'retail-transactions', 'counted', 90), (2, 'retail-transactions',
    'offset/0', 90);
  INSERT INTO storepulse.late VALUES ('retail-transactions', 0, 5, 7, 't-5', TIMESTAMP '2025-01-05 00:00:00', -1250, 77,
    TIMESTAMP '2025-01-06 00:00:00', 9, NULL);
  INSERT INTO storepulse.quarantine VALUES ('customer-events', 3, 6, 'not_json', '', 'xyz'::BLOB, 3, 'ab',
    TIMESTAMP '2025-01-06 00:00:00', 9, TIMESTAMP '2025-01-06 00:30:00');
  INSERT INTO storepulse.owner VALUES (1, 'first', 4711, 'run', TIMESTAMP '2025-01-06 00:00:00',
    TIMESTAMP '2025-01-06 00:40:00');
  INSERT INTO storepulse.settings VALUES ('window.sizeMs', '60000');`
const firstTables = [
  'public.transactions_summary',
  ...['windows', 'sketches', 'epochs', 'counters', 'late', 'quarantine', 'conflicts', 'settings'].map(
    (table) => `storepulse.${table}`,
  ),
]

it('brings a warehouse of the first release up to date, its rows as they were', async () => {
  const file = join(makeTemporaryDirectory(), 'warehouse.db')
  const options = { file, memoryLimitMb: 96, sessions: 1, reachesFiles: false, setUp: schemasSql, setUpSession: '' }
  const before = await openDuckdb(options)
  const [session] = before.sessions
  if (!session) throw new Error('no session')
  await migrateSchema(session, migrations.slice(0, 1))
  await session.run(firstRows)
  const read = (table: string): string => `SELECT t::TEXT FROM ${table} t ORDER BY ALL`
  const rows = await Promise.all(firstTables.map((table) => session.read(read(table), [], (row) => row.text(0))))
  await before.close()

  const warehouse = await openDuckdbWarehouse({ file, sketch: exactSketch })
  onTestFinished(() => warehouse.close())
  await warehouse.migrate()
  const limits = { timeoutMs: 30_000, maxRows: 10_000 }
  for (const [index, table] of firstTables.entries()) {
    expect((await warehouse.query(read(table), limits)).rows.flat()).toEqual(rows[index])
  }
  expect(rows[0]).toHaveLength(3_000)
  const seenAtMs = Date.UTC(2025, 0, 6, 0, 40)
  expect(await warehouse.readOwner()).toMatchObject({ token: 'first', processId: 4711, seenAtMs })
  expect(await warehouse.settle('first')).toMatchObject({ epoch: 9, untilSequence: 90 })
  await warehouse.beat('first', seenAtMs + 1)
  expect(await warehouse.listAlerts(10)).toEqual([])
  await warehouse.claim({ token, processId: 1, command: 'run', atMs: startMs })
  await warehouse.commit(makeCommit(10))
  expect((await warehouse.loadProgress())?.epoch).toBe(10)
})

it('says which schema a newer warehouse has', async () => {
  const file = join(makeTemporaryDirectory(), 'warehouse.db')
  const options = { file, memoryLimitMb: 96, sessions: 1, reachesFiles: false, setUp: schemasSql, setUpSession: '' }
  const database = await openDuckdb(options)
  await database.sessions[0]?.run(`CREATE TABLE storepulse.migrations (number INTEGER, name TEXT, checksum TEXT);
    INSERT INTO storepulse.migrations VALUES (9999, 'later', 'x')`)
  await database.close()
  const fault = await faultOf(openAt(file))
  expect(fault.code).toBe('warehouse-newer')
  expect(fault.message).toContain('9999 (later)')
})
