import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDuckdb } from '../../../core/duckdb/connection.ts'
import { lockFile } from '../../../core/duckdb/file-lock.ts'
import { faultOf } from '../../support/fault-of.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { openSession, openSessions } from './open-session.ts'

const options = (file: string) => ({
  file,
  memoryLimitMb: 96,
  sessions: 1,
  reachesFiles: false,
  setUp: '',
  setUpSession: '',
})

/** Opens the file from another process and says what came of it. */
function openElsewhere(file: string): string {
  const script = `const { DuckDBInstance } = require('@duckdb/node-api')
    DuckDBInstance.create(${JSON.stringify(file)}).then(() => console.log('opened'), (error) => console.log(error.message))`
  return spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: process.cwd() }).stdout
}

it('holds the file against this process and others until it is closed', async () => {
  const file = join(makeTemporaryDirectory(), 'one.db')
  const first = await openDuckdb(options(file))
  expect(await faultOf(openDuckdb(options(file)))).toMatchObject({ code: 'owned' })
  expect(openElsewhere(file)).toMatch(/lock/)
  await first.close()
  await first.close()
  expect(openElsewhere(file)).toBe('opened\n')
  await (await openDuckdb(options(file))).close()
})

it('closes while a statement runs', async () => {
  const database = await openDuckdb({ ...options(join(makeTemporaryDirectory(), 'one.db')), sessions: 2 })
  const session = database.sessions[1]
  const running = session?.turn(() => session.run('SELECT count(*) FROM range(1000000000000)'))
  await Promise.all([expect(running).rejects.toThrow(/interrupt/i), database.close()])
})

it('refuses what is no database and leaves it as it is', async () => {
  const file = join(makeTemporaryDirectory(), 'one.db')
  writeFileSync(file, 'x'.repeat(50_000))
  expect(await faultOf(openDuckdb(options(file)))).toMatchObject({ code: 'warehouse-damaged' })
  expect(readFileSync(file, 'utf8')).toBe('x'.repeat(50_000))
})

it('says that the directory is not there, or that the file is none', async () => {
  const directory = makeTemporaryDirectory()
  expect(await faultOf(openDuckdb(options(join(directory, 'no', 'one.db'))))).toMatchObject({ code: 'data-directory' })
  mkdirSync(join(directory, 'one.db'))
  expect((await faultOf(openDuckdb(options(join(directory, 'one.db'))))).code).not.toBe('owned')
})

it('locks its settings and keeps other files out', async () => {
  const session = await openSession()
  await expect(session.run('SET threads = 4')).rejects.toThrow(/locked/)
  await expect(session.run("SELECT * FROM read_text('/etc/hostname')")).rejects.toThrow(/disabled by configuration/)
})

it('runs every statement against the table as it is now', async () => {
  const [writer, reader] = await openSessions({ sessions: 2, setUp: 'CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT)' })
  const newest = (): Promise<readonly unknown[]> | undefined =>
    reader?.transaction(() =>
      reader.read('SELECT a, b FROM t WHERE a >= $1 ORDER BY a DESC LIMIT 1', [0], (row) => [
        row.number(0),
        row.text(1),
      ]),
    )
  const touched = (): Promise<number> | undefined => writer?.run('UPDATE t SET b = b WHERE a > 1000')
  expect([await newest(), await touched()]).toEqual([[], 0])
  for (const a of [1, 300, 70_000, 5_000_000_000_000]) {
    const b = `text number ${a}`.repeat(a > 300 ? 3 : 1)
    await writer?.run('INSERT INTO t VALUES ($1, $2)', [a, b])
    expect(await newest()).toEqual([[a, b]])
  }
  expect(await touched()).toBe(2)
})

it('appends every type of column, over several chunks', async () => {
  const session = await openSession({
    setUp: `CREATE TABLE t (instant TIMESTAMP, small INTEGER, large BIGINT, money DECIMAL(38, 0), flag BOOLEAN, text TEXT, bytes BLOB)`,
  })
  const count = 5_000
  const make = <Value>(one: (index: number) => Value): (Value | null)[] =>
    Array.from({ length: count }, (_, index) => (index === 7 ? null : one(index)))
  await session.transaction(() =>
    session.append({ catalog: null, schema: 'main', table: 't' }, [
      { type: 'timestamp', values: make((index) => index * 1_000 - 5_000) },
      { type: 'integer', values: make((index) => -index) },
      { type: 'bigint', values: make((index) => index * 2 ** 40) },
      { type: 'decimal', width: 38, scale: 0, values: make((index) => BigInt(index) * 10n ** 30n) },
      { type: 'boolean', values: make((index) => index % 2 === 0) },
      { type: 'text', values: make((index) => `naïve ${index}`) },
      { type: 'bytes', values: make((index) => Uint8Array.of(index & 0xff, 0)) },
    ]),
  )
  const rows = await session.read(
    'SELECT epoch_ms(instant), small, large, money::HUGEINT, flag, text, bytes FROM t WHERE instant IS NOT NULL',
    [],
    (row) => [row.number(0), row.number(1), row.number(2), row.bigint(3), row.flag(4), row.text(5), [...row.bytes(6)]],
  )
  expect(rows).toHaveLength(count - 1)
  expect(rows[4_000]).toEqual([
    4_001 * 1_000 - 5_000,
    -4_001,
    4_001 * 2 ** 40,
    4_001n * 10n ** 30n,
    false,
    'naïve 4001',
    [4_001 & 0xff, 0],
  ])
})

it('rolls a transaction back whose work fails, and goes on', async () => {
  const session = await openSession({ setUp: 'CREATE TABLE t (a INTEGER PRIMARY KEY)' })
  const failing = session.transaction(async () => {
    await session.append({ catalog: null, schema: 'main', table: 't' }, [{ type: 'integer', values: [1, 2] }])
    await session.run('INSERT INTO t VALUES (1)')
  })
  await expect(failing).rejects.toThrow(/constraint/i)
  expect(await session.read('SELECT count(*) FROM t', [], (row) => row.number(0))).toEqual([0])
  await session.transaction(() => session.run('INSERT INTO t VALUES (1)'))
  expect(await session.read('SELECT count(*) FROM t', [], (row) => row.number(0))).toEqual([1])
})

it('gives a file lock to one holder at a time', async () => {
  const path = join(makeTemporaryDirectory(), 'owner.lock')
  const lock = await lockFile(path)
  expect(openElsewhere(path)).toMatch(/lock/)
  lock?.release()
  expect(openElsewhere(path)).toBe('opened\n')
})
