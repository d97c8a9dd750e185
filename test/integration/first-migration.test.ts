import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { connectToSocket, type RemoteClient } from '../../core/host/client.ts'
import { readOwner } from '../../core/pipeline/owner.ts'
import type { Board } from '../../core/protocol/board.ts'
import { describeDataDirectory } from '../../core/settings/data-directory.ts'
import { connectTo, produceSales } from '../support/cluster-sales.ts'
import { faultOf } from '../support/fault-of.ts'
import { runSql } from '../support/services/postgres.ts'
import { describeWithServices, useKafka, usePostgres } from '../support/services/use.ts'
import { startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const profile = 'process'

/** A `serve` of a cluster with 500 sales, and a line to it as a page's that may operate. */
async function serveProcess(brokers: string, url: string) {
  const home = makeTemporaryDirectory()
  const prefix = `m${randomUUID().slice(0, 8)}-`
  const environment = { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: url }
  produceSales(brokers, `${prefix}retail-transactions`, 0, 500)
  const args = ['serve', '--port', '0', '--profile', profile, '--set', `kafka.topicPrefix=${prefix}`]
  const server = startStorepulse(args, { home, environment })
  onTestFinished(async () => {
    server.process.kill('SIGTERM')
    await server.finished
  })
  const ended = server.finished.then(({ stderr }) => Promise.reject(new Error(`serve ended: ${stderr}`)))
  await Promise.race([once(server.process.stdout ?? server.process, 'data'), ended])
  ended.catch(() => undefined)
  let client: RemoteClient | null = null
  const ask = async (): Promise<RemoteClient> => {
    const socket = (await readOwner(describeDataDirectory(home, profile)))?.socket ?? ''
    client = await connectToSocket(socket)
    return client
  }
  onTestFinished(async () => {
    await client?.close()
  })
  const readBoard = async (): Promise<Board | null> => {
    try {
      return await (await ask()).run('status', {})
    } catch {
      // Between two openings there is nobody to ask.
      return null
    }
  }
  return { ask, readBoard }
}

describeWithServices('a database without a schema, opened for its pages', ['kafka', 'postgres'], () => {
  it('waits, says so, and is made and opened anew when somebody confirms it', async () => {
    const [{ brokers }, database] = await Promise.all([useKafka(), usePostgres()])
    const served = await serveProcess(brokers, database.url)
    await expect
      .poll(async () => (await served.readBoard())?.reason, { timeout: 60_000, interval: 250 })
      .toContain('has no schema of Storepulse yet')
    expect(runSql(database, "SELECT count(*) FROM pg_namespace WHERE nspname = 'storepulse'")).toBe('0')

    const client = await served.ask()
    expect((await client.run('listProfiles', {})).needsSchema).toBe(true)
    const { plan } = await client.run('planSchema', { profile })
    expect(plan).toMatchObject({ foreignRows: 0, shapeProblems: [], database: database.database })
    expect(plan?.tables).toEqual(expect.arrayContaining(['public.transactions_summary', 'storepulse.windows']))
    expect(plan?.rights.every(({ isGranted }) => isGranted)).toBe(true)
    await client.run('createSchema', { profile, adopts: false, isConfirmed: false })

    await expect
      .poll(async () => (await served.readBoard())?.records.counted, { timeout: 60_000, interval: 250 })
      .toBe(500)
    const made = runSql(
      database,
      "SELECT string_agg(schemaname || '.' || tablename, ',' ORDER BY 1) FROM pg_tables WHERE schemaname IN ('public', 'storepulse')",
    )
    expect(made.split(',').sort()).toEqual([...(plan?.tables ?? [])].sort())
    expect(runSql(database, 'SELECT action FROM storepulse.audit')).toBe('migrated')
    const again = await served.ask()
    expect((await again.run('listProfiles', {})).needsSchema).toBe(false)
    expect((await again.run('planSchema', { profile })).plan).toBeNull()
  })

  it('names the rights that lack, and the fault of trying without them', async () => {
    const [{ brokers }, database] = await Promise.all([useKafka(), usePostgres()])
    const user = `weak_${randomUUID().slice(0, 8)}`
    runSql(database, `CREATE ROLE ${user} LOGIN PASSWORD 'weak'; REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
    const url = new URL(database.url)
    url.username = user
    url.password = 'weak'
    const served = await serveProcess(brokers, url.href)
    const client = await served.ask()
    const { plan } = await client.run('planSchema', { profile })
    expect(plan?.rights.map(({ isGranted }) => isGranted)).toEqual([false, false])
    const fault = await faultOf(client.run('createSchema', { profile, adopts: false, isConfirmed: false }))
    expect(fault.message).toContain('permission denied')
    for (const { grant } of plan?.rights ?? []) runSql(database, grant)
    const granted = await client.run('planSchema', { profile })
    expect(granted.plan?.rights.map(({ isGranted }) => isGranted)).toEqual([true, true])
    await client.run('createSchema', { profile, adopts: false, isConfirmed: false })
    await expect.poll(async () => (await served.readBoard())?.state, { timeout: 60_000, interval: 250 }).toBe('running')
  })

  it('takes a table with rows of others over only where that is said, and is refused for a locked profile', async () => {
    const [{ brokers }, database] = await Promise.all([useKafka(), usePostgres()])
    const client = await connectTo(database.url)
    await client.query(`CREATE TABLE transactions_summary (id serial PRIMARY KEY, window_start timestamp NOT NULL,
      window_end timestamp NOT NULL, store_id integer NOT NULL, total_transactions integer, total_revenue decimal(12,2),
      unique_customers integer, avg_transaction_value decimal(10,2), created_at timestamp DEFAULT current_timestamp,
      UNIQUE (window_start, store_id))`)
    await client.query(`INSERT INTO transactions_summary (window_start, window_end, store_id, total_transactions)
      VALUES ('2020-01-06 00:00', '2020-01-06 00:01', 1, 7)`)
    const served = await serveProcess(brokers, database.url)
    const page = await served.ask()
    const { plan } = await page.run('planSchema', { profile })
    expect(plan).toMatchObject({ foreignRows: 1, shapeProblems: [] })
    expect(plan?.tables).not.toContain('public.transactions_summary')
    const refused = await faultOf(page.run('createSchema', { profile, adopts: false, isConfirmed: false }))
    expect(refused.code).toBe('refused')
    await page.run('updateProfile', { profile, changes: { isLocked: true } })
    const locked = await faultOf(page.run('createSchema', { profile, adopts: true, isConfirmed: false }))
    expect(locked.message).toContain('locked')
    await page.run('createSchema', { profile, adopts: true, isConfirmed: true })
    await expect.poll(async () => (await served.readBoard())?.state, { timeout: 60_000, interval: 250 }).toBe('running')
    expect(
      runSql(
        database,
        'SELECT total_transactions FROM transactions_summary WHERE store_id = 1 ORDER BY window_start LIMIT 1',
      ),
    ).toBe('7')
  })
})
