import { describe, expect, it } from 'vitest'
import type { AuditEntry, PruneBounds, StoredAlert, StoredTrend } from '../../core/warehouse/warehouse.ts'
import { faultOf } from '../support/fault-of.ts'
import { makeCommit, makeRow, startMs, token } from '../support/warehouse-commits.ts'
import type { OpenWarehouse } from './warehouse.promises.ts'

/** What every warehouse promises of its owner, and of what the app remembers of itself. */
export function promiseOperations(name: string, open: OpenWarehouse): void {
  describe(`${name}: owner`, () => promiseOwner(open))
  describe(`${name}: settling`, () => promiseSettling(open))
  describe(`${name}: alerts`, () => promiseAlerts(open))
  describe(`${name}: trends`, () => promiseTrends(open))
  describe(`${name}: audit trail`, () => promiseAudit(open))
}

const second = { token: 'second', processId: 2, command: 'run --standby', atMs: startMs + 5 } as const

const keepAll: PruneBounds = {
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

function promiseOwner(open: OpenWarehouse): void {
  it('is who claimed last, not heard of yet', async () => {
    const { warehouse } = await open()
    const claimed = { token, processId: 1, command: 'run', claimedAtMs: startMs, seenAtMs: null }
    expect(await warehouse.readOwner()).toEqual(claimed)
    await warehouse.commit(makeCommit(1))
    await warehouse.beat(token, startMs + 9_000)
    await warehouse.claim(second)
    const { atMs, ...rest } = second
    expect(await warehouse.readOwner()).toEqual({ ...rest, claimedAtMs: atMs, seenAtMs: null })
  })

  it('was last heard of at its last commit or beat, whichever came later', async () => {
    const { reopen, warehouse } = await open()
    const seenAt = async (): Promise<number | null | undefined> => (await warehouse.readOwner())?.seenAtMs
    await warehouse.beat(token, startMs + 50)
    expect(await seenAt()).toBe(startMs + 50)
    await warehouse.commit(makeCommit(1, { committedAtMs: startMs + 100 }))
    expect(await seenAt()).toBe(startMs + 100)
    await warehouse.beat(token, startMs + 2_000)
    expect(await seenAt()).toBe(startMs + 2_000)
    expect((await (await reopen()).readOwner())?.seenAtMs).toBe(startMs + 2_000)
  })

  it('is not heard of through the beat of a token that was taken over', async () => {
    const { warehouse } = await open()
    await warehouse.claim(second)
    expect(await faultOf(warehouse.beat(token, startMs + 10))).toMatchObject({ code: 'fenced', retry: false })
    expect((await warehouse.readOwner())?.seenAtMs).toBeNull()
  })

  it('has no token any more once it gave the warehouse up, and when it was last heard of stays', async () => {
    const { reopen, warehouse } = await open()
    await warehouse.commit(makeCommit(1, { committedAtMs: startMs + 100 }))
    await warehouse.beat(token, startMs + 2_000)
    await warehouse.release(token)
    const left = { token: null, processId: 1, command: 'run', claimedAtMs: startMs, seenAtMs: startMs + 2_000 }
    expect(await warehouse.readOwner()).toEqual(left)
    expect(await (await reopen()).readOwner()).toEqual(left)
  })

  it('commits and beats no more once it gave the warehouse up, until somebody claims it', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1))
    await warehouse.release(token)
    const refused = { code: 'fenced', retry: false }
    expect(await faultOf(warehouse.commit(makeCommit(2)))).toMatchObject(refused)
    expect(await faultOf(warehouse.beat(token, startMs + 10))).toMatchObject(refused)
    expect(await faultOf(warehouse.settle(token))).toMatchObject(refused)
    await warehouse.claim(second)
    await warehouse.commit(makeCommit(2, { token: second.token }))
    expect((await warehouse.loadProgress())?.epoch).toBe(2)
  })

  it('is not given up by a token that was taken over', async () => {
    const { warehouse } = await open()
    await warehouse.claim(second)
    await warehouse.release(token)
    expect((await warehouse.readOwner())?.token).toBe(second.token)
    await warehouse.commit(makeCommit(1, { token: second.token }))
  })
}

