import { expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { type GuestQueryOptions, type GuestResult, runGuestQuery } from '../../../core/duckdb/guest-query.ts'
import type { DuckdbSession } from '../../../core/duckdb/session.ts'
import { createManualClock } from '../../support/clock.ts'
import { faultOf } from '../../support/fault-of.ts'
import { openSession } from './open-session.ts'

const endless = 'SELECT count(*) FROM range(1000000000000)'

const ask = (session: DuckdbSession, sql: string, changes: Partial<GuestQueryOptions> = {}): Promise<GuestResult> =>
  runGuestQuery(session, sql, {
    timeoutMs: 20_000,
    maxRows: 100,
    clock: systemClock,
    signal: new AbortController().signal,
    ...changes,
  })

it('names the columns and their types', async () => {
  const session = await openSession()
  expect(await ask(session, "SELECT 1 AS a, 1.5 AS a, DATE '2025-01-06' AS day")).toEqual({
    columns: [
      { name: 'a', type: 'INTEGER' },
      { name: 'a', type: 'DECIMAL(2,1)' },
      { name: 'day', type: 'DATE' },
    ],
    rows: [[1, '1.5', '2025-01-06']],
    truncated: false,
  })
})

it('stops at the most rows asked for and says that there are more', async () => {
  const session = await openSession()
  const many = await ask(session, 'SELECT range FROM range(100000000)', { maxRows: 5_000 })
  expect([many.rows.length, many.truncated]).toEqual([5_000, true])
  const exact = await ask(session, 'SELECT range FROM range(5000)', { maxRows: 5_000 })
  expect([exact.rows.length, exact.truncated]).toEqual([5_000, false])
  expect(await ask(session, 'SELECT 1 WHERE false')).toMatchObject({ rows: [], truncated: false })
})

it('stops at results too long to hold', async () => {
  const session = await openSession()
  const result = await ask(session, "SELECT repeat('x', 20000) FROM range(20000)", { maxRows: 100_000 })
  expect(result.truncated).toBe(true)
  expect(result.rows.length).toBeLessThan(4_000)
})

it('ends when its time is up', async () => {
  const session = await openSession()
  const clock = createManualClock(0)
  const asked = faultOf(ask(session, endless, { timeoutMs: 30_000, clock }))
  const driver = setInterval(() => clock.advance(10_000), 20)
  const fault = await asked
  clearInterval(driver)
  expect(fault).toMatchObject({ code: 'timeout', domain: 'user', message: 'the query took longer than 30 s' })
  expect((await ask(session, 'SELECT 1')).rows).toEqual([[1]])
})

it('ends when it is cancelled, before and while it runs', async () => {
  const session = await openSession()
  const abort = new AbortController()
  setTimeout(() => abort.abort(), 50)
  expect(await faultOf(ask(session, endless, { signal: abort.signal }))).toMatchObject({ code: 'cancelled' })
  expect(await faultOf(ask(session, 'SELECT 1', { signal: abort.signal }))).toMatchObject({ code: 'cancelled' })
  expect((await ask(session, 'SELECT 1')).rows).toEqual([[1]])
})

it('does not take a cancelled result for a whole one', async () => {
  const session = await openSession()
  const abort = new AbortController()
  const asked = faultOf(ask(session, 'SELECT range FROM range(100000000)', { maxRows: 1e9, signal: abort.signal }))
  setTimeout(() => abort.abort(), 100)
  expect(await asked).toMatchObject({ code: 'cancelled' })
})

it('fails alone where a query needs more memory than there is', async () => {
  const session = await openSession({ memoryLimitMb: 32 })
  const fault = await faultOf(ask(session, 'SELECT list(range) FROM range(20000000)'))
  expect(fault).toMatchObject({ code: 'sql', domain: 'user' })
  expect(fault.message).toMatch(/^Out of Memory Error/)
  expect((await ask(session, 'SELECT 1')).rows).toEqual([[1]])
})
