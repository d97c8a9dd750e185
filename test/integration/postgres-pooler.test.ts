import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Warehouse } from '../../core/warehouse/warehouse.ts'
import { faultOf } from '../support/fault-of.ts'
import { connectionTo, makeTestDatabase, type TestDatabase } from '../support/postgres-warehouse.ts'
import { type Pooler, startPooler } from '../support/services/pgbouncer.ts'
import { describeWithServices, usePostgres } from '../support/services/use.ts'
import { makeCommit, makeLate, makeRow, startMs, token } from '../support/warehouse-commits.ts'

describeWithServices('PostgreSQL behind PgBouncer in transaction mode', ['postgres', 'pgbouncer'], () => {
  let database: TestDatabase
  let pooler: Pooler
  const open = (writes = true): Promise<Warehouse> => database.open({ connection: connectionTo(pooler), writes })

  beforeAll(async () => {
    database = makeTestDatabase(await usePostgres())
    pooler = await startPooler(database.address, 3)
  })
  afterAll(() => pooler.stop())

  it('keeps its promises though every transaction may be in another session', async () => {
    // Clients that hold their transactions for a moment, so that sessions of the server change hands.
    const others = Array.from({ length: 4 }, () => open(false))
    const [first, second] = await Promise.all([open(), open()])
    await Promise.all([first.migrate(), second.migrate()])
    await first.claim({ token, processId: 1, command: 'run', atMs: startMs })
    let isOver = false
    const asking = Promise.all(
      (await Promise.all(others)).map(async (warehouse) => {
        for (let count = 0; !isOver; count += 1) {
          const limits = { timeoutMs: 10_000, maxRows: 10 }
          const { rows } = await warehouse.query("SELECT current_setting('TimeZone'), now()::text LIKE '%+00'", limits)
          expect(rows).toEqual([['UTC', true]])
          if (count % 5 === 0) await faultOf(warehouse.query('SELECT nothing', limits))
        }
      }),
    )
    for (let epoch = 1; epoch <= 40; epoch += 1) {
      const rows = [1, 2].map((storeId) => makeRow({ storeId, revision: epoch, transactions: epoch }))
      await first.commit(makeCommit(epoch, { rows, late: [makeLate(epoch)] }))
      if (epoch % 10 === 0) await first.beat(token, startMs + epoch)
    }
    isOver = true
    await asking
    expect(await second.readStats()).toMatchObject({ windows: 2, transactions: 80 })
    await first.saveSnapshot({ epoch: 40, offsets: [], untilSequence: 400, state: new Uint8Array(3_000_000).fill(7) })
    expect((await first.loadSnapshots()).map(({ state }) => state.length)).toEqual([3_000_000])
    await second.claim({ token: 'second', processId: 2, command: 'run', atMs: startMs })
    expect(await faultOf(first.commit(makeCommit(41)))).toMatchObject({ code: 'fenced' })
  })

  it('leaves nothing of a query in a session', async () => {
    const warehouse = await open(false)
    const limits = { timeoutMs: 10_000, maxRows: 10 }
    const stop = new AbortController()
    const endless = 'SELECT count(*) FROM generate_series(1, 100000000000)'
    const cancelled = faultOf(warehouse.query(endless, { ...limits, timeoutMs: 30_000, signal: stop.signal }))
    await database.waitFor("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND state = 'active'")
    stop.abort()
    expect(await cancelled).toMatchObject({ code: 'cancelled' })
    const slow = await faultOf(warehouse.query(endless, { ...limits, timeoutMs: 300 }))
    expect(slow).toMatchObject({ code: 'timeout', domain: 'user' })
    expect((await warehouse.query('SELECT 1', limits)).rows).toEqual([[1]])
    expect(database.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).toBe('0')
    expect(database.sql("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'")).toBe('0')
  })
})