function promiseSettling(open: OpenWarehouse): void {
  it('tells how far the last commit got', async () => {
    const { warehouse } = await open()
    expect(await warehouse.settle(token)).toBeNull()
    await warehouse.commit(makeCommit(1, { rows: [makeRow()] }))
    expect(await warehouse.settle(token)).toEqual(await warehouse.loadProgress())
  })

  it('waits out a commit that is under way', async () => {
    const { warehouse } = await open()
    const commit = warehouse.commit(makeCommit(1, { rows: [makeRow()] }))
    expect((await warehouse.settle(token))?.epoch).toBe(1)
    await commit
  })

  it('tells what stands after a commit that failed, and commits go on', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1))
    await faultOf(warehouse.commit(makeCommit(1)))
    expect((await warehouse.settle(token))?.epoch).toBe(1)
    await warehouse.commit(makeCommit(2))
    expect((await warehouse.settle(token))?.epoch).toBe(2)
  })

  it('refuses a token that was taken over', async () => {
    const { warehouse } = await open()
    await warehouse.commit(makeCommit(1))
    await warehouse.claim(second)
    expect(await faultOf(warehouse.settle(token))).toMatchObject({ code: 'fenced', retry: false })
    expect((await warehouse.settle(second.token))?.epoch).toBe(1)
  })
}

const makeAlert = (minute: number, changes: Partial<StoredAlert> = {}): StoredAlert => ({
  id: `store-silent/${minute}`,
  raisedAtMs: startMs + minute * 60_000,
  kind: 'store-silent',
  severity: 'warning',
  message: `store ${minute} has sold nothing for 5 min — naïve'; -- ☕`,
  storeId: minute,
  resolvedAtMs: null,
  ...changes,
})

function promiseAlerts(open: OpenWarehouse): void {
  it('lists them newest first, as many as are asked for, also after a reopening', async () => {
    const { reopen, warehouse } = await open()
    const pipeline = makeAlert(3, { id: 'pipeline', storeId: null, kind: 'pipeline', severity: 'error' })
    await warehouse.saveAlerts([makeAlert(2), pipeline])
    await warehouse.saveAlerts([makeAlert(1, { resolvedAtMs: startMs + 90_000 })])
    await warehouse.saveAlerts([])
    const expected = [pipeline, makeAlert(2), makeAlert(1, { resolvedAtMs: startMs + 90_000 })]
    expect(await warehouse.listAlerts(10)).toEqual(expected)
    expect(await warehouse.listAlerts(2)).toEqual(expected.slice(0, 2))
    expect(await (await reopen()).listAlerts(10)).toEqual(expected)
  })

  it('notes what has changed of one, the last word within a call too', async () => {
    const { warehouse } = await open()
    await warehouse.saveAlerts([makeAlert(1), makeAlert(2)])
    const worse = makeAlert(1, { severity: 'error', message: 'worse', storeId: null, kind: 'other' })
    const over = { ...worse, resolvedAtMs: startMs + 600_000 }
    await warehouse.saveAlerts([worse, over])
    expect(await warehouse.listAlerts(10)).toEqual([makeAlert(2), over])
    await warehouse.saveAlerts([worse])
    expect(await warehouse.listAlerts(10)).toEqual([makeAlert(2), worse])
  })

  it('tells two of one id apart by when they were raised', async () => {
    const { warehouse } = await open()
    const first = makeAlert(1, { resolvedAtMs: startMs + 61_000 })
    const again = makeAlert(1, { raisedAtMs: startMs + 120_000 })
    await warehouse.saveAlerts([first, again])
    expect(await warehouse.listAlerts(10)).toEqual([again, first])
  })

  it('forgets the oldest beyond a number, never one that holds', async () => {
    const { warehouse } = await open()
    const over = { resolvedAtMs: startMs + 900_000 }
    await warehouse.saveAlerts([makeAlert(1), makeAlert(2, over), makeAlert(3, over), makeAlert(4, over)])
    const ids = async () => (await warehouse.listAlerts(10)).map(({ storeId }) => storeId)
    await warehouse.prune({ ...keepAll, alertRows: 4 })
    expect(await ids()).toEqual([4, 3, 2, 1])
    await warehouse.prune({ ...keepAll, alertRows: 2 })
    expect(await ids()).toEqual([4, 3, 1])
    await warehouse.prune({ ...keepAll, alertRows: 0 })
    expect(await ids()).toEqual([1])
  })
}

