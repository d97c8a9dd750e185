import { execFileSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { checkPostgres } from '../../core/warehouse/postgres/check.ts'
import { systemClock } from '../../core/base/clock.ts'
import { faultOf } from '../support/fault-of.ts'
import { connectionTo, makeTestDatabase } from '../support/postgres-warehouse.ts'
import { findUser, type PostgresAddress, runSql, startPostgres } from '../support/services/postgres.ts'
import { postgresFolder } from '../support/services/postgres-install.ts'
import { startProxy } from '../support/services/proxy.ts'
import {
  findFreePorts,
  makeServerDirectory,
  removeServerDirectory,
  startServerProcess,
} from '../support/services/server-process.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeCommit, makeRow, token } from '../support/warehouse-commits.ts'

/** A hot standby that follows `primary`, from a copy of it. */
async function startStandby(primary: PostgresAddress): Promise<PostgresAddress> {
  const directory = makeServerDirectory('standby')
  const runsAs = findUser()
  if (runsAs) chownSync(directory, runsAs.uid, runsAs.gid)
  const [port = 0] = await findFreePorts(1)
  const data = join(directory, 'data')
  const programs = join(postgresFolder(), 'bin')
  const source = ['-h', primary.host, '-p', String(primary.port), '-U', primary.user]
  execFileSync(
    join(programs, 'pg_basebackup'),
    [...source, '-D', data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'],
    {
      cwd: directory,
      env: { ...process.env, PGPASSWORD: primary.password },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...runsAs,
    },
  )
  const standby = { ...primary, port }
  const started = await startServerProcess({
    program: join(programs, 'postgres'),
    args: ['-D', data, '-p', String(port)],
    directory,
    output: 'standby.log',
    ...(runsAs ? { user: runsAs } : {}),
    probe: async () => void runSql(standby, 'SELECT 1'),
  })
  onTestFinished(async () => {
    await started.end('SIGQUIT')
    removeServerDirectory(directory)
  })
  return standby
}

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
