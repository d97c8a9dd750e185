import { describe, expect, it } from 'vitest'
import { salesTopic } from '../../core/events/topics.ts'
import type { StoredWindow, Warehouse } from '../../core/warehouse/warehouse.ts'
import { hostileTexts } from '../support/hostile-texts.ts'
import {
  makeCommit,
  makeEpoch,
  makeLate,
  makeQuarantined,
  makeRow,
  startMs,
  windowSizeMs,
} from '../support/warehouse-commits.ts'
import type { OpenWarehouse } from './warehouse.promises.ts'

const allWindows = (warehouse: Warehouse): Promise<readonly StoredWindow[]> => warehouse.listWindows(0, Infinity)

/** What every warehouse promises of its ledgers and snapshots, and of what it forgets. */
export function promiseLedgers(name: string, open: OpenWarehouse): void {
  describe(`${name}: late ledger`, () => promiseLate(open))
  describe(`${name}: quarantine`, () => promiseQuarantine(open))
  describe(`${name}: epochs`, () => promiseEpochs(open))
  describe(`${name}: snapshots`, () => promiseSnapshots(open))
  describe(`${name}: pruning`, () => promisePruning(open))
}

function promiseLate(open: OpenWarehouse): void {
  it('lists what was late, newest first, in pages', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { late: [makeLate(1), makeLate(2)] }))
    await warehouse.commit(makeCommit(2, { late: [makeLate(3)] }))
    const offsets = async (limit: number, offset: number): Promise<readonly number[]> =>
      (await warehouse.listLate({ limit, offset })).map(({ ref }) => ref.offset)
    expect(await offsets(10, 0)).toEqual([3, 2, 1])
    expect(await offsets(2, 1)).toEqual([2, 1])
    expect(await offsets(2, 3)).toEqual([])
  })

  it('finds one by its place in the log', async () => {
    const { warehouse } = await open()
    const sale = makeLate(1, { transactionId: "naïve'; --\u0000 ☕" })
    await warehouse.commit(makeCommit(1, { late: [sale, makeLate(2)] }))
    expect(await warehouse.findLate(sale.ref)).toEqual({ ...sale, epoch: 1, readmittedAtMs: null })
    expect(await warehouse.findLate({ ...sale.ref, partition: 1 })).toBeNull()
    expect(await warehouse.findLate({ ...sale.ref, topic: 'customer-events' })).toBeNull()
  })

  it('keeps an id of whatever text; half a character may become the sign for one that is missing', async () => {
    const { warehouse } = await open()
    const late = hostileTexts.map(({ text }, index) => makeLate(index + 1, { transactionId: text }))
    const conflicts = late.map(({ ref, transactionId }) => ({ ref, id: transactionId }))
    await warehouse.commit(makeCommit(1, { late, conflicts }))
    for (const [index, { ref, transactionId }] of late.entries()) {
      const found = await warehouse.findLate(ref)
      const read = [transactionId, Buffer.from(transactionId).toString()]
      expect(read, hostileTexts[index]?.name).toContain(found?.transactionId)
    }
    expect(await warehouse.listLate({ limit: 1_000, offset: 0 })).toHaveLength(hostileTexts.length)
  })

  it('notes when one was re-admitted', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { late: [makeLate(1), makeLate(2)] }))
    await warehouse.commit(makeCommit(2, { readmitted: [makeLate(1).ref], committedAtMs: startMs + 77 }))
    const listed = await warehouse.listLate({ limit: 10, offset: 0 })
    expect(listed.map(({ readmittedAtMs }) => readmittedAtMs)).toEqual([null, startMs + 77])
  })
}

function promiseQuarantine(open: OpenWarehouse): void {
  it('gives the bytes back as they were', async () => {
    const { warehouse } = await open()
    const record = makeQuarantined(1, { bytes: Uint8Array.from({ length: 65_536 }, (_, index) => index & 0xff) })
    const empty = makeQuarantined(2, { bytes: new Uint8Array(0), path: '', reason: 'not_utf8' })
    await warehouse.commit(makeCommit(1, { quarantined: [record, empty] }))
    expect(await warehouse.findQuarantined(record.ref)).toEqual({ ...record, epoch: 1, readmittedAtMs: null })
    expect(await warehouse.findQuarantined(empty.ref)).toEqual({ ...empty, epoch: 1, readmittedAtMs: null })
  })

  it('lists what was quarantined, newest first, in pages', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { quarantined: [makeQuarantined(1), makeQuarantined(2)] }))
    await warehouse.commit(makeCommit(2, { quarantined: [makeQuarantined(3)] }))
    const page = await warehouse.listQuarantine({ limit: 2, offset: 0 })
    expect(page.map(({ ref }) => ref.offset)).toEqual([3, 2])
  })

  it('lists what was quarantined by when it came, whatever it was committed with', async () => {
    const { warehouse } = await open()
    const seen = (offset: number, seenAtMs: number) => makeQuarantined(offset, { seenAtMs })
    await warehouse.commit(makeCommit(1, { quarantined: [seen(1, 5_000), seen(2, 9_000), seen(3, 7_000)] }))
    await warehouse.commit(makeCommit(2, { quarantined: [seen(4, 6_000)] }))
    const page = await warehouse.listQuarantine({ limit: 3, offset: 0 })
    expect(page.map(({ ref }) => ref.offset)).toEqual([2, 3, 4])
  })

  it('forgets the named records', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { quarantined: [1, 2, 3].map((offset) => makeQuarantined(offset)) }))
    const refs = [makeQuarantined(1).ref, makeQuarantined(3).ref, makeQuarantined(99).ref]
    expect(await warehouse.purgeQuarantine(refs)).toBe(2)
    expect(await warehouse.purgeQuarantine([])).toBe(0)
    expect((await warehouse.listQuarantine({ limit: 9, offset: 0 })).map(({ ref }) => ref.offset)).toEqual([2])
  })

  it('forgets all but what was re-admitted; counters stay', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { quarantined: [1, 2, 3].map((offset) => makeQuarantined(offset)) }))
    await warehouse.commit(makeCommit(2, { readmitted: [makeQuarantined(2).ref] }))
    const before = await warehouse.loadProgress()
    expect(await warehouse.purgeQuarantine(null)).toBe(2)
    expect((await warehouse.listQuarantine({ limit: 9, offset: 0 })).map(({ ref }) => ref.offset)).toEqual([2])
    expect(await warehouse.loadProgress()).toEqual(before)
  })
}