const makeTrend = (second: number, changes: Partial<StoredTrend> = {}): StoredTrend => ({
  atMs: startMs + second * 1_000,
  customers: 100 + second,
  p50Ms: 12.25 + second,
  dataQuality: 99.875,
  ...changes,
})

function promiseTrends(open: OpenWarehouse): void {
  it('lists those since an instant, oldest first, also after a reopening', async () => {
    const { reopen, warehouse } = await open()
    const nothing = makeTrend(30, { customers: null, p50Ms: null, dataQuality: null })
    const whole = makeTrend(20, { p50Ms: 7, dataQuality: 100 })
    await warehouse.saveTrends([nothing, makeTrend(10)])
    await warehouse.saveTrends([whole])
    await warehouse.saveTrends([])
    expect(await warehouse.listTrends(0)).toEqual([makeTrend(10), whole, nothing])
    expect(await warehouse.listTrends(startMs + 20_000)).toEqual([whole, nothing])
    expect(await (await reopen()).listTrends(startMs + 20_001)).toEqual([nothing])
  })

  it('keeps the last said of an instant', async () => {
    const { warehouse } = await open()
    await warehouse.saveTrends([makeTrend(10), makeTrend(10, { customers: 3 })])
    await warehouse.saveTrends([makeTrend(10, { customers: 4, p50Ms: null })])
    expect(await warehouse.listTrends(0)).toEqual([makeTrend(10, { customers: 4, p50Ms: null })])
  })

  it('forgets those before an instant', async () => {
    const { warehouse } = await open()
    await warehouse.saveTrends([10, 20, 30].map((second) => makeTrend(second)))
    await warehouse.prune({ ...keepAll, trendsBeforeMs: startMs + 20_000 })
    expect(await warehouse.listTrends(0)).toEqual([makeTrend(20), makeTrend(30)])
  })
}

const makeEntry = (number: number): AuditEntry => ({
  atMs: startMs,
  who: 'operate session 3',
  action: 'save settings',
  subject: `profile mine-${number}`,
  detail: `window.latenessMs: 600000 → 1'; DROP TABLE x; -- ☕ ${number}`,
})

function promiseAudit(open: OpenWarehouse): void {
  it('lists entries newest first, in pages, those of one instant too', async () => {
    const { reopen, warehouse } = await open()
    expect(await warehouse.listAudit({ limit: 10, offset: 0 })).toEqual([])
    for (const number of [1, 2, 3, 4]) await warehouse.appendAudit(makeEntry(number))
    expect(await warehouse.listAudit({ limit: 2, offset: 0 })).toEqual([makeEntry(4), makeEntry(3)])
    expect(await warehouse.listAudit({ limit: 10, offset: 3 })).toEqual([makeEntry(1)])
    const again = await reopen()
    await again.appendAudit({ ...makeEntry(5), atMs: startMs - 60_000, detail: '' })
    const listed = await again.listAudit({ limit: 2, offset: 0 })
    expect(listed.map(({ subject }) => subject)).toEqual(['profile mine-5', 'profile mine-4'])
  })

  it('keeps entries that are written at once', async () => {
    const { warehouse } = await open()
    await Promise.all(Array.from({ length: 12 }, (_, number) => warehouse.appendAudit(makeEntry(number))))
    expect(await warehouse.listAudit({ limit: 100, offset: 0 })).toHaveLength(12)
  })
}
