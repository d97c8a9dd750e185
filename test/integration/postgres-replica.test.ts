import { expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import type { Fault } from '../../core/base/fault.ts'
import { faultOf } from '../support/fault-of.ts'
import { connectionTo, makeTestDatabase } from '../support/postgres-warehouse.ts'
import { runSql, startPostgres } from '../support/services/postgres.ts'
import { startStandby } from '../support/services/postgres-standby.ts'
import { startProxy } from '../support/services/proxy.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeCommit, makeRow, token } from '../support/warehouse-commits.ts'

const isStandbySql = 'SELECT pg_is_in_recovery() AS standby'
const limits = { timeoutMs: 10_000, maxRows: 10 }

/** A primary with a row, a replica behind a proxy, and a clock that can be put forward. */
async function startPair() {
  const primary = await startPostgres()
  onTestFinished(() => primary.stop())
  const database = makeTestDatabase(primary)
  const owner = await database.openClaimed()
  await owner.commit(makeCommit(1, { rows: [makeRow()] }))
  const standby = await startStandby(primary)
  const proxy = await startProxy({ host: standby.host, port: standby.port })
  onTestFinished(() => proxy.stop())
  let aheadMs = 0
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs }
  const told: (Fault | null)[] = []
  const options = {
    readConnection: connectionTo(standby, { port: proxy.port }),
    onReplica: (fault: Fault | null) => void told.push(fault),
    clock,
  }
  return { database, options, primary, proxy, told, pass: (ms: number) => void (aheadMs += ms) }
}

describeWithServices('a replica that queries go to', ['postgres'], () => {
  it('is stood in for by the primary while it is away, which is said, and asked again when it is back', async () => {
    const { database, options, pass, proxy, told } = await startPair()
    const warehouse = await database.open(options)
    const asks = async (): Promise<unknown> => (await warehouse.query(isStandbySql, limits)).rows[0]?.[0]
    expect(await asks()).toBe(true)
    await proxy.refuse()
    proxy.cut()
    expect(await asks()).toBe(false)
    expect(await asks()).toBe(false)
    expect(told.map((fault) => fault?.code)).toEqual(['unreachable'])
    // It is looked for again, and is still away.
    pass(11_000)
    expect(await asks()).toBe(false)
    await proxy.accept()
    await vi.waitFor(
      async () => {
        pass(11_000)
        expect(await asks()).toBe(true)
      },
      { timeout: 30_000, interval: 200 },
    )
    expect(told).toHaveLength(2)
    expect(told[1]).toBeNull()
    expect(await asks()).toBe(true)
  })

  it('leaves who only watches unable to write on the primary too', async () => {
    const { database, options, primary, proxy, told } = await startPair()
    await proxy.refuse()
    const watching = await database.open({ ...options, writes: false })
    expect((await watching.query(isStandbySql, limits)).rows[0]?.[0]).toBe(false)
    expect((await watching.loadProgress())?.epoch).toBe(1)
    expect(told).toHaveLength(1)
    const readOnly =
      "SELECT current_setting('default_transaction_read_only') || current_setting('transaction_read_only')"
    expect((await watching.query(readOnly, limits)).rows[0]?.[0]).toBe('onon')
    expect(await faultOf(watching.commit(makeCommit(2)))).toMatchObject({ code: 'read-only' })
    expect(await faultOf(watching.claim({ token, processId: 1, command: 'x', atMs: 0 }))).toMatchObject({
      code: 'read-only',
    })
    expect(runSql(primary, 'SELECT max(epoch) FROM storepulse.epochs')).toBe('1')
  })
})
