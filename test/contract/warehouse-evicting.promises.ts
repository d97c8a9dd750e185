import { describe, expect, it } from 'vitest'
import type { RecordRef } from '../../core/events/record.ts'
import { salesTopic } from '../../core/events/topics.ts'
import type { PruneBounds, Warehouse } from '../../core/warehouse/warehouse.ts'
import { makeCommit, makeLate, makeQuarantined, startMs } from '../support/warehouse-commits.ts'
import type { OpenWarehouse } from './warehouse.promises.ts'

const boundless: PruneBounds = {
  windowsBeforeMs: null,
  lateRows: 1_000,
  quarantineRows: 1_000,
  evictedRows: 1_000,
  heldFrom: [],
  epochsBelowSequence: 0,
  epochRows: 1_000,
  alertRows: 1_000,
  trendsBeforeMs: 0,
}
const noRows = { kept: 0, evicted: 0, purged: 0 }
const page = { limit: 100, offset: 0 }

/** Six late sales of two stores, four rejected records and three conflicts, in three epochs. */
async function fill(warehouse: Warehouse): Promise<void> {
  const late = [1, 2, 3, 4, 5, 6].map((offset) =>
    makeLate(offset, { storeId: offset <= 2 ? 9 : 3, cents: offset * 100 }),
  )
  const rejected = [1, 2, 3, 4].map((offset) =>
    makeQuarantined(offset, { reason: offset === 1 ? 'not_json' : 'bad_time' }),
  )
  const conflict = (offset: number) => ({ ref: makeLate(offset).ref, id: `id ${offset}'; --\u0000` })
  await warehouse.commit(
    makeCommit(1, { late: late.slice(0, 3), quarantined: rejected.slice(0, 2), conflicts: [conflict(11)] }),
  )
  await warehouse.commit(makeCommit(2, { late: late.slice(3), quarantined: rejected.slice(2) }))
  await warehouse.commit(makeCommit(3, { conflicts: [conflict(12), conflict(13)] }))
}

const lateSums = [
  { storeId: 3, records: 4, cents: 1_800n, readmitted: 0, readmittedCents: 0n },
  { storeId: 9, records: 2, cents: 300n, readmitted: 0, readmittedCents: 0n },
]

/** What every warehouse promises of rows that leave their ledger: none is uncounted, and some can still be found. */
export function promiseEvicting(name: string, open: OpenWarehouse): void {
  describe(`${name}: sums of the ledgers`, () => promiseSums(open))
  describe(`${name}: rows beyond their bound`, () => promiseEvicted(open))
}

function promiseSums(open: OpenWarehouse): void {
  it('are nothing at first', async () => {
    const { warehouse } = await open()
    expect(await warehouse.sumLedgers()).toEqual({
      late: [],
      rows: { late: noRows, quarantine: noRows, conflicts: noRows },
    })
  })

  it('say how many late sales each store has, and how much money', async () => {
    const { warehouse } = await open()
    await fill(warehouse)
    const { late, rows } = await warehouse.sumLedgers()
    expect(late).toEqual(lateSums)
    expect(rows).toEqual({
      late: { ...noRows, kept: 6 },
      quarantine: { ...noRows, kept: 4 },
      conflicts: { ...noRows, kept: 3 },
    })
  })

  it('tell what counts after all from what does not', async () => {
    const { warehouse } = await open()
    await fill(warehouse)
    await warehouse.commit(makeCommit(4, { readmitted: [makeLate(1).ref, makeLate(6).ref] }))
    expect((await warehouse.sumLedgers()).late).toEqual([
      { storeId: 3, records: 3, cents: 1_200n, readmitted: 1, readmittedCents: 600n },
      { storeId: 9, records: 1, cents: 200n, readmitted: 1, readmittedCents: 100n },
    ])
  })

  it('count what was purged, and survive a reopening', async () => {
    const { reopen, warehouse } = await open()
    await fill(warehouse)
    expect(await warehouse.purgeQuarantine([makeQuarantined(1).ref, makeQuarantined(9).ref])).toBe(1)
    expect(await warehouse.purgeQuarantine([makeQuarantined(1).ref])).toBe(0)
    expect(await warehouse.purgeQuarantine(null)).toBe(3)
    const { rows } = await (await reopen()).sumLedgers()
    expect(rows.quarantine).toEqual({ kept: 0, evicted: 0, purged: 4 })
  })

  it('list the ids that came with different contents, newest first, in pages', async () => {
    const { warehouse } = await open()
    await fill(warehouse)
    expect(await warehouse.listConflicts({ limit: 2, offset: 1 })).toEqual([
      { ref: makeLate(12).ref, id: "id 12'; --\u0000", epoch: 3 },
      { ref: makeLate(11).ref, id: "id 11'; --\u0000", epoch: 1 },
    ])
  })
}

