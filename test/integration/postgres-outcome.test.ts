import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { Fault } from '../../core/base/fault.ts'
import type { EpochCommit, Warehouse } from '../../core/warehouse/warehouse.ts'
import { faultOf } from '../support/fault-of.ts'
import { connectionTo, makeTestDatabase, type TestDatabase, useEmptyDatabase } from '../support/postgres-warehouse.ts'
import { type PostgresServer, startPostgres } from '../support/services/postgres.ts'
import { type FaultProxy, startProxy } from '../support/services/proxy.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeCommit, makeLate, makeRow, startMs, token } from '../support/warehouse-commits.ts'

/** A proxy before a server, the run's or one of the test's own. */
async function startBehindProxy(server: PostgresServer | null = null): Promise<{
  readonly proxy: FaultProxy
  readonly database: TestDatabase
  /** Opens the warehouse through the proxy. */
  openClaimed(): Promise<Warehouse>
}> {
  const database = server ? makeTestDatabase(server) : await useEmptyDatabase()
  const { address } = database
  const proxy = await startProxy({ host: address.host, port: address.port })
  onTestFinished(() => proxy.stop())
  const connection = connectionTo(address, { host: proxy.host, port: proxy.port })
  return { proxy, database, openClaimed: () => database.openClaimed({ connection }) }
}

/** Thirteen faults each; FAULT_ROUNDS=16 is the long way, of more than 200. */
const rounds = Number(process.env['FAULT_ROUNDS'] ?? 2)

/** Each epoch adds a sale to every store's one window, so that one lost or doubled shows in the table. */
const makeNext = (epoch: number, changes: Partial<EpochCommit> = {}): EpochCommit =>
  makeCommit(epoch, {
    rows: [1, 2, 3].map((storeId) =>
      makeRow({ storeId, revision: epoch, transactions: epoch, cents: BigInt(epoch * 100), uniqueCustomers: 1 }),
    ),
    late: [makeLate(epoch)],
    ...changes,
  })

/** What a commit loop does: after a fault that may pass, asks how far it got, and goes on from there. */
async function commitStubbornly(warehouse: Warehouse, commit: EpochCommit): Promise<readonly Fault[]> {
  const faults: Fault[] = []
  const { epoch } = commit.epoch
  const deadlineMs = performance.now() + 60_000
  for (;;) {
    try {
      if (faults.length > 0 && ((await warehouse.settle(token))?.epoch ?? 0) === epoch) return faults
      await warehouse.commit(commit)
      return faults
    } catch (error) {
      if (!(error instanceof Fault) || !error.retry || performance.now() > deadlineMs) throw error
      faults.push(error)
      await sleep(30)
    }
  }
}

async function expectExactly(database: TestDatabase, epochs: number): Promise<void> {
  const warehouse = await database.open()
  expect(await warehouse.loadProgress()).toMatchObject({ epoch: epochs, untilSequence: epochs * 10 })
  expect(await warehouse.readStats()).toMatchObject({
    windows: 3,
    transactions: epochs * 3,
    cents: BigInt(epochs * 300),
  })
  const late = await warehouse.listLate({ limit: 1_000, offset: 0 })
  expect(late.map(({ ref }) => ref.offset)).toEqual(Array.from({ length: epochs }, (_, index) => epochs - index))
  expect((await warehouse.listEpochs(0, 1_000)).length).toBe(epochs)
  // Ids were not burnt: three windows, three ids.
  expect(database.sql('SELECT last_value FROM public.transactions_summary_id_seq')).toBe('3')
}

