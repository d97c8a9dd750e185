import { describe, expect, it } from 'vitest'
import { salesTopic } from '../../core/events/topics.ts'
import type { StoredWindow, Warehouse } from '../../core/warehouse/warehouse.ts'
import { faultOf } from '../support/fault-of.ts'
import {
  makeCommit,
  makeCounters,
  makeEpoch,
  makeLate,
  makeQuarantined,
  makeRow,
  sketchOf,
  startMs,
  token,
  windowSizeMs,
} from '../support/warehouse-commits.ts'

export interface OpenedWarehouse {
  /** Empty, migrated, claimed under the token `first`. Its sketches are exact. */
  readonly warehouse: Warehouse
  /** Closes it and opens it again. */
  reopen(): Promise<Warehouse>
}

/** Opens a warehouse that is closed, and gone, when the running test ends. */
export type OpenWarehouse = () => Promise<OpenedWarehouse>

const allWindows = (warehouse: Warehouse): Promise<readonly StoredWindow[]> => warehouse.listWindows(0, Infinity)

const amendment = {
  storeId: 1,
  startMs,
  endMs: startMs + windowSizeMs,
  transactions: 1,
  cents: 500n,
  customerHashHigh: 0,
  customerHashLow: 9,
}

/** What every warehouse promises, whatever it is made of. */
export function promiseWarehouse(name: string, open: OpenWarehouse): void {
  describe(`${name}: progress`, () => promiseProgress(open))
  describe(`${name}: one transaction`, () => promiseAtomicity(open))
  describe(`${name}: fencing`, () => promiseFencing(open))
  describe(`${name}: windows`, () => promiseWindows(open))
  describe(`${name}: amendments`, () => promiseAmendments(open))
  describe(`${name}: stats`, () => promiseStats(open))
}

function promiseProgress(open: OpenWarehouse): void {
  it('has none before the first commit', async () => {
    const { warehouse } = await open()
    expect(await warehouse.loadProgress()).toBeNull()
  })

  it('is what the last commit left', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1))
    const epoch = makeEpoch(2, { watermarkMs: startMs + 7 })
    await warehouse.commit(makeCommit(2, { epoch, counters: makeCounters(500) }))
    expect(await warehouse.loadProgress()).toEqual({
      epoch: 2,
      offsets: [{ topic: salesTopic, partition: 0, offset: 20 }],
      untilSequence: 20,
      watermarkMs: startMs + 7,
      counters: makeCounters(500),
      windowSizeMs,
    })
  })

  it('knows no watermark while there is none', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { epoch: makeEpoch(1, { watermarkMs: null }) }))
    expect((await warehouse.loadProgress())?.watermarkMs).toBeNull()
  })

  it('keeps the offsets of partitions that a commit does not name', async () => {
    const { warehouse } = await open()
    const first = { topic: salesTopic, partition: 1, offset: 5 } as const
    const other = { topic: 'customer-events', partition: 0, offset: 8 } as const
    await warehouse.commit(makeCommit(1, { offsets: [first] }))
    await warehouse.commit(makeCommit(2, { offsets: [other] }))
    await warehouse.commit(makeCommit(3, { offsets: [{ ...first, offset: 6 }] }))
    const offsets = (await warehouse.loadProgress())?.offsets ?? []
    expect([...offsets].sort((left, right) => left.offset - right.offset)).toEqual([{ ...first, offset: 6 }, other])
  })

  it('is the same after the warehouse was reopened, and goes on', async () => {
    const { reopen, warehouse } = await open()
    await warehouse.commit(makeCommit(1, { rows: [makeRow()] }))
    const before = [await warehouse.loadProgress(), await allWindows(warehouse), await warehouse.readStats()]
    const again = await reopen()
    expect([await again.loadProgress(), await allWindows(again), await again.readStats()]).toEqual(before)
    await again.commit(makeCommit(2, { rows: [makeRow({ revision: 2, transactions: 3 })] }))
    expect((await again.loadProgress())?.counters).toEqual(makeCounters(2))
    expect(await allWindows(again)).toMatchObject([{ revision: 2, transactions: 3 }])
  })

  it('holds counters of any size', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { counters: makeCounters(4_000_000_000_000) }))
    expect((await warehouse.loadProgress())?.counters).toEqual(makeCounters(4_000_000_000_000))
  })
}

