import { expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { Fault } from '../../../core/base/fault.ts'
import { type Logger, silentLogger } from '../../../core/base/logger.ts'
import { salesTopic } from '../../../core/events/topics.ts'
import { createAlertBook } from '../../../core/metrics/alerts.ts'
import { createRemembered } from '../../../core/pipeline/remembered.ts'
import { openStation, type Station } from '../../../core/pipeline/station.ts'
import { describeDataDirectory } from '../../../core/settings/data-directory.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { createMemoryTables, createMemoryWarehouse } from '../../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../../core/warehouse/warehouse.ts'
import { createManualClock } from '../../support/clock.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { exactSketch, token } from '../../support/warehouse-commits.ts'

const startMs = Date.UTC(2026, 0, 5, 8)
const fault = { id: 'fault', kind: 'fault', severity: 'critical', message: 'the disk is full' } as const
const makePoint = (atMs: number) => ({ atMs, customers: 5, p50Ms: 12.5, dataQuality: 99.5 })

/** A process that remembers in `tables`; the timers are the test's. */
async function startProcess(tables = createMemoryTables(), atMs = startMs) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const clock = createManualClock(atMs)
  const alerts = createAlertBook()
  const warned: string[] = []
  const logger: Logger = { ...silentLogger, warn: (message) => void warned.push(message) }
  const stored = createMemoryWarehouse({ sketch: exactSketch, tables })
  let broken = false
  const refuse = async (): Promise<never> => {
    throw new Fault('disk-full', 'the disk is full', { retry: true })
  }
  const saveAlerts = vi.fn<Warehouse['saveAlerts']>((entries) => (broken ? refuse() : stored.saveAlerts(entries)))
  const saveTrends = vi.fn<Warehouse['saveTrends']>((points) => (broken ? refuse() : stored.saveTrends(points)))
  const warehouse: Warehouse = { ...stored, saveAlerts, saveTrends }
  const remembered = createRemembered({ alerts, clock, logger, findWarehouse: () => warehouse })
  onTestFinished(() => remembered.stop())
  await remembered.recall(warehouse)
  await warehouse.claim({ token, processId: 1, command: 'run', atMs })
  return {
    alerts,
    remembered,
    warehouse,
    warned,
    tables,
    saveAlerts,
    saveTrends,
    breakSaves: (isBroken: boolean) => {
      broken = isBroken
    },
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000)
        await vi.advanceTimersByTimeAsync(1_000)
      }
    },
    nowMs: () => clock.nowMs(),
  }
}

it('saves what begins and ends within a second, a new text within a minute', async () => {
  const { alerts, nowMs, pass, saveAlerts, warehouse } = await startProcess()
  alerts.raise(fault, nowMs())
  await pass(1)
  expect(await warehouse.listAlerts(9)).toMatchObject([{ id: 'fault', raisedAtMs: startMs, resolvedAtMs: null }])
  for (let second = 0; second < 30; second += 1) {
    alerts.raise({ ...fault, message: `${second} s` }, nowMs())
    await pass(1)
  }
  expect(saveAlerts).toHaveBeenCalledTimes(1)
  await pass(40)
  expect(saveAlerts).toHaveBeenCalledTimes(2)
  expect(await warehouse.listAlerts(9)).toMatchObject([{ message: '29 s' }])
  alerts.resolve('fault', nowMs())
  await pass(1)
  expect(await warehouse.listAlerts(9)).toMatchObject([{ resolvedAtMs: nowMs() - 1_000 }])
})

it('saves trends a minute at a time', async () => {
  const { nowMs, pass, remembered, saveTrends, warehouse } = await startProcess()
  for (let count = 0; count < 12; count += 1) {
    remembered.trends.add(makePoint(nowMs()))
    await pass(10)
  }
  expect(saveTrends.mock.calls.map(([points]) => points.length)).toEqual([6, 6])
  expect(await warehouse.listTrends(0)).toHaveLength(12)
})

it('tries a save that failed again, says so once, and loses nothing', async () => {
  const { alerts, breakSaves, nowMs, pass, remembered, warehouse, warned } = await startProcess()
  breakSaves(true)
  alerts.raise(fault, nowMs())
  remembered.trends.add(makePoint(nowMs()))
  await pass(5)
  alerts.resolve('fault', nowMs())
  await pass(5)
  expect(warned).toEqual(['alerts and trends wait to be saved'])
  expect(await warehouse.listAlerts(9)).toEqual([])
  breakSaves(false)
  await pass(1)
  expect(await warehouse.listAlerts(9)).toMatchObject([{ raisedAtMs: startMs, resolvedAtMs: startMs + 5_000 }])
  expect(await warehouse.listTrends(0)).toEqual([makePoint(startMs)])
})

