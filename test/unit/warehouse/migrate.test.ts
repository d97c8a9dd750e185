import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDuckdb } from '../../../core/duckdb/connection.ts'
import type { DuckdbSession } from '../../../core/duckdb/session.ts'
import { migrateSchema, schemasSql } from '../../../core/warehouse/duckdb/migrate.ts'
import { type Migration, migrations } from '../../../core/warehouse/duckdb/migrations.ts'
import { faultOf } from '../../support/fault-of.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
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

it('keeps the hash of the first file: a released migration never changes', () => {
  expect(migrations[0]?.checksum).toMatchInlineSnapshot(
    `"76793eadaacc96e72490d14a67ee619d8f8645b7ac44fcc5b9587167eac30fa2"`,
  )
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
