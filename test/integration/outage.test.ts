import { randomUUID } from 'node:crypto'
import { chownSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import type { Board } from '../../core/protocol/board.ts'
import { connectTo, produceSales, readTable, recomputeInSql } from '../support/cluster-sales.ts'
import { createDatabase, findUser, type PostgresServer, runSql, startPostgres } from '../support/services/postgres.ts'
import { describeWithServices, useKafka } from '../support/services/use.ts'
import { findMountTrouble, mountSmallDisk } from '../support/small-disk.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { startWatchedRun, type WatchedRun } from '../support/watched-run.ts'

const chunk = 2_000

interface Sent {
  readonly run: WatchedRun
  /** Sends so many sales more. */
  send(): void
  readonly sent: number
}

/** The command between a topic of its own and this database. */
async function startProcessing(url: string): Promise<Sent> {
  const { brokers } = await useKafka()
  const prefix = `o${randomUUID().slice(0, 8)}-`
  let sent = 0
  const send = (): void => {
    produceSales(brokers, `${prefix}retail-transactions`, sent, sent + chunk)
    sent += chunk
  }
  send()
  const run = startWatchedRun(makeTemporaryDirectory(), {
    args: ['--profile', 'process', '--set', `kafka.topicPrefix=${prefix}`],
    environment: { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: url },
  })
  return {
    run,
    send,
    get sent() {
      return sent
    },
  }
}

const hasCounted =
  (sales: number) =>
  ({ records, state }: Board): boolean =>
    state === 'running' && records.counted === sales

const isPaused = ({ state }: Board): boolean => state === 'paused'

async function expectExact(url: string, sent: number): Promise<void> {
  const client = await connectTo(url)
  expect(await readTable(client)).toEqual(await recomputeInSql(client, sent))
}

async function startServer(): Promise<PostgresServer> {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  return server
}

const endBackends = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE application_name LIKE 'storepulse%' AND pid <> pg_backend_pid()`

describeWithServices('a PostgreSQL that will not', ['kafka', 'postgres'], () => {
  it('take the password any more is waited for, with the reason, until it does', async () => {
    const server = await startServer()
    runSql(server, "CREATE ROLE till LOGIN PASSWORD 'first'")
    const database = createDatabase(server, 'till')
    runSql(database, 'ALTER DATABASE till OWNER TO till')
    runSql(database, 'ALTER SCHEMA public OWNER TO till')
    const url = new URL(database.url)
    url.username = 'till'
    url.password = 'first'
    const processing = await startProcessing(url.href)
    const { run } = processing
    await run.waitFor(hasCounted(chunk), 'starting')
    runSql(server, "ALTER ROLE till PASSWORD 'second'")
    runSql(server, endBackends)
    processing.send()
    const paused = await run.waitFor((board) => isPaused(board) && /password/.test(board.reason ?? ''), 'being paused')
    expect(paused.alerts.map(({ severity }) => severity)).toContain('critical')
    // As long as it takes whoever looks after it.
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    expect(run.board?.state).toBe('paused')
    runSql(server, "ALTER ROLE till PASSWORD 'first'")
    await run.waitFor(hasCounted(2 * chunk), 'going on')
    await run.stop()
    await expectExact(database.url, processing.sent)
  })

  it('find room on its disk any more is waited for, with the reason, until it does', async () => {
    const trouble = findMountTrouble()
    if (trouble !== null) throw new Error(trouble)
    const server = await startServer()
    const disk = mountSmallDisk(48)
    onTestFinished(() => disk.unmount())
    const owner = findUser()
    if (owner !== null) chownSync(disk.path, owner.uid, owner.gid)
    runSql(server, `CREATE TABLESPACE small LOCATION '${disk.path}'`)
    const database = createDatabase(server, 'till')
    runSql(server, 'ALTER DATABASE till SET TABLESPACE small', 'postgres')
    const processing = await startProcessing(database.url)
    const { run } = processing
    await run.waitFor(hasCounted(chunk), 'starting')
    disk.fill()
    processing.send()
    const paused = await run.waitFor(isPaused, 'being paused')
    expect(paused.reason).toMatch(/no space left on device.*free some space on the disk of the server/i)
    disk.free()
    await run.waitFor(hasCounted(2 * chunk), 'going on')
    await run.stop()
    await expectExact(database.url, processing.sent)
  })
})
