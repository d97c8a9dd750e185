import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Board } from '../../core/protocol/board.ts'
import { connectTo, produceSales } from '../support/cluster-sales.ts'
import { describeWithServices, useKafka, usePostgres } from '../support/services/use.ts'
import { jsonLines, lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const runKafkaTool = (brokers: string, ...args: readonly string[]): string =>
  execFileSync('kcat', ['-b', brokers, ...args], { encoding: 'utf8' })

/** All there is to see of the database, and of the topics: names, partitions, ends, and the groups the cluster knows. */
async function dumpCluster(brokers: string, url: string, prefix: string): Promise<unknown> {
  const topics = runKafkaTool(brokers, '-L')
    .split('\n')
    .filter((line) => line.includes(prefix) || line.includes('__consumer_offsets'))
  const ends = ['retail-transactions', 'customer-events', 'inventory-updates'].flatMap((topic) =>
    [0].map((partition) => runKafkaTool(brokers, '-Q', '-t', `${prefix}${topic}:${partition}:-1`)),
  )
  const client = await connectTo(url)
  const tables = await client.query(
    `SELECT schemaname, relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_all_tables
      WHERE schemaname IN ('public', 'storepulse') ORDER BY 1, 2`,
  )
  const rows = await client.query('SELECT * FROM transactions_summary ORDER BY id')
  return { topics, ends, tables: tables.rows, rows: rows.rows }
}

describeWithServices('the profile watch', ['kafka', 'postgres'], () => {
  it('shows what goes on and changes nothing on the cluster', async () => {
    const [{ brokers }, { url }] = await Promise.all([useKafka(), usePostgres()])
    const prefix = `w${randomUUID().slice(0, 8)}-`
    const home = makeTemporaryDirectory()
    const environment = { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: url }
    const command = (profile: string, name: string, ...more: readonly string[]) =>
      runStorepulse([name, '--profile', profile, '--set', `kafka.topicPrefix=${prefix}`, ...more], {
        home,
        environment,
      })
    for (const topic of ['customer-events', 'inventory-updates']) {
      execFileSync('kcat', ['-P', '-b', brokers, '-t', `${prefix}${topic}`], { input: '{}\n' })
    }
    produceSales(brokers, `${prefix}retail-transactions`, 0, 4_000, Date.now() - 1_000_000)
    const processed = await command('process', 'run', '--until-caught-up', '--json')
    expect(processed.code, processed.stderr).toBe(0)
    const inTable = lastJson<Board>(processed).warehouse

    const before = await dumpCluster(brokers, url, prefix)
    const watched = await command('watch', 'run', '--duration', '12s', '--json')
    expect(watched.code, watched.stderr).toBe(0)
    const boards = jsonLines<Board>(watched)
    const board = boards.at(-1)
    expect(board).toMatchObject({ profile: 'watch', lag: { records: 0 }, warehouse: inTable })
    expect(board?.records).toMatchObject({ received: 4_002, counted: 4_000, invalid: 2 })
    expect(board?.transactionsPerMinute).toBeGreaterThan(0)
    const asked = await command('watch', 'query', 'SELECT count(*) AS n FROM transactions_summary', '--json')
    expect(lastJson(asked), asked.stderr).toEqual({ n: String(inTable.windows) })
    const refused = await command('watch', 'query', 'DELETE FROM transactions_summary')
    expect(refused.code).not.toBe(0)
    expect(await dumpCluster(brokers, url, prefix)).toEqual(before)
  })

  it('needs no more than the right to read', async () => {
    const [{ brokers }, { url }] = await Promise.all([useKafka(), usePostgres()])
    const prefix = `r${randomUUID().slice(0, 8)}-`
    const home = makeTemporaryDirectory()
    const owner = await connectTo(url)
    await owner.query(`CREATE TABLE transactions_summary (id serial PRIMARY KEY, window_start timestamp NOT NULL,
      window_end timestamp NOT NULL, store_id integer NOT NULL, total_transactions integer, total_revenue decimal(12, 2),
      unique_customers integer, avg_transaction_value decimal(10, 2), created_at timestamp DEFAULT current_timestamp,
      UNIQUE (window_start, store_id))`)
    await owner.query(`INSERT INTO transactions_summary (window_start, window_end, store_id, total_transactions,
      total_revenue, unique_customers, avg_transaction_value)
      VALUES ('2026-01-05 09:00', '2026-01-05 09:01', 7, 3, 12.50, 2, 4.17)`)
    const reader = `reader_${randomUUID().slice(0, 8)}`
    await owner.query(`CREATE ROLE ${reader} LOGIN PASSWORD 'only-looks'`)
    await owner.query(`GRANT SELECT ON transactions_summary TO ${reader}`)
    const readUrl = new URL(url)
    readUrl.username = reader
    readUrl.password = 'only-looks'
    produceSales(brokers, `${prefix}retail-transactions`, 0, 500, Date.now() - 120_000)
    const watched = await runStorepulse(
      ['run', '--profile', 'watch', '--duration', '8s', '--json', '--set', `kafka.topicPrefix=${prefix}`],
      { home, environment: { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: readUrl.href } },
    )
    expect(watched.code, watched.stderr).toBe(0)
    const board = lastJson<Board>(watched)
    expect(board.records).toMatchObject({ received: 500, counted: 500 })
    expect(board.warehouse).toEqual({
      windows: 1,
      transactions: 3,
      revenue: '12.50',
      stores: 1,
      latestWindow: '2026-01-05T09:00:00.000Z',
    })
  })
})
