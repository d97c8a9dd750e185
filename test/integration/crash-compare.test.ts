import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openDuckdb } from '../../core/duckdb/connection.ts'
import { catchUp, compareSite, layOut, type Site, warehouseFile } from '../support/crash/embedded.ts'

async function change(site: Site, sql: string): Promise<number> {
  const database = await openDuckdb({
    file: join(site.home, warehouseFile),
    memoryLimitMb: 256,
    sessions: 1,
    reachesFiles: false,
    setUp: '',
    setUpSession: '',
  })
  try {
    return (await database.sessions[0]?.run(sql)) ?? 0
  } finally {
    await database.close()
  }
}

const oneWindow = '(window_start, store_id) = (SELECT (window_start, store_id) FROM storepulse.sketches LIMIT 1)'
const firstOf = (table: string): string =>
  `(topic, partition, record_offset) = (SELECT (topic, partition, record_offset) FROM ${table} LIMIT 1)`

const anOffset = `slot = (SELECT min(c.slot) FROM storepulse.offsets o
  JOIN storepulse.counters c ON c.topic = o.topic AND c.name = 'offset/' || o.partition)`

/** A change that is taken back, and what the comparison calls it. */
const passing: readonly (readonly [table: string, column: string, by: string, called: string])[] = [
  ['storepulse.windows', 'transactions', '1', 'window '],
  ['storepulse.windows', 'cents', '1', 'window '],
  ['storepulse.windows', 'unique_customers', '1', 'window '],
  ['public.transactions_summary', 'total_revenue', '0.01', 'row '],
  ['public.transactions_summary', 'unique_customers', '1', 'row '],
  ['public.transactions_summary', 'avg_transaction_value', '0.01', 'row '],
]

/** Changes that stay. */
const lasting: readonly (readonly [sql: string, called: string])[] = [
  [`UPDATE storepulse.sketches SET bytes = '\\x00\\x01\\x41\\x00'::BLOB WHERE ${oneWindow}`, 'sketch '],
  [`UPDATE storepulse.late SET cents = cents + 1 WHERE ${firstOf('storepulse.late')}`, 'late retail-transactions/'],
  [`DELETE FROM storepulse.late WHERE ${firstOf('storepulse.late')}`, 'late ledger'],
  [`UPDATE storepulse.quarantine SET bytes = 'x'::BLOB WHERE ${firstOf('storepulse.quarantine')}`, 'quarantined '],
  [`DELETE FROM storepulse.quarantine WHERE ${firstOf('storepulse.quarantine')}`, 'quarantine:'],
  [
    "UPDATE storepulse.counters SET value = value + 1 WHERE topic = 'retail-transactions' AND name = 'counted'",
    'counters of retail-transactions',
  ],
  [`UPDATE storepulse.counters SET value = value - 1 WHERE ${anOffset}`, 'offset of '],
  [`DELETE FROM storepulse.windows WHERE ${oneWindow}`, 'windows:'],
  ['DELETE FROM storepulse.epochs WHERE epoch = 1', 'epoch numbers'],
]

it('finds whatever is not as the records make it', async () => {
  const site = await layOut(1, null)
  onTestFinished(() => rmSync(site.home, { recursive: true, force: true }))
  await catchUp(site)
  expect(await compareSite(site)).toEqual([])
  for (const [table, column, by, called] of passing) {
    expect(await change(site, `UPDATE ${table} SET ${column} = ${column} + ${by} WHERE ${oneWindow}`)).toBe(1)
    expect(await compareSite(site)).toEqual([expect.stringContaining(called)])
    await change(site, `UPDATE ${table} SET ${column} = ${column} - ${by} WHERE ${oneWindow}`)
  }
  expect(await compareSite(site)).toEqual([])
  for (const [sql, called] of lasting) {
    expect([sql, await change(site, sql)]).toEqual([sql, 1])
    expect(await compareSite(site)).toContainEqual(expect.stringContaining(called))
  }
}, 300_000)
