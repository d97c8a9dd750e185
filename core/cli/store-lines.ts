import type { Client } from '../host/client.ts'
import type { StoreLine } from './terminal/store-bars.ts'

const hourMs = 3_600_000

/** Revenue and sales of each store over the hour before `at`, by whole minutes. */
export async function readStoreLines(client: Client, at: string): Promise<readonly StoreLine[]> {
  const nowMs = Date.parse(at)
  const [from, until] = [nowMs - hourMs, nowMs].map((ms) =>
    new Date(ms).toISOString().replace('T', ' ').replace('Z', ''),
  )
  const { rows } = await client.run('query', {
    sql: `SELECT store_id, CAST(coalesce(sum(total_revenue), 0) AS VARCHAR), CAST(sum(total_transactions) AS INTEGER)
          FROM transactions_summary
          WHERE window_start > TIMESTAMP '${from}' AND window_start <= TIMESTAMP '${until}'
          GROUP BY store_id ORDER BY store_id`,
  })
  return rows.map(([id, revenue, transactions]) => ({
    id: Number(id),
    name: `Store ${Number(id)}`,
    revenue: typeof revenue === 'string' ? revenue : '0.00',
    transactions: Number(transactions),
  }))
}
