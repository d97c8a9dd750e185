import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { faultOf } from '../../support/fault-of.ts'
import { makeCommit, makeLate, makeRow, startMs, windowSizeMs } from '../../support/warehouse-commits.ts'
import { openTestWarehouse } from './open-test-warehouse.ts'

const endless = 'SELECT count(*) FROM range(1000000000000)'
const stores = 50

it('commits while many query, each query seeing whole commits only', async () => {
  const { select, warehouse } = await openTestWarehouse()
  let committing = true
  const ask = async (): Promise<number> => {
    let asked = 0
    while (committing) {
      const [row] = await select(
        'SELECT count(*), count(DISTINCT total_transactions), max(total_transactions) FROM transactions_summary',
      )
      const [count, versions] = row ?? []
      expect(['0', String(stores)]).toContain(count)
      expect(['0', '1']).toContain(versions)
      asked += 1
    }
    return asked
  }
  const watch = async (): Promise<void> => {
    while (committing) {
      const { transactions, windows } = await warehouse.readStats()
      expect(windows === 0 ? transactions : transactions % stores).toBe(0)
      const progress = await warehouse.loadProgress()
      expect(progress?.offsets[0]?.offset ?? 0).toBe((progress?.epoch ?? 0) * 10)
    }
  }
  const askers = [ask(), ask(), ask(), ask(), ask(), watch()]
  for (let epoch = 1; epoch <= 60; epoch += 1) {
    const rows = Array.from({ length: stores }, (_, index) =>
      makeRow({ storeId: index + 1, revision: epoch, transactions: epoch }),
    )
    await warehouse.commit(makeCommit(epoch, { rows, late: [makeLate(epoch)] }))
  }
  committing = false
  await Promise.all(askers)
  expect(await warehouse.readStats()).toMatchObject({ windows: stores, transactions: stores * 60 })
})

it('commits while queries take all their time, which others wait for', async () => {
  const { warehouse } = await openTestWarehouse()
  const stop = new AbortController()
  const options = { timeoutMs: 30_000, maxRows: 10, signal: stop.signal }
  const queries = [1, 2, 3, 4].map(() => faultOf(warehouse.query(endless, options)))
  for (let epoch = 1; epoch <= 20; epoch += 1)
    await warehouse.commit(makeCommit(epoch, { rows: [makeRow({ revision: epoch })] }))
  expect((await warehouse.loadProgress())?.epoch).toBe(20)
  stop.abort()
  expect((await Promise.all(queries)).map(({ code }) => code)).toEqual(Array(4).fill('cancelled'))
  expect((await warehouse.query('SELECT 1', { timeoutMs: 1_000, maxRows: 1 })).rows).toEqual([[1]])
})

it('commits while queries want more memory than there is', async () => {
  const { warehouse } = await openTestWarehouse(32)
  let committing = true
  const hoard = async (): Promise<void> => {
    while (committing) {
      const query = warehouse.query('SELECT list(range), list(range) FROM range(2000000)', {
        timeoutMs: 30_000,
        maxRows: 1,
      })
      await query.catch((error: unknown) =>
        expect(['sql', 'refused', 'cancelled']).toContain(error instanceof Fault && error.code),
      )
    }
  }
  const hoarders = [hoard(), hoard(), hoard()]
  for (let epoch = 1; epoch <= 30; epoch += 1) {
    const rows = Array.from({ length: 200 }, (_, index) => makeRow({ storeId: index + 1, revision: epoch }))
    await warehouse.commit(makeCommit(epoch, { rows }))
  }
  committing = false
  await Promise.all(hoarders)
  expect((await warehouse.loadProgress())?.epoch).toBe(30)
})

it('ends queries when it is closed', async () => {
  const { warehouse } = await openTestWarehouse()
  const query = faultOf(warehouse.query(endless, { timeoutMs: 30_000, maxRows: 10 }))
  await warehouse.close()
  expect(['cancelled', 'internal']).toContain((await query).code)
})

it('keeps its stats right while old and new windows are written, pruned and summed up', async () => {
  const { warehouse } = await openTestWarehouse()
  const perEpoch = 6_000
  let expected = 0
  const commitWindows = async (epoch: number, minute: number, count: number, transactions: number): Promise<void> => {
    const rows = Array.from({ length: count }, (_, index) =>
      makeRow({
        storeId: index + 1,
        startMs: startMs + minute * windowSizeMs,
        revision: epoch,
        transactions,
        final: true,
      }),
    )
    await warehouse.commit(makeCommit(epoch, { rows }))
  }
  for (let epoch = 1; epoch <= 5; epoch += 1) {
    await commitWindows(epoch, epoch * 100, perEpoch, 1)
    expected += perEpoch
    expect(await warehouse.readStats()).toMatchObject({ windows: epoch * perEpoch, transactions: expected })
  }
  // Far behind what has been summed up.
  await commitWindows(6, 100, 1, 11)
  expected += 10
  expect(await warehouse.readStats()).toMatchObject({ transactions: expected, stores: perEpoch })
  await commitWindows(7, 50, 1, 5)
  expected += 5
  expect(await warehouse.readStats()).toMatchObject({ transactions: expected, windows: 5 * perEpoch + 1 })
  await warehouse.prune({
    windowsBeforeMs: startMs + 101 * windowSizeMs,
    lateRows: 10,
    quarantineRows: 10,
    evictedRows: 1_000,
    heldFrom: [],
    epochsBelowSequence: 0,
    epochRows: 10,
    alertRows: 10,
    trendsBeforeMs: 0,
  })
  expect(await warehouse.readStats()).toEqual({
    windows: 4 * perEpoch,
    transactions: 4 * perEpoch,
    cents: BigInt(4 * perEpoch) * 2_500n,
    stores: perEpoch,
    latestWindowMs: startMs + 500 * windowSizeMs,
  })
})