/** Ends every other connection to the test's database. */
const endOthers = (database: TestDatabase): void =>
  void database.sqlFromOutside(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '${database.address.database}'`,
  )

const isCommit = (chunk: Buffer): boolean => chunk.includes('COMMIT\0')

describeWithServices('the outcome of a commit in PostgreSQL', ['postgres'], () => {
  it('is found out where the network was cut after COMMIT had been sent', async () => {
    const { database, openClaimed, proxy } = await startBehindProxy()
    const warehouse = await openClaimed()
    await warehouse.commit(makeNext(1))
    let cuts = 0
    proxy.watch((chunk, from) => {
      if (from !== 'client' || !isCommit(chunk)) return 'pass'
      cuts += 1
      return cuts === 1 ? 'pass-then-cut' : 'pass'
    })
    const fault = await faultOf(warehouse.commit(makeNext(2)))
    expect(fault).toMatchObject({ code: 'unreachable', retry: true, detail: { committed: 'unknown' } })
    expect((await warehouse.settle(token))?.epoch).toBe(2)
    await warehouse.commit(makeNext(3))
    await expectExactly(database, 3)
  })

  it('is found out where COMMIT never arrived', async () => {
    const { database, openClaimed, proxy } = await startBehindProxy()
    const warehouse = await openClaimed()
    await warehouse.commit(makeNext(1))
    let cuts = 0
    proxy.watch((chunk, from) => {
      if (from !== 'client' || !isCommit(chunk)) return 'pass'
      cuts += 1
      return cuts === 1 ? 'cut' : 'pass'
    })
    const fault = await faultOf(warehouse.commit(makeNext(2)))
    expect(fault).toMatchObject({ code: 'unreachable', retry: true, detail: { committed: 'unknown' } })
    expect((await warehouse.settle(token))?.epoch).toBe(1)
    await warehouse.commit(makeNext(2))
    await expectExactly(database, 2)
  })

  it('is that nothing happened where the backend was terminated between INSERT and COMMIT', async () => {
    const { database, openClaimed, proxy } = await startBehindProxy()
    const warehouse = await openClaimed()
    await warehouse.commit(makeNext(1))
    let kills = 0
    proxy.watch((chunk, from) => {
      if (from === 'client' && isCommit(chunk) && kills === 0) {
        kills += 1
        endOthers(database)
      }
      return 'pass'
    })
    const faults = await commitStubbornly(warehouse, makeNext(2))
    expect(faults[0]).toMatchObject({ code: 'unreachable', retry: true })
    await expectExactly(database, 2)
  })

  it('waits for an older backend that still holds the fence', async () => {
    const { database, openClaimed } = await startBehindProxy()
    const warehouse = await openClaimed()
    await warehouse.commit(makeNext(1))
    const other = await database.open()
    // A transaction as a lost connection leaves it: open, with the lock, until the server notices.
    const holding = database.sqlLater(
      `BEGIN; UPDATE storepulse.owner SET slot = 1; SELECT pg_sleep(1.5);
        UPDATE storepulse.settings SET value = value; COMMIT`,
    )
    await database.waitFor('SELECT count(*) > 0 FROM pg_locks WHERE mode = $$RowExclusiveLock$$ AND granted')
    const startedMs = performance.now()
    expect((await other.settle(token))?.epoch).toBe(1)
    expect(performance.now() - startedMs).toBeGreaterThan(500)
    await holding
  })

  it('is never two owners’: who was taken over loses nothing of the other’s', async () => {
    const { database, openClaimed } = await startBehindProxy()
    const first = await openClaimed()
    const second = await database.open()
    let fenced: Fault | null = null
    let epoch = 0
    const running = (async () => {
      while (!fenced) {
        try {
          await first.commit(makeNext(epoch + 1))
          epoch += 1
        } catch (error) {
          if (!(error instanceof Fault)) throw error
          fenced = error
        }
      }
    })()
    while (epoch < 5) await sleep(5)
    await second.claim({ token: 'second', processId: 2, command: 'run --standby', atMs: startMs })
    const reached = (await second.settle('second'))?.epoch ?? 0
    for (const next of [1, 2, 3]) await second.commit({ ...makeNext(reached + next), token: 'second' })
    await running
    expect(fenced).toMatchObject({ code: 'fenced', retry: false })
    expect(await faultOf(first.beat(token, startMs))).toMatchObject({ code: 'fenced' })
    await expectExactly(database, reached + 3)
  })

  it('stays exact through mixed faults, and goes on within seconds of the last', async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const { database, openClaimed, proxy } = await startBehindProxy(server)
    const warehouse = await openClaimed()
    const breakOnce = (verdict: 'cut' | 'pass-then-cut', sign: string) => (): void => {
      let isDone = false
      proxy.watch((chunk, from) => {
        if (isDone || from !== 'client' || !chunk.includes(sign)) return 'pass'
        isDone = true
        return verdict
      })
    }
    const faults: readonly (() => void | Promise<void>)[] = [
      breakOnce('pass-then-cut', 'COMMIT\0'),
      breakOnce('cut', 'COMMIT\0'),
      breakOnce('pass-then-cut', 'storepulse.epochs'),
      breakOnce('cut', 'unnest'),
      breakOnce('pass-then-cut', 'BEGIN'),
      breakOnce('cut', 'fencing_token'),
      () => endOthers(database),
      () => proxy.cut(),
      () => proxy.killAfterBytes(900, 'client'),
      () => proxy.killAfterBytes(40, 'server'),
      () => server.restart('SIGINT'),
      () => server.restart('SIGQUIT'),
      async () => {
        await proxy.refuse()
        setTimeout(() => void proxy.accept(), 300)
        proxy.cut()
      },
    ]
    let epoch = 0
    let seen = 0
    for (let round = 0; round < rounds; round += 1) {
      for (const inject of faults) {
        const restarting = inject()
        for (let count = 0; count < 3; count += 1) {
          epoch += 1
          seen += (await commitStubbornly(warehouse, makeNext(epoch))).length
        }
        await restarting
        proxy.watch(null)
      }
    }
    await commitStubbornly(warehouse, makeNext(epoch + 1))
    expect(seen).toBeGreaterThan(12)
    await expectExactly(database, epoch + 1)
  })

  it('is that it waits where the server is made read-only, and goes on when it is not any more', async () => {
    const { database, openClaimed } = await startBehindProxy()
    const warehouse = await openClaimed()
    await warehouse.commit(makeNext(1))
    const setReadOnly = (value: 'on' | 'off'): void => {
      database.sqlFromOutside(
        `ALTER DATABASE ${database.address.database} SET default_transaction_read_only = ${value}`,
      )
      endOthers(database)
    }
    setReadOnly('on')
    let fault = await faultOf(warehouse.commit(makeNext(2)))
    if (fault.code === 'unreachable') fault = await faultOf(warehouse.commit(makeNext(2)))
    expect(fault).toMatchObject({ code: 'read-only', retry: true, detail: { committed: 'no' } })
    expect(await faultOf(database.open())).toMatchObject({ code: 'read-only', retry: true })
    setReadOnly('off')
    await commitStubbornly(warehouse, makeNext(2))
    await expectExactly(database, 2)
  })

  it('is a pause where nothing passes any more', { timeout: 120_000 }, async () => {
    const { database, openClaimed, proxy } = await startBehindProxy()
    const warehouse = await openClaimed()
    await warehouse.commit(makeNext(1))
    proxy.watch((chunk, from) => {
      if (from === 'client' && chunk.includes('storepulse.epochs')) proxy.freeze()
      return 'pass'
    })
    const startedMs = performance.now()
    const fault = await faultOf(warehouse.commit(makeNext(2)))
    expect(fault).toMatchObject({ code: 'unreachable', retry: true })
    expect(performance.now() - startedMs).toBeLessThan(20_000)
    proxy.watch(null)
    proxy.cut()
    proxy.thaw()
    await commitStubbornly(warehouse, makeNext(2))
    await expectExactly(database, 2)
  })
})
