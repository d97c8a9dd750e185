import { beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { openStation, type Station } from '../../../core/pipeline/station.ts'
import type { StoresRequest } from '../../../core/protocol/views.ts'
import { describeDataDirectory } from '../../../core/settings/data-directory.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const hourMs = 3_600_000
const untilMs = Math.ceil(Date.now() / hourMs) * hourMs
const fromMs = untilMs - 2 * hourMs

let station: Station

beforeAll(async () => {
  const root = mkdtempSync(join(tmpdir(), 'storepulse-views-'))
  const flags = ['generator.rate=9', 'generator.disorder.invalid=0.02', 'generator.disorder.late=0.02']
  station = await openStation({
    paths: describeDataDirectory(root),
    settings: resolveSettings({ profile: {}, environment: {}, flags }),
    profile: 'local',
    command: 'test',
    clock: systemClock,
    logger: silentLogger,
    workerUrl: null,
  })
  await station.past.make(3.2 * hourMs, () => undefined, new AbortController().signal)
  await station.start({ closesIdle: false })
  await station.waitUntilCaughtUp()
  return async () => {
    await station.stop(0)
    rmSync(root, { recursive: true })
  }
})

async function select(sql: string): Promise<readonly (readonly unknown[])[]> {
  const warehouse = await station.warehouse()
  return (await warehouse.query(sql, { timeoutMs: 10_000, maxRows: 100_000 })).rows
}

const instant = (ms: number): string => `TIMESTAMP '${new Date(ms).toISOString().slice(0, 19)}'`
const isIn = (from: number, until: number): string =>
  `window_start >= ${instant(from)} AND window_start < ${instant(until)}`
const dollars = (cents: number): number => cents / 100

const wholeList: StoresRequest = {
  fromMs,
  untilMs,
  compareMs: hourMs,
  sort: 'revenue',
  descending: true,
  filter: '',
  offset: 0,
  limit: 100,
}

it('gives the series of all stores as the table has it', async () => {
  const series = await station.views.series({ fromMs, untilMs, stepMs: 300_000, storeId: null })
  const rows = await select(
    `SELECT epoch_ms(time_bucket(INTERVAL 5 MINUTE, window_start))::DOUBLE, sum(total_transactions)::DOUBLE, sum(total_revenue)::DOUBLE
    FROM transactions_summary WHERE ${isIn(fromMs, untilMs)} GROUP BY 1 ORDER BY 1`,
  )
  expect(rows.length).toBeGreaterThan(10)
  expect(series.startMs).toEqual(rows.map(([start]) => start))
  expect(series.transactions).toEqual(rows.map(([, count]) => count))
  expect(series.cents.map(dollars)).toEqual(rows.map(([, , revenue]) => revenue))
  expect(series.final[0]).toBe(true)
  expect(series.final.at(-1)).toBe(false)
})

it('gives the minutes of one store', async () => {
  const series = await station.views.series({ fromMs, untilMs, stepMs: 60_000, storeId: 1 })
  const rows = await select(
    `SELECT epoch_ms(window_start)::DOUBLE, total_transactions FROM transactions_summary
    WHERE store_id = 1 AND ${isIn(fromMs, untilMs)} ORDER BY 1`,
  )
  expect(series.startMs).toEqual(rows.map(([start]) => start))
  expect(series.transactions).toEqual(rows.map(([, count]) => count))
})

it('lists every store with its totals, those that sell most first', async () => {
  const { rows, total } = await station.views.stores(wholeList)
  const expected = await select(
    `SELECT store_id, sum(total_transactions)::DOUBLE, sum(total_revenue)::DOUBLE FROM transactions_summary
    WHERE ${isIn(fromMs, untilMs)} GROUP BY 1 ORDER BY 3 DESC, 1`,
  )
  const selling = rows.filter(({ transactions }) => transactions > 0)
  expect(total).toBe(10)
  expect(selling.map(({ id, transactions, cents }) => [id, transactions, dollars(cents)])).toEqual(expected)
  for (const { cents, sparkline } of rows) {
    expect(sparkline).toHaveLength(12)
    expect(sparkline.reduce((sum, value) => sum + value, 0)).toBe(cents)
  }
  expect(rows.every(({ name, city }) => city !== null && name.startsWith(city))).toBe(true)
})

it('compares with the span before, where that is known', async () => {
  const past = { ...wholeList, fromMs: untilMs - 2 * hourMs, untilMs: untilMs - hourMs }
  const { rows } = await station.views.stores(past)
  const expected = await select(
    `SELECT store_id, sum(total_revenue)::DOUBLE FROM transactions_summary
    WHERE ${isIn(past.fromMs - hourMs, past.untilMs - hourMs)} GROUP BY 1`,
  )
  const found = new Map(rows.map(({ id, comparedCents }) => [id, comparedCents]))
  expect(expected.length).toBeGreaterThan(3)
  for (const [id, revenue] of expected) expect(dollars(Number(found.get(Number(id))))).toBe(revenue)
  const beyond = await station.views.stores({ ...wholeList, compareMs: 86_400_000 })
  expect(beyond.rows.every(({ comparedCents }) => comparedCents === null)).toBe(true)
})

it('pages, sorts and filters', async () => {
  const byId = await station.views.stores({ ...wholeList, sort: 'id', descending: false, offset: 3, limit: 2 })
  expect(byId.rows.map(({ id }) => id)).toEqual([4, 5])
  const [first] = byId.rows
  const byCity = await station.views.stores({ ...wholeList, filter: `  ${first?.city?.toUpperCase()} ` })
  expect(byCity.rows.map(({ id }) => id)).toContain(4)
  expect(byCity.total).toBeLessThan(10)
  const byNumber = await station.views.stores({ ...wholeList, filter: '10' })
  expect(byNumber.rows.map(({ id }) => id)).toEqual([10])
  const nothing = await station.views.stores({ ...wholeList, filter: "'; DROP TABLE transactions_summary; --" })
  expect(nothing).toEqual({ total: 0, silent: 0, rows: [] })
})

it('draws a heat map whose cells add up to the series', async () => {
  const storeIds = [3, 1, 2]
  const map = await station.views.heatMap({ fromMs, untilMs, stepMs: 600_000, storeIds })
  expect(map.stores.map(({ id }) => id)).toEqual(storeIds)
  expect(map.startMs).toHaveLength(12)
  for (const [index, storeId] of storeIds.entries()) {
    const series = await station.views.series({ fromMs, untilMs, stepMs: 600_000, storeId })
    const line = map.cents[index] ?? []
    expect(series.startMs.map((startMs) => line[map.startMs.indexOf(startMs)])).toEqual(series.cents)
  }
})

it('opens a store’s own sheet', async () => {
  const sheet = await station.views.storeSheet({ storeId: 1, fromMs, untilMs, compareMs: 0 })
  const [row] = await select(
    `SELECT sum(total_transactions)::DOUBLE, sum(total_revenue)::DOUBLE, max(unique_customers)::DOUBLE, sum(unique_customers)::DOUBLE
    FROM transactions_summary WHERE store_id = 1 AND ${isIn(fromMs, untilMs)}`,
  )
  const [transactions, revenue, most, atMost] = row ?? []
  expect(sheet.summary).toMatchObject({ id: 1, transactions, cents: Math.round(Number(revenue) * 100) })
  expect(sheet.averageCents).toBe(Math.round((Number(revenue) * 100) / Number(transactions)))
  expect(sheet.customers).toBeGreaterThanOrEqual(Number(most))
  expect(sheet.customers).toBeLessThanOrEqual(Number(atMost) * 1.2)
  expect([sheet.opensAtMinute, sheet.closesAtMinute]).toEqual([0, 0])
  expect(sheet.series.transactions.reduce((sum, count) => sum + count, 0)).toBe(transactions)
})

it('knows no store that never was', async () => {
  const sheet = await station.views.storeSheet({ storeId: 4711, fromMs, untilMs, compareMs: 0 })
  expect(sheet.summary).toMatchObject({ name: 'Store 4711', transactions: 0, latestMs: null, city: null })
  expect(sheet).toMatchObject({ averageCents: null, customers: 0, late: 0, opensAtMinute: null })
})

it('counts rejected and late records as the ledgers have them', async () => {
  const quality = await station.views.quality({ fromMs: fromMs - 4 * hourMs, untilMs, stepMs: 600_000 })
  const rows = await select('SELECT reason, count(*)::DOUBLE FROM storepulse.quarantine GROUP BY 1')
  const sums = Object.entries(quality.reasons).map(([reason, counts]) => [reason, counts.reduce((a, b) => a + b, 0)])
  expect(rows.length).toBeGreaterThan(3)
  expect(sums.sort()).toEqual([...rows].sort())
  const [late] = await select('SELECT count(*)::DOUBLE FROM storepulse.late')
  expect(quality.late.reduce((a, b) => a + b, 0)).toBe(late?.[0])
})

it('describes the way of the data', async () => {
  const view = await station.views.pipeline({})
  expect(view.partitions.filter(({ endOffset }) => endOffset > 0).length).toBeGreaterThan(9)
  for (const { committedOffset, endOffset } of view.partitions) expect(committedOffset).toBe(endOffset)
  expect(view.commits.length).toBeGreaterThan(1)
  expect(view.commits.every(({ records }) => records > 0)).toBe(true)
  expect(view.logBytes).toBeGreaterThan(1_000_000)
  expect(view.warehouseBytes).toBeGreaterThan(100_000)
  expect(view.processes[0]).toMatchObject({ name: 'engine', processId: process.pid })
})

it('pushes the last fifteen minutes', async () => {
  const recent = await station.views.recent()
  expect(recent.startMs.length).toBeGreaterThanOrEqual(14)
  expect(recent.startMs.length).toBeLessThanOrEqual(16)
  expect(station.views.version).toBeGreaterThan(1)
})

it('remembers what the tiles showed', async () => {
  station.views.sample()
  const nowMs = Date.now()
  const trends = await station.views.trends({ fromMs: nowMs - 60_000, untilMs: nowMs + 1, compareMs: 0 })
  expect(trends.atMs.length).toBeGreaterThan(0)
  expect(trends.customers[0]).toBeGreaterThan(10)
  expect(trends.dataQuality[0]).toBeGreaterThan(90)
  const yesterday = await station.views.trends({ fromMs: 0, untilMs: 1, compareMs: 86_400_000 })
  expect(yesterday).toMatchObject({ atMs: [], compared: { customers: null, p50Ms: null, dataQuality: null } })
})