it('closes at the restart what held, at the instant the owner was last heard of', async () => {
  const first = await startProcess()
  first.alerts.raise(fault, first.nowMs())
  first.alerts.raise({ ...fault, id: 'other' }, first.nowMs())
  await first.pass(2)
  await first.warehouse.beat(token, startMs + 60_000)
  first.remembered.stop()

  const second = await startProcess(first.tables, startMs + 3_600_000)
  expect(second.alerts.list()).toEqual([])
  await second.pass(1)
  const atEnd = { resolvedAtMs: startMs + 60_000 }
  expect(await second.warehouse.listAlerts(9)).toMatchObject([
    { id: 'other', ...atEnd },
    { id: 'fault', ...atEnd },
  ])
  second.alerts.raise(fault, second.nowMs())
  await second.pass(1)
  expect(second.alerts.list()).toMatchObject([{ since: new Date(startMs).toISOString() }])
  expect(await second.warehouse.listAlerts(9)).toMatchObject([
    { id: 'other', ...atEnd },
    { id: 'fault', raisedAtMs: startMs, resolvedAtMs: null },
  ])
})

it('gives all there is to a warehouse that was rebuilt', async () => {
  const { alerts, nowMs, pass, remembered } = await startProcess()
  alerts.raise(fault, nowMs())
  remembered.trends.add(makePoint(nowMs()))
  await pass(2)
  alerts.resolve('fault', nowMs())
  alerts.raise({ ...fault, id: 'other' }, nowMs())
  const rebuilt = createMemoryWarehouse({ sketch: exactSketch })
  await remembered.recall(rebuilt)
  await remembered.save(rebuilt)
  expect(await rebuilt.listAlerts(9)).toMatchObject([
    { id: 'other', resolvedAtMs: null },
    { id: 'fault', resolvedAtMs: startMs + 2_000 },
  ])
  expect(await rebuilt.listTrends(0)).toEqual([makePoint(startMs)])
})

const readInstant = (ms: number): string => new Date(ms).toISOString().replace('Z', '')
const makeSale = (amount: number, atMs: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      transaction_id: 'twice',
      store_id: 1,
      customer_id: 'c1',
      final_amount: amount,
      timestamp: readInstant(atMs),
    }),
  )

async function openAt(root: string): Promise<Station> {
  const station = await openStation({
    paths: describeDataDirectory(root),
    settings: resolveSettings({ profile: {}, environment: {}, flags: [] }),
    profile: 'local',
    command: 'test',
    clock: systemClock,
    logger: silentLogger,
    workerUrl: null,
  })
  onTestFinished(() => station.stop(0))
  await station.start({ closesIdle: false })
  return station
}

it('keeps alerts and trends over a restart of the station', async () => {
  const root = makeTemporaryDirectory()
  const first = await openAt(root)
  const append = async (station: Station, amounts: readonly number[]): Promise<void> => {
    const nowMs = Date.now()
    const records = amounts.map((amount) => ({ topic: salesTopic, key: null, value: makeSale(amount, nowMs) }))
    await station.log.append(records, { appendedAtMs: nowMs, origin: 'import' })
    await station.waitUntilCaughtUp()
  }
  await append(first, [1, 2])
  const history = (station: Station) => station.views.alertHistory({ limit: 10 })
  const trends = (station: Station) =>
    station.views.trends({ fromMs: Date.now() - 3_600_000, untilMs: Date.now() + 1_000, compareMs: 0 })
  const [conflict] = (await history(first)).alerts
  expect(conflict).toMatchObject({ kind: 'id-conflict', resolvedAt: null })
  await expect.poll(async () => (await trends(first)).atMs.length, { timeout: 10_000 }).toBe(1)
  const before = await trends(first)
  await first.stop(1_000)

  const second = await openAt(root)
  expect((await second.board()).alerts).toEqual([])
  const [closed] = (await history(second)).alerts
  expect(closed).toMatchObject({ kind: 'id-conflict', since: conflict?.since, resolvedAt: expect.any(String) })
  expect((await trends(second)).atMs).toEqual(expect.arrayContaining([...before.atMs]))
  expect((await trends(second)).compared.customers).toBe(1)
  await append(second, [3])
  expect((await second.board()).alerts).toMatchObject([{ kind: 'id-conflict', since: conflict?.since }])
  expect((await history(second)).alerts).toHaveLength(1)
})