function promiseAtomicity(open: OpenWarehouse): void {
  const everything = {
    rows: [makeRow({ revision: 2, transactions: 99 }), makeRow({ storeId: 2 })],
    late: [makeLate(1)],
    quarantined: [makeQuarantined(1)],
    conflicts: [{ ref: { topic: salesTopic, partition: 0, offset: 2 }, id: 't' }],
  }
  const describeAll = async (warehouse: Warehouse): Promise<unknown> => [
    await warehouse.loadProgress(),
    await allWindows(warehouse),
    await warehouse.readStats(),
    await warehouse.listEpochs(0, 100),
    await warehouse.listLate({ limit: 10, offset: 0 }),
    await warehouse.listQuarantine({ limit: 10, offset: 0 }),
  ]

  it('leaves nothing of a commit whose amendment cannot be read', async () => {
    const { warehouse } = await open()
    const unreadable = new TextEncoder().encode('{}')
    await warehouse.commit(makeCommit(1, { rows: [makeRow({ final: true, sketch: unreadable })] }))
    const before = await describeAll(warehouse)
    await faultOf(async () => {
      await warehouse.commit(makeCommit(2, { ...everything, rows: [makeRow({ storeId: 2 })], amendments: [amendment] }))
    }).catch((error: unknown) => expect(error).toBeInstanceOf(RangeError))
    expect(await describeAll(warehouse)).toEqual(before)
  })

  it('leaves nothing of a commit of an epoch that is there already', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { rows: [makeRow()] }))
    const before = await describeAll(warehouse)
    expect(await faultOf(warehouse.commit(makeCommit(1, everything)))).toMatchObject({ code: 'internal' })
    expect(await describeAll(warehouse)).toEqual(before)
  })

  it('leaves nothing of a commit with windows of another size', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { rows: [makeRow()] }))
    const before = await describeAll(warehouse)
    const fault = await faultOf(warehouse.commit(makeCommit(2, { ...everything, windowSizeMs: 30_000 })))
    expect(fault).toMatchObject({ code: 'setting', domain: 'user' })
    expect(await describeAll(warehouse)).toEqual(before)
  })

  it('commits as usual after a commit has failed', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { rows: [makeRow()] }))
    await faultOf(warehouse.commit(makeCommit(1, everything)))
    await warehouse.commit(makeCommit(2, everything))
    expect((await warehouse.loadProgress())?.counters).toEqual(makeCounters(2))
    expect(await warehouse.readStats()).toMatchObject({ windows: 2, transactions: 101 })
  })

  it('commits in the order of asking, without waiting for the one before', async () => {
    const { warehouse } = await open()
    const epochs = Array.from({ length: 20 }, (_, index) => index + 1)
    await Promise.all(
      epochs.map((epoch) =>
        warehouse.commit(makeCommit(epoch, { rows: [makeRow({ revision: epoch, transactions: epoch })] })),
      ),
    )
    expect((await warehouse.listEpochs(0, 100)).map(({ epoch }) => epoch)).toEqual(epochs)
    expect(await allWindows(warehouse)).toMatchObject([{ revision: 20, transactions: 20 }])
  })
}

