import { execFileSync } from 'node:child_process'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'

/**
 * Sales that another program sends to a cluster, and the table they must give, recomputed in SQL without any of our code.
 */
const fromMs = Date.UTC(2026, 0, 5, 9)
interface Sale {
  readonly storeId: number
  readonly eventTimeMs: number
  readonly cents: number
  readonly customer: string
}

/** A sale every `stepMs`, each up to five minutes older than when it is sent; every id once. */
const makeSale = (index: number, stepMs: number): Sale => ({
  storeId: 1 + ((index * 7919) % 25),
  eventTimeMs: fromMs + index * stepMs - ((index * 104_729) % 300_000),
  cents: 100 + ((index * 31) % 20_000),
  customer: `C-${(index * 13) % 4_001}`,
})

const usualStepMs = 250

/** Sales `from` to `until` as they are. */
export const listSales = (from: number, until: number, stepMs = usualStepMs): readonly Sale[] =>
  Array.from({ length: until - from }, (_, index) => makeSale(from + index, stepMs))

/** Sales `from` to `until` as keyed lines for kcat; `startMs` is when the first happens. */
export const formatSales = (from: number, until: number, startMs = fromMs, stepMs = usualStepMs): string =>
  listSales(from, until, stepMs)
    .map(({ cents, customer, eventTimeMs, storeId }, index) => {
      const event = {
        transaction_id: `T-${from + index}`,
        store_id: storeId,
        customer_id: customer,
        event_time: new Date(eventTimeMs - fromMs + startMs).toISOString(),
        final_amount: cents / 100,
      }
      return `${storeId}\t${JSON.stringify(event)}\n`
    })
    .join('')

/** Sends sales `from` to `until` with kcat, as keyed lines; `startMs` is when the first happens. */
export function produceSales(brokers: string, topic: string, from: number, until: number, startMs = fromMs): void {
  execFileSync('kcat', ['-P', '-b', brokers, '-t', topic, '-K', '\t', '-z', 'lz4'], {
    input: formatSales(from, until, startMs),
  })
}

export async function connectTo(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** Every row with its version: two equal answers are two times the same untouched rows. */
export const readRows = async (client: Client): Promise<readonly unknown[]> =>
  (
    await client.query(`SELECT id, xmin::text, created_at, window_start, store_id, total_transactions, total_revenue,
      unique_customers, avg_transaction_value FROM transactions_summary ORDER BY window_start, store_id`)
  ).rows

/** Sales 0 to `until`, each once, by minute and store. */
export async function recomputeInSql(client: Client, until: number, stepMs = usualStepMs): Promise<readonly unknown[]> {
  await client.query('CREATE TEMP TABLE sold (store_id int, at timestamp, cents bigint)')
  const taken = listSales(0, until, stepMs)
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

export const readTable = async (client: Client): Promise<readonly unknown[]> =>
  (
    await client.query(`SELECT window_start, store_id, total_transactions, total_revenue, avg_transaction_value
      FROM transactions_summary ORDER BY window_start, store_id`)
  ).rows
