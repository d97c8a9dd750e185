import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { type GuestResult, runGuestQuery } from '../../../core/duckdb/guest-query.ts'
import type { DuckdbSession } from '../../../core/duckdb/session.ts'
import { faultOf } from '../../support/fault-of.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { openSessions } from './open-session.ts'

const setUp = `CREATE SEQUENCE numbers; CREATE TABLE sales (id INTEGER PRIMARY KEY DEFAULT nextval('numbers'), cents INTEGER);
  INSERT INTO sales (cents) SELECT range FROM range(10)`

const ask = (session: DuckdbSession, sql: string): Promise<GuestResult> =>
  runGuestQuery(session, sql, {
    timeoutMs: 20_000,
    maxRows: 100,
    clock: systemClock,
    signal: new AbortController().signal,
  })

async function openGuest() {
  const directory = makeTemporaryDirectory()
  const [owner, guest] = await openSessions({ file: join(directory, 'guest.db'), sessions: 2, setUp })
  if (!owner || !guest) throw new Error('there are no sessions')
  const describeState = (): Promise<unknown> =>
    owner.read('SELECT count(*), sum(cents), max(id) FROM sales', [], (row) => [
      row.number(0),
      row.number(1),
      row.number(2),
    ])
  return { directory, owner, guest, describeState }
}

it('answers every spelling of a SELECT, and EXPLAIN of one', async () => {
  const { guest } = await openGuest()
  const statements = [
    'SELECT count(*) FROM sales',
    'select 1;',
    'WITH few AS (SELECT * FROM sales LIMIT 3) SELECT sum(cents) FROM few',
    'VALUES (1), (2)',
    'FROM sales SELECT cents LIMIT 1',
    'TABLE sales',
    'SHOW TABLES',
    'DESCRIBE sales',
    'SUMMARIZE sales',
    '-- how many?\nSELECT /* all */ count(*) FROM sales -- done',
    'SELECT * FROM range(3), generate_series(1, 2), unnest([1, 2])',
    'SELECT * FROM duckdb_tables()',
    'EXPLAIN SELECT * FROM sales',
    'explain analyze select * from sales',
    '/* plan */ EXPLAIN -- it\n SELECT 1',
    "SELECT list_transform([1, 2], lambda x: x + 1), 'DROP TABLE sales; --'",
  ]
  for (const sql of statements) expect((await ask(guest, sql)).rows.length, sql).toBeGreaterThan(0)
})