function promiseFencing(open: OpenWarehouse): void {
  it('refuses a commit whose token was taken over, and changes nothing', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { rows: [makeRow()] }))
    await warehouse.claim({ token: 'second', processId: 2, command: 'run', atMs: startMs })
    const fault = await faultOf(warehouse.commit(makeCommit(2, { rows: [makeRow({ revision: 2, cents: 0n })] })))
    expect(fault).toMatchObject({ code: 'fenced', retry: false })
    expect(await allWindows(warehouse)).toMatchObject([{ revision: 1, cents: 2_500n }])
    expect((await warehouse.loadProgress())?.epoch).toBe(1)
  })

  it('takes commits of the new token', async () => {
    const { warehouse } = await open()
    await warehouse.claim({ token: 'second', processId: 2, command: 'run', atMs: startMs })
    await warehouse.commit(makeCommit(1, { token: 'second' }))
    expect((await warehouse.loadProgress())?.epoch).toBe(1)
  })

  it('keeps a claim over a reopening', async () => {
    const { reopen, warehouse } = await open()
    await warehouse.claim({ token: 'second', processId: 2, command: 'run', atMs: startMs })
    const again = await reopen()
    expect(await faultOf(again.commit(makeCommit(1)))).toMatchObject({ code: 'fenced' })
    await again.claim({ token, processId: 3, command: 'run', atMs: startMs })
    await again.commit(makeCommit(1))
  })
}

function promiseWindows(open: OpenWarehouse): void {
  it('stores a row as it is, its sketch once it is final', async () => {
    const { warehouse } = await open()
    const row = makeRow({ cents: 123_456_789_012_345_678_901n, transactions: 3, storeId: 2_147_483_647 })
    await warehouse.commit(makeCommit(1, { rows: [row] }))
    expect(await allWindows(warehouse)).toEqual([{ ...row, sketch: new Uint8Array(0) }])
    const closed = { ...row, final: true, revision: 2 }
    await warehouse.commit(makeCommit(2, { rows: [closed] }))
    expect(await allWindows(warehouse)).toEqual([closed])
  })

  it('never overwrites a newer revision by an older one', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { rows: [makeRow({ revision: 5, cents: 5n })] }))
    const rows = [makeRow({ revision: 4, cents: 4n, final: true }), makeRow({ storeId: 2, revision: 1 })]
    await warehouse.commit(makeCommit(2, { rows }))
    expect(await allWindows(warehouse)).toMatchObject([
      { storeId: 1, revision: 5, cents: 5n, final: false },
      { storeId: 2, revision: 1 },
    ])
    expect(await warehouse.readStats()).toMatchObject({ windows: 2, cents: 2_505n })
  })

  it('lists windows that start in the stretch, by start, then store', async () => {
    const { warehouse } = await open()
    const rows = [3, 1, 2].flatMap((minute) =>
      [2, 1].map((storeId) => makeRow({ storeId, startMs: startMs + minute * windowSizeMs })),
    )
    await warehouse.commit(makeCommit(1, { rows }))
    const listed = await warehouse.listWindows(startMs + windowSizeMs, startMs + 3 * windowSizeMs)
    expect(listed.map(({ startMs: from, storeId }) => [(from - startMs) / windowSizeMs, storeId])).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
    ])
  })

  it('stores windows from before 1970', async () => {
    const { warehouse } = await open()
    const row = makeRow({ startMs: -120_000, endMs: -60_000 })
    await warehouse.commit(makeCommit(1, { rows: [row] }))
    expect(await warehouse.listWindows(-Infinity, 0)).toMatchObject([{ startMs: -120_000, endMs: -60_000 }])
  })

  it('takes thousands of rows at once, new and known ones mixed', async () => {
    const { warehouse } = await open()
    const make = (count: number, revision: number) =>
      Array.from({ length: count }, (_, index) => makeRow({ storeId: index + 1, revision, transactions: revision }))
    await warehouse.commit(makeCommit(1, { rows: make(2_500, 1) }))
    await warehouse.commit(makeCommit(2, { rows: make(5_000, 2) }))
    expect(await warehouse.readStats()).toMatchObject({ windows: 5_000, transactions: 10_000, stores: 5_000 })
  })
}

