import { expect } from 'vitest'
import { jsonLines, runStorepulse } from './storepulse.ts'
import { makeTemporaryDirectory } from './temporary-directory.ts'

/** A data directory whose log has three hours of events, some of them late, doubled or no events, all committed. */
export async function makeCommittedHome(): Promise<string> {
  const home = makeTemporaryDirectory()
  const disorder = 'late=0.05,duplicate=0.04,invalid=0.03'
  const times = ['--from', '2025-01-06T09:00:00Z', '--until', '2025-01-06T12:10:00Z']
  const generated = await runStorepulse(
    ['generate', '--seed', '5', ...times, '--disorder', disorder, '--to', 'stdout'],
    { home },
  )
  expect(generated.code).toBe(0)
  const imported = await runStorepulse(['import', '-'], { home, input: generated.stdout })
  expect(imported.code).toBe(0)
  const ran = await runStorepulse(['run', '--until-caught-up'], { home })
  expect(ran.code).toBe(0)
  return home
}

/** Every column but those that a new table counts anew. */
export const readTable = async (home: string): Promise<readonly unknown[]> => {
  const sql = `SELECT window_start, window_end, store_id, total_transactions, total_revenue, unique_customers,
    avg_transaction_value FROM transactions_summary ORDER BY window_start, store_id`
  const rows = jsonLines(await runStorepulse(['query', sql, '--json'], { home }))
  expect(rows.length).toBeGreaterThan(100)
  return rows
}
