import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import type { Fault } from '../../../core/base/fault.ts'
import { moveDamagedWarehouseAside } from '../../../core/warehouse/duckdb/damaged.ts'
import { openDuckdbWarehouse } from '../../../core/warehouse/duckdb/duckdb-warehouse.ts'
import { faultOf } from '../../support/fault-of.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { exactSketch, makeCommit, makeRow, startMs } from '../../support/warehouse-commits.ts'
import { openAt, openTestWarehouse } from './open-test-warehouse.ts'

async function makeStoredFile(): Promise<string> {
  const { file, warehouse } = await openTestWarehouse()
  const rows = Array.from({ length: 5_000 }, (_, index) =>
    makeRow({ storeId: index + 1, cents: BigInt(index * 7_919), final: true }),
  )
  await warehouse.commit(makeCommit(1, { rows }))
  await warehouse.close()
  return file
}

/** Opens the file and reads all of it. */
async function readAll(file: string): Promise<void> {
  const warehouse = await openAt(file)
  await warehouse.loadProgress()
  await warehouse.listWindows(0, Infinity)
  await warehouse.readStats()
}

const findFault = (file: string): Promise<Fault | null> =>
  readAll(file).then(
    () => null,
    (error: unknown) => faultOf(Promise.reject(error)),
  )

it('calls a file of something else damaged and leaves it as it is', async () => {
  const file = join(makeTemporaryDirectory(), 'warehouse.db')
  writeFileSync(file, 'PRETEND'.repeat(10_000))
  expect(await findFault(file)).toMatchObject({ code: 'warehouse-damaged' })
  expect(readFileSync(file, 'utf8')).toBe('PRETEND'.repeat(10_000))
})

it('calls a file that was cut damaged, at opening or at reading', async () => {
  for (const share of [0.1, 0.5, 0.9]) {
    const file = await makeStoredFile()
    truncateSync(file, Math.floor(statSync(file).size * share))
    expect(await findFault(file), `cut to ${share}`).toMatchObject({ code: 'warehouse-damaged', retry: false })
  }
})

it('calls a file with a flipped byte damaged wherever DuckDB looks at it', async () => {
  const file = await makeStoredFile()
  const whole = readFileSync(file)
  const folder = makeTemporaryDirectory()
  let seen = 0
  for (let at = 4_096 * 3 + 100; at < whole.length; at += 262_144) {
    const copy = join(folder, `${at}`, 'warehouse.db')
    mkdirSync(dirname(copy))
    const bytes = Buffer.from(whole)
    for (let index = at; index < at + 64; index += 1) bytes[index] = (bytes[index] ?? 0) ^ 0xff
    writeFileSync(copy, bytes)
    const fault = await findFault(copy)
    if (fault) {
      expect(fault.code, `byte ${at}`).toBe('warehouse-damaged')
      seen += 1
    }
  }
  expect(seen).toBeGreaterThan(0)
})

it('says that it is open elsewhere', async () => {
  const { file } = await openTestWarehouse()
  expect(await faultOf(openAt(file))).toMatchObject({ code: 'owned' })
})

it('makes the folder of its file, or says that it cannot', async () => {
  const folder = makeTemporaryDirectory()
  await openAt(join(folder, 'a', 'b', 'warehouse.db'))
  writeFileSync(join(folder, 'file'), '')
  const opening = openDuckdbWarehouse({ file: join(folder, 'file', 'warehouse.db'), sketch: exactSketch })
  expect((await faultOf(opening)).message).toContain('could not be made')
})

it('moves a damaged warehouse aside with everything that belongs to it', async () => {
  const file = await makeStoredFile()
  const folder = dirname(file)
  writeFileSync(`${file}.wal`, 'wal')
  mkdirSync(join(folder, 'snapshots'))
  writeFileSync(join(folder, 'snapshots', '1.snapshot'), 'state')
  const moved = await moveDamagedWarehouseAside(file, startMs)
  expect(moved).toEqual({
    file: join(folder, 'warehouse.damaged-2025-01-06T00-00-00-000Z.db'),
    writeAheadLog: join(folder, 'warehouse.damaged-2025-01-06T00-00-00-000Z.db.wal'),
    snapshots: join(folder, 'snapshots.damaged-2025-01-06T00-00-00-000Z'),
  })
  expect([file, `${file}.wal`, join(folder, 'snapshots')].filter((path) => existsSync(path))).toEqual([])
  expect(existsSync(join(folder, 'snapshots.damaged-2025-01-06T00-00-00-000Z', '1.snapshot'))).toBe(true)
})

it('still reads what was moved aside, where that can be read, beside a new warehouse', async () => {
  const file = await makeStoredFile()
  const moved = await moveDamagedWarehouseAside(file, startMs)
  expect(moved).toMatchObject({ writeAheadLog: null, snapshots: null })
  const old = await openAt(moved.file)
  const next = await openAt(file)
  expect(await old.listWindows(0, Infinity)).toHaveLength(5_000)
  expect(await next.loadProgress()).toBeNull()
})