function promiseAmendments(open: OpenWarehouse): void {
  it('adds a sale to a closed window', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { rows: [makeRow({ final: true, revision: 4 })] }))
    await warehouse.commit(makeCommit(2, { amendments: [amendment] }))
    expect(await allWindows(warehouse)).toEqual([
      makeRow({
        final: true,
        revision: 5,
        transactions: 3,
        cents: 3_000n,
        uniqueCustomers: 3,
        sketch: sketchOf(1, 2, 9),
      }),
    ])
    expect(await warehouse.readStats()).toMatchObject({ transactions: 3, cents: 3_000n })
  })

  it('counts a customer once who was there before', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { rows: [makeRow({ final: true })] }))
    await warehouse.commit(makeCommit(2, { amendments: [{ ...amendment, customerHashLow: 2 }] }))
    expect(await allWindows(warehouse)).toMatchObject([{ transactions: 3, uniqueCustomers: 2 }])
  })

  it('makes the window where there was none', async () => {
    const { warehouse } = await open()
    await warehouse.commit(
      makeCommit(1, { amendments: [{ ...amendment, storeId: 3, cents: -500n }], finalRowsOnly: true }),
    )
    expect(await allWindows(warehouse)).toEqual([
      makeRow({
        storeId: 3,
        final: true,
        revision: 1,
        transactions: 1,
        cents: -500n,
        uniqueCustomers: 1,
        sketch: sketchOf(9),
      }),
    ])
    expect(await warehouse.readStats()).toMatchObject({ windows: 1, cents: -500n })
  })

  it('puts several of one window together, one revision further', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { rows: [makeRow({ final: true })] }))
    const second = { ...amendment, cents: 1n, customerHashLow: 10 }
    await warehouse.commit(makeCommit(2, { amendments: [amendment, second, { ...amendment, storeId: 2 }] }))
    expect(await allWindows(warehouse)).toMatchObject([
      { storeId: 1, revision: 2, transactions: 4, cents: 3_001n, uniqueCustomers: 4 },
      { storeId: 2, revision: 1, transactions: 1, cents: 500n, uniqueCustomers: 1 },
    ])
  })

  it('starts from the row of its own commit where there is one', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1, { rows: [makeRow()] }))
    const rows = [makeRow({ final: true, revision: 2, transactions: 10 })]
    await warehouse.commit(makeCommit(2, { rows, amendments: [amendment] }))
    expect(await allWindows(warehouse)).toMatchObject([{ revision: 3, transactions: 11, cents: 3_000n }])
  })
}

function promiseStats(open: OpenWarehouse): void {
  it('are zero when there is nothing', async () => {
    const { warehouse } = await open()
    expect(await warehouse.readStats()).toEqual({
      windows: 0,
      transactions: 0,
      cents: 0n,
      stores: 0,
      latestWindowMs: null,
    })
  })

  it('sum over all windows', async () => {
    const { warehouse } = await open()
    const later = startMs + 5 * windowSizeMs
    const rows = [makeRow(), makeRow({ startMs: later, cents: -100n }), makeRow({ storeId: 4, transactions: 40 })]
    await warehouse.commit(makeCommit(1, { rows }))
    expect(await warehouse.readStats()).toEqual({
      windows: 3,
      transactions: 44,
      cents: 4_900n,
      stores: 2,
      latestWindowMs: later,
    })
  })

  it('leave out the money of a window too large for its column', async () => {
    const { warehouse } = await open()
    const rows = [999_999_999_999n, 1_000_000_000_000n, -999_999_999_999n, -1_000_000_000_000n].map((cents, index) =>
      makeRow({ storeId: index + 1, cents }),
    )
    await warehouse.commit(makeCommit(1, { rows: [...rows, makeRow({ storeId: 9, cents: 5n })] }))
    expect(await warehouse.readStats()).toMatchObject({ windows: 5, transactions: 10, cents: 5n })
    expect((await allWindows(warehouse)).map(({ cents }) => cents)).toContain(-1_000_000_000_000n)
  })

  it('know provisional windows only where they are written', async () => {
    const { warehouse } = await open()
    const rows = [makeRow(), makeRow({ storeId: 2, final: true })]
    await warehouse.commit(makeCommit(1, { rows, finalRowsOnly: true }))
    expect(await warehouse.readStats()).toMatchObject({ windows: 1, stores: 1 })
    expect(await allWindows(warehouse)).toHaveLength(2)
    await warehouse.commit(makeCommit(2, { rows: [makeRow({ revision: 2, final: true })], finalRowsOnly: true }))
    expect(await warehouse.readStats()).toMatchObject({ windows: 2, stores: 2 })
  })
}