function promiseEpochs(open: OpenWarehouse): void {
  const idle = makeEpoch(3, { kind: 'idle', ranges: [], fromSequence: 20, untilSequence: 20, records: 0 })

  it('lists them in order, from one on', async () => {
    const { warehouse } = await open()
    for (const epoch of [1, 2]) await warehouse.commit(makeCommit(epoch))
    await warehouse.commit(makeCommit(3, { epoch: idle, offsets: [] }))
    await warehouse.commit(makeCommit(4, { epoch: makeEpoch(4, { watermarkMs: null }) }))
    expect(await warehouse.listEpochs(2, 2)).toEqual([makeEpoch(2), idle])
    expect(await warehouse.listEpochs(4, 10)).toEqual([makeEpoch(4, { watermarkMs: null })])
    expect(await warehouse.listIdleEpochs(0)).toEqual([idle])
    expect(await warehouse.listIdleEpochs(4)).toEqual([])
  })
}

function promiseSnapshots(open: OpenWarehouse): void {
  const makeSnapshot = (epoch: number) => ({
    epoch,
    offsets: [{ topic: salesTopic, partition: 0, offset: epoch * 10 }],
    untilSequence: epoch * 10,
    state: Uint8Array.from({ length: 1_000 }, (_, index) => (index * epoch) & 0xff),
  })
  const plain = (snapshots: readonly { readonly state: Uint8Array }[]) =>
    snapshots.map((snapshot) => ({ ...snapshot, state: [...snapshot.state] }))

  it('has none at first', async () => {
    const { warehouse } = await open()
    expect(await warehouse.loadSnapshots()).toEqual([])
  })

  it('gives the newest two back, newest first, also after a reopening', async () => {
    const { reopen, warehouse } = await open()
    for (const epoch of [1, 2, 10]) await warehouse.saveSnapshot(makeSnapshot(epoch))
    const expected = plain([makeSnapshot(10), makeSnapshot(2)])
    expect(plain(await warehouse.loadSnapshots())).toEqual(expected)
    expect(plain(await (await reopen()).loadSnapshots())).toEqual(expected)
  })
}

function promisePruning(open: OpenWarehouse): void {
  const nothing = {
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

  it('drops windows that ended before an instant', async () => {
    const { warehouse } = await open()
    const rows = [0, 1, 2].map((minute) => makeRow({ startMs: startMs + minute * windowSizeMs, final: true }))
    await warehouse.commit(makeCommit(1, { rows }))
    await warehouse.prune({ ...nothing, windowsBeforeMs: startMs + windowSizeMs })
    expect((await allWindows(warehouse)).map((row) => row.startMs)).toEqual(rows.slice(1).map((row) => row.startMs))
    expect(await warehouse.readStats()).toMatchObject({ windows: 2 })
  })

  it('keeps the newest rows of the ledgers', async () => {
    const { warehouse } = await open()
    for (const epoch of [1, 2, 3]) {
      const late = [makeLate(epoch * 2), makeLate(epoch * 2 + 1)]
      await warehouse.commit(makeCommit(epoch, { late, quarantined: [makeQuarantined(epoch)] }))
    }
    await warehouse.prune({ ...nothing, lateRows: 3, quarantineRows: 1 })
    const page = { limit: 10, offset: 0 }
    expect((await warehouse.listLate(page)).map(({ ref }) => ref.offset)).toEqual([7, 6, 5])
    expect((await warehouse.listQuarantine(page)).map(({ ref }) => ref.offset)).toEqual([3])
  })

  it('forgets epochs the log no longer reaches, never the last', async () => {
    const { warehouse } = await open()
    for (const epoch of [1, 2, 3]) await warehouse.commit(makeCommit(epoch))
    const idle = { kind: 'idle', ranges: [], fromSequence: 30, untilSequence: 30, records: 0 } as const
    await warehouse.commit(makeCommit(4, { epoch: makeEpoch(4, idle) }))
    await warehouse.commit(makeCommit(5, { epoch: makeEpoch(5, { fromSequence: 30, untilSequence: 40 }) }))
    const listed = async (): Promise<readonly number[]> =>
      (await warehouse.listEpochs(0, 100)).map(({ epoch }) => epoch)
    await warehouse.prune({ ...nothing, epochsBelowSequence: 30 })
    expect(await listed()).toEqual([4, 5])
    await warehouse.prune({ ...nothing, epochsBelowSequence: 1_000 })
    expect(await listed()).toEqual([5])
    expect(await warehouse.loadProgress()).toMatchObject({ epoch: 5, untilSequence: 40 })
  })

  it('keeps idle closes beyond the number of epochs', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { epoch: makeEpoch(1, { kind: 'idle', ranges: [], records: 0 }) }))
    for (const epoch of [2, 3, 4]) await warehouse.commit(makeCommit(epoch))
    await warehouse.prune({ ...nothing, epochRows: 2 })
    expect((await warehouse.listEpochs(0, 100)).map(({ epoch }) => epoch)).toEqual([1, 3, 4])
  })
}
