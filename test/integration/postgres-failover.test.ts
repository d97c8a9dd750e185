import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { checkPostgres } from '../../core/warehouse/postgres/check.ts'
import { systemClock } from '../../core/base/clock.ts'
import { faultOf } from '../support/fault-of.ts'
import { connectionTo, makeTestDatabase } from '../support/postgres-warehouse.ts'
import { runSql, startPostgres } from '../support/services/postgres.ts'
import { startStandby } from '../support/services/postgres-standby.ts'
import { startProxy } from '../support/services/proxy.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeCommit, makeRow, token } from '../support/warehouse-commits.ts'

describeWithServices('a failover of PostgreSQL', ['postgres'], () => {
  it('is a pause: a standby is not written, and once it is promoted work goes on from what it has', async () => {
    const primary = await startPostgres()
    onTestFinished(() => primary.stop())
    const proxy = await startProxy({ host: primary.host, port: primary.port })
    onTestFinished(() => proxy.stop())
    const connection = connectionTo(primary, { port: proxy.port })
    const warehouse = await makeTestDatabase(primary).openClaimed({ connection })
    await warehouse.commit(makeCommit(1, { rows: [makeRow()] }))

    const standby = await startStandby(primary)
    await warehouse.commit(makeCommit(2, { rows: [makeRow({ revision: 2 })] }))
    await vi.waitFor(() => expect(runSql(standby, 'SELECT max(epoch) FROM storepulse.epochs')).toBe('2'), {
      timeout: 30_000,
      interval: 100,
    })
    await primary.halt('SIGQUIT')
    proxy.setTarget({ host: standby.host, port: standby.port })
    proxy.cut()

    const readOnly = { code: 'read-only', retry: true, detail: { committed: 'no' } }
    let fault = await faultOf(warehouse.commit(makeCommit(3)))
    if (fault.code === 'unreachable') fault = await faultOf(warehouse.commit(makeCommit(3)))
    expect(fault).toMatchObject(readOnly)
    expect(fault.hint).toMatch(/standby/)
    expect(await faultOf(warehouse.settle(token))).toMatchObject({ code: 'read-only', retry: true })
    expect((await warehouse.loadProgress())?.epoch).toBe(2)
    const database = makeTestDatabase(standby)
    expect(await faultOf(database.open())).toMatchObject({
      code: 'read-only',
      retry: true,
      message: 'the server is a standby',
    })
    const watching = await database.open({ writes: false })
    expect((await watching.loadProgress())?.epoch).toBe(2)
    const checks = await checkPostgres({
      connection: database.connection,
      writes: true,
      adopt: false,
      clock: systemClock,
    })
    expect(checks.filter(({ ok }) => !ok).map(({ step }) => step)).toEqual(['recovery'])

    expect(runSql(standby, 'SELECT pg_promote()')).toBe('t')
    const deadlineMs = performance.now() + 30_000
    for (;;) {
      try {
        expect((await warehouse.settle(token))?.epoch).toBe(2)
        break
      } catch (error) {
        if (performance.now() > deadlineMs) throw error
        await sleep(100)
      }
    }
    await warehouse.commit(makeCommit(3, { rows: [makeRow({ revision: 3, transactions: 9 })] }))
    expect(await warehouse.readStats()).toMatchObject({ windows: 1, transactions: 9 })
  })
})
