import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import type { Board } from '../../core/protocol/board.ts'
import { describeWithServices, useKafka, usePostgres } from '../support/services/use.ts'
import { jsonLines, lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const fromMs = Date.UTC(2026, 0, 5, 9)
const sales = 30_000

interface Sale {
  readonly storeId: number
  readonly eventTimeMs: number
  readonly cents: number
  readonly customer: string
}

/** Sales of two hours, each up to five minutes older than when it is sent; every id once. */
const makeSale = (index: number): Sale => ({
  storeId: 1 + ((index * 7919) % 25),
  eventTimeMs: fromMs + Math.floor((index * 7_200_000) / sales) - ((index * 104_729) % 300_000),
  cents: 100 + ((index * 31) % 20_000),
  customer: `C-${(index * 13) % 4_001}`,
})

const allSales = Array.from({ length: sales }, (_, index) => makeSale(index))

/** What another program sends: kcat, as keyed lines. */
function produce(brokers: string, topic: string, from: number, until: number): void {
  const lines = allSales.slice(from, until).map(({ cents, customer, eventTimeMs, storeId }, index) => {
    const event = {
      transaction_id: `T-${from + index}`,
      store_id: storeId,
      customer_id: customer,
      event_time: new Date(eventTimeMs).toISOString(),
      final_amount: cents / 100,
    }
    return `${storeId}\t${JSON.stringify(event)}`
  })
  execFileSync('kcat', ['-P', '-b', brokers, '-t', topic, '-K', '\t', '-z', 'lz4'], { input: `${lines.join('\n')}\n` })
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const readRows = async (client: Client): Promise<readonly unknown[]> =>
  (
    await client.query(`SELECT id, xmin::text, created_at, window_start, store_id, total_transactions, total_revenue,
      unique_customers, avg_transaction_value FROM transactions_summary ORDER BY window_start, store_id`)
  ).rows

/** The topic recomputed in SQL, without any of our code: each sale once, by minute and store. */
async function recomputeInSql(client: Client, until: number): Promise<readonly unknown[]> {
  await client.query('CREATE TEMP TABLE sold (store_id int, at timestamp, cents bigint)')
  const taken = allSales.slice(0, until)
  await client.query('INSERT INTO sold SELECT * FROM unnest($1::int[], $2::timestamp[], $3::bigint[])', [
    taken.map(({ storeId }) => storeId),
    taken.map(({ eventTimeMs }) => new Date(eventTimeMs).toISOString().replace('Z', '')),
    taken.map(({ cents }) => cents),
  ])
  const { rows } = await client.query(`SELECT date_trunc('minute', at) AS window_start, store_id,
      count(*)::int AS total_transactions, (sum(cents) / 100)::numeric(12, 2) AS total_revenue,
      round(sum(cents)::numeric / count(*) / 100, 2)::numeric(10, 2) AS avg_transaction_value
    FROM sold GROUP BY 1, 2 ORDER BY 1, 2`)
  await client.query('DROP TABLE sold')
  return rows
}

const readTable = async (client: Client): Promise<readonly unknown[]> =>
  (
    await client.query(`SELECT window_start, store_id, total_transactions, total_revenue, avg_transaction_value
      FROM transactions_summary ORDER BY window_start, store_id`)
  ).rows

describeWithServices('the profile process', ['kafka', 'postgres'], () => {
  it('fills PostgreSQL from topics of another producer, exactly once', async () => {
    const [{ brokers }, { url }] = await Promise.all([useKafka(), usePostgres()])
    const prefix = `p${randomUUID().slice(0, 8)}-`
    const topic = `${prefix}retail-transactions`
    const home = makeTemporaryDirectory()
    const environment = { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: url }
    const process = (command: string, ...more: readonly string[]) =>
      runStorepulse([command, '--profile', 'process', '--set', `kafka.topicPrefix=${prefix}`, ...more], {
        home,
        environment,
      })
    const client = await connect(url)

    produce(brokers, topic, 0, 20_000)
    const first = await process('run', '--until-caught-up', '--json')
    expect(first.code, first.stderr).toBe(0)
    const board = lastJson<Board>(first)
    expect(board).toMatchObject({ state: 'stopped', profile: 'process', lag: { records: 0 } })
    expect(board.records).toMatchObject({ received: 20_000, counted: 20_000 })
    expect(await readTable(client)).toEqual(await recomputeInSql(client, 20_000))

    const before = await readRows(client)
    const again = await process('run', '--until-caught-up', '--json')
    expect(again.code, again.stderr).toBe(0)
    expect(await readRows(client)).toEqual(before)

    produce(brokers, topic, 20_000, sales)
    const third = await process('run', '--until-caught-up', '--json')
    expect(lastJson<Board>(third).records).toMatchObject({ received: sales, counted: sales })
    expect(await readTable(client)).toEqual(await recomputeInSql(client, sales))

    const counted = await process('query', 'SELECT sum(total_transactions) AS n FROM transactions_summary', '--json')
    expect(jsonLines(counted)).toEqual([{ n: String(sales) }])
    const replayed = await process('replay', '--json')
    expect(lastJson(replayed)).toMatchObject({ differs: 0 })
  })
})