function promiseEvicted(open: OpenWarehouse): void {
  const find = async (warehouse: Warehouse, ref: RecordRef): Promise<unknown> => {
    const found = await warehouse.findEvicted(ref)
    return found && [found.ledger, found.reason, found.readmittedAtMs]
  }

  it('are counted, and their sums stay what they were', async () => {
    const { reopen, warehouse } = await open()
    await fill(warehouse)
    await warehouse.prune({ ...boundless, lateRows: 2, quarantineRows: 1 })
    await warehouse.prune({ ...boundless, lateRows: 1, quarantineRows: 1 })
    expect((await warehouse.listLate(page)).map(({ ref }) => ref.offset)).toEqual([6])
    const { late, rows } = await (await reopen()).sumLedgers()
    expect(late).toEqual(lateSums)
    expect(rows).toEqual({
      late: { kept: 1, evicted: 5, purged: 0 },
      quarantine: { kept: 1, evicted: 3, purged: 0 },
      conflicts: { kept: 1, evicted: 2, purged: 0 },
    })
  })

  it('can be found by their place in the log, with what they were', async () => {
    const { warehouse } = await open()
    await fill(warehouse)
    await warehouse.prune({ ...boundless, lateRows: 2, quarantineRows: 1 })
    expect(await warehouse.findLate(makeLate(1).ref)).toBeNull()
    expect(await find(warehouse, makeLate(1).ref)).toEqual(['late', null, null])
    expect(await find(warehouse, makeQuarantined(1).ref)).toEqual(['quarantine', 'not_json', null])
    expect(await find(warehouse, makeLate(6).ref)).toBeNull()
    expect(await find(warehouse, { ...makeLate(1).ref, partition: 1 })).toBeNull()
  })

  it('are noted when they count after all', async () => {
    const { warehouse } = await open()
    await fill(warehouse)
    await warehouse.commit(makeCommit(4, { readmitted: [makeLate(2).ref], committedAtMs: startMs + 4 }))
    await warehouse.prune({ ...boundless, lateRows: 2, quarantineRows: 1 })
    const refs = [makeLate(1).ref, makeQuarantined(1).ref]
    await warehouse.commit(makeCommit(5, { readmitted: refs, committedAtMs: startMs + 5 }))
    expect(await find(warehouse, makeLate(1).ref)).toEqual(['late', null, startMs + 5])
    expect(await find(warehouse, makeLate(2).ref)).toEqual(['late', null, startMs + 4])
    expect(await find(warehouse, makeQuarantined(1).ref)).toEqual(['quarantine', 'not_json', startMs + 5])
    expect((await warehouse.sumLedgers()).late).toEqual([
      lateSums[0],
      { storeId: 9, records: 0, cents: 0n, readmitted: 2, readmittedCents: 300n },
    ])
  })

  it.each([
    ['where the log has lost their records', { heldFrom: [{ topic: salesTopic, partition: 0, offset: 4 }] }, [4]],
    ['beyond a bound of their own', { evictedRows: 2 }, [3, 4]],
  ])('are forgotten %s, but for their sums', async (_, bounds, left) => {
    const { warehouse } = await open()
    await fill(warehouse)
    await warehouse.commit(makeCommit(4, { readmitted: [makeLate(1).ref] }))
    await warehouse.prune({ ...boundless, lateRows: 2 })
    const before = await warehouse.sumLedgers()
    for (let times = 0; times < 2; times += 1) await warehouse.prune({ ...boundless, lateRows: 2, ...bounds })
    const found: number[] = []
    for (const offset of [1, 2, 3, 4]) if (await find(warehouse, makeLate(offset).ref)) found.push(offset)
    expect(found).toEqual(left)
    expect(await warehouse.sumLedgers()).toEqual(before)
  })
}
