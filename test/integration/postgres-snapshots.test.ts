import { expect, it } from 'vitest'
import type { Snapshot, Warehouse } from '../../core/warehouse/warehouse.ts'
import { faultOf } from '../support/fault-of.ts'
import { useEmptyDatabase } from '../support/postgres-warehouse.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeCommit, makeRow, token } from '../support/warehouse-commits.ts'

/** State that does not pack: as many megabytes as there are. */
function makeSnapshot(epoch: number, megabytes: number): Snapshot {
  const state = new Uint8Array(megabytes * 1_048_576)
  let word = epoch
  for (let index = 0; index < state.length; index += 1) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) | 0
    state[index] = word >>> 24
  }
  return { epoch, offsets: [{ topic: 'retail-transactions', partition: 3, offset: 9 }], untilSequence: epoch, state }
}

/** Saves one after the other, however long each takes. */
async function save(warehouse: Warehouse, snapshot: Snapshot): Promise<void> {
  await warehouse.loadSnapshots()
  await warehouse.saveSnapshot(snapshot)
}

describeWithServices('recovery snapshots in PostgreSQL', ['postgres'], () => {
  it('come back as they were, in pieces of a megabyte at most', async () => {
    const database = await useEmptyDatabase()
    const warehouse = await database.openClaimed()
    const saved = [makeSnapshot(1, 3), makeSnapshot(2, 0), makeSnapshot(3, 5)]
    for (const snapshot of saved) await save(warehouse, snapshot)
    const loaded = await warehouse.loadSnapshots()
    expect(loaded.map(({ epoch }) => epoch)).toEqual([3, 2])
    expect(Buffer.from(loaded[0]?.state ?? []).equals(Buffer.from(saved[2]?.state ?? []))).toBe(true)
    expect(loaded[0]?.offsets).toEqual(saved[2]?.offsets)
    expect(loaded[1]?.state).toHaveLength(0)
    expect(database.sql('SELECT max(length(bytes)) <= 1048576 FROM storepulse.snapshots')).toBe('t')
    expect(database.sql('SELECT count(DISTINCT epoch) FROM storepulse.snapshots')).toBe('2')
  })

  it('hold no commit up', async () => {
    const database = await useEmptyDatabase()
    const warehouse = await database.openClaimed()
    await warehouse.commit(makeCommit(1))
    await warehouse.saveSnapshot(makeSnapshot(1, 24))
    let isWritten = false
    const writing = warehouse.loadSnapshots().finally(() => {
      isWritten = true
    })
    let commits = 1
    while (!isWritten) {
      commits += 1
      await warehouse.commit(makeCommit(commits, { rows: [makeRow({ revision: commits })] }))
    }
    expect(commits).toBeGreaterThan(4)
    expect((await writing).map(({ epoch }) => epoch)).toEqual([1])
  })

  it('are none where a piece is missing or damaged', async () => {
    const database = await useEmptyDatabase()
    const warehouse = await database.openClaimed()
    for (const epoch of [1, 2]) await save(warehouse, makeSnapshot(epoch, 3))
    await warehouse.loadSnapshots()
    database.sql('DELETE FROM storepulse.snapshots WHERE epoch = 2 AND piece = 1')
    expect((await warehouse.loadSnapshots()).map(({ epoch }) => epoch)).toEqual([1])
    database.sql("UPDATE storepulse.snapshots SET bytes = overlay(bytes PLACING 'xx' FROM 9000) WHERE piece = 1")
    expect(await warehouse.loadSnapshots()).toEqual([])
    // A newer one that is whole sweeps up what was never finished.
    for (const epoch of [3, 4]) await save(warehouse, makeSnapshot(epoch, 1))
    expect((await warehouse.loadSnapshots()).map(({ epoch }) => epoch)).toEqual([4, 3])
    expect(database.sql('SELECT string_agg(DISTINCT epoch::text, $$,$$) FROM storepulse.snapshots')).toBe('3,4')
  })

  it('say at the next one that the last could not be written', async () => {
    const database = await useEmptyDatabase()
    const warehouse = await database.openClaimed()
    database.sql('ALTER TABLE storepulse.snapshots RENAME TO elsewhere')
    await warehouse.saveSnapshot(makeSnapshot(1, 1))
    const fault = await faultOf(warehouse.saveSnapshot(makeSnapshot(2, 1)))
    expect(fault.message).toMatch(/^a recovery snapshot could not be written/)
    database.sql('ALTER TABLE storepulse.elsewhere RENAME TO snapshots')
    await warehouse.beat(token, 1)
    await faultOf(warehouse.saveSnapshot(makeSnapshot(3, 1))).catch(() => undefined)
    await warehouse.saveSnapshot(makeSnapshot(4, 1))
    expect((await warehouse.loadSnapshots()).map(({ epoch }) => epoch)).toContain(4)
  })
})