const attacks = [
  "COPY sales TO '{dir}/stolen.csv'",
  "COPY (SELECT 1) TO '/dev/stdout'",
  "COPY sales FROM '{dir}/secret.csv'",
  "SELECT * FROM read_csv('{dir}/secret.csv')",
  "SELECT * FROM '{dir}/secret.csv'",
  'SELECT * FROM "{dir}/secret.csv"',
  "SELECT * FROM read_text('{dir}/secret.csv')",
  "SELECT * FROM read_blob('/etc/passwd')",
  "SELECT * FROM glob('{dir}/*')",
  "SELECT * FROM sniff_csv('{dir}/secret.csv')",
  "SELECT * FROM parquet_metadata('{dir}/secret.csv')",
  "SELECT * FROM query('SELECT 1')",
  "SELECT * FROM query_table('sales')",
  "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
  "ATTACH '{dir}/other.db'",
  'DETACH guest',
  'INSTALL httpfs',
  'LOAD httpfs',
  "LOAD '{dir}/evil.so'",
  'PRAGMA database_size',
  'PRAGMA threads = 4',
  'PRAGMA enable_profiling',
  'SET threads = 4',
  'SET VARIABLE x = 1',
  'RESET threads',
  "SELECT * FROM enable_logging(storage_path = '{dir}/logs')",
  "SELECT * FROM Enable_Logging('QueryLog')",
  "SELECT 1 WHERE EXISTS (SELECT * FROM enable_logging(storage_path = '{dir}/logs'))",
  'WITH x AS (SELECT * FROM enable_profiling()) SELECT * FROM x',
  "SELECT (SELECT count(*) FROM enable_logging(storage_path = '{dir}/logs'))",
  "DESCRIBE SELECT * FROM enable_logging(storage_path = '{dir}/logs')",
  "EXPLAIN ANALYZE SELECT * FROM enable_logging(storage_path = '{dir}/logs')",
  'SELECT * FROM system.main.disable_logging()',
  'SELECT * FROM force_checkpoint()',
  'SELECT * FROM truncate_duckdb_logs()',
  'CALL enable_logging()',
  'CALL force_checkpoint()',
  'CHECKPOINT',
  'VACUUM',
  'CREATE TABLE mine (x INTEGER)',
  'CREATE TEMP TABLE mine (x INTEGER)',
  'CREATE TABLE mine AS SELECT 1',
  'CREATE MACRO f() AS 1',
  'CREATE SECRET s (TYPE s3)',
  'DROP TABLE sales',
  'ALTER TABLE sales ADD COLUMN x INTEGER',
  'TRUNCATE sales',
  'INSERT INTO sales (cents) VALUES (1)',
  'INSERT INTO sales (cents) VALUES (1) RETURNING *',
  'WITH x AS (INSERT INTO sales (cents) VALUES (1) RETURNING *) SELECT * FROM x',
  'UPDATE sales SET cents = 0',
  'DELETE FROM sales',
  'MERGE INTO sales USING sales s ON false WHEN NOT MATCHED THEN INSERT VALUES (99, 1)',
  'EXPLAIN ANALYZE DELETE FROM sales',
  'EXPLAIN ANALYZE INSERT INTO sales (cents) VALUES (1)',
  'EXPLAIN ANALYZE CREATE TEMP TABLE mine (x INTEGER)',
  "EXPLAIN ANALYZE COPY sales TO '{dir}/stolen.csv'",
  'EXPLAIN DELETE FROM sales',
  "SELECT nextval('numbers')",
  "SELECT pg_catalog.nextval('numbers')",
  "SELECT write_log('x')",
  'SELECT sleep_ms(10)',
  'SELECT 1; DROP TABLE sales',
  'SELECT 1; SELECT 2',
  'EXPLAIN SELECT 1; DELETE FROM sales',
  '/* EXPLAIN */ DELETE FROM sales',
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'PREPARE p AS INSERT INTO sales (cents) VALUES (1)',
  'EXECUTE p',
  'USE temp',
  "EXPORT DATABASE '{dir}/dump'",
  "IMPORT DATABASE '{dir}/dump'",
  'PIVOT sales ON cents USING count(*)',
  '',
  '   ;  ',
  '-- nothing',
]

it('refuses everything that could do more than read, and nothing comes of it', async () => {
  const { describeState, directory, guest, owner } = await openGuest()
  writeFileSync(join(directory, 'secret.csv'), 'a,b\n1,2\n')
  const before = await describeState()
  for (const attack of attacks) {
    const fault = await faultOf(ask(guest, attack.replaceAll('{dir}', directory)))
    expect(['refused', 'sql'], attack).toContain(fault.code)
    expect(fault.domain, attack).toBe('user')
    expect(fault.message, attack).not.toContain('\n')
  }
  expect(await describeState()).toEqual(before)
  expect(['stolen.csv', 'other.db', 'logs', 'dump'].filter((name) => existsSync(join(directory, name)))).toEqual([])
  await owner.run('INSERT INTO sales (cents) VALUES (1)')
  expect(await owner.read('SELECT max(id) FROM sales', [], (row) => row.number(0))).toEqual([11])
  expect((await ask(guest, 'SELECT count(*) FROM sales')).rows).toEqual([['11']])
})

it.each([
  ['SELEC 1', 'syntax error at or near "SELEC"'],
  ['SELECT nothing FROM sales', 'Binder Error: Referenced column "nothing" not found in FROM clause!'],
  ['SELECT * FROM nowhere', 'Catalog Error: Table with name nowhere does not exist!'],
  ["SELECT 'x'::INTEGER", 'Conversion Error'],
  ['SELECT 1 +', 'syntax error at end of input'],
])('says in one line what is wrong with %s', async (sql, message) => {
  const { guest } = await openGuest()
  const fault = await faultOf(ask(guest, sql))
  expect(fault).toMatchObject({ code: 'sql', domain: 'user' })
  expect(fault.message).toContain(message)
  expect(fault.message).not.toContain('\n')
})

it('survives a statement nested a thousand deep', async () => {
  const { guest } = await openGuest()
  const deep = `SELECT ${'('.repeat(1_000)}1${')'.repeat(1_000)}`
  const fault = await faultOf(ask(guest, deep).then(() => Promise.reject(new Error('answered')))).catch(() => null)
  if (fault) expect(['sql', 'refused']).toContain(fault.code)
  expect((await ask(guest, 'SELECT 1')).rows).toEqual([[1]])
})
