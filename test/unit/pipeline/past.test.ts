import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import type { LogRecord } from '../../../core/events/record.ts'
import { openStation, type Station } from '../../../core/pipeline/station.ts'
import { describeDataDirectory } from '../../../core/settings/data-directory.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const minuteMs = 60_000

async function open(root: string, flags: readonly string[] = []): Promise<Station> {
  const station = await openStation({
    paths: describeDataDirectory(root),
    settings: resolveSettings({ profile: {}, environment: {}, flags: ['generator.rate=30', ...flags] }),
    profile: 'local',
    command: 'test',
    clock: systemClock,
    logger: silentLogger,
    workerUrl: null,
  })
  onTestFinished(() => station.stop(0))
  return station
}

async function readAll(station: Station): Promise<readonly LogRecord[]> {
  const reader = station.log.openReader([])
  const all: LogRecord[] = []
  for (;;) {
    const records = await reader.read(100_000, 100_000_000)
    if (records.length === 0) break
    all.push(...records)
  }
  await reader.close()
  return all
}

const quiet = (): void => undefined

it('makes the whole past before the first live record, while the pipeline runs', async () => {
  const station = await open(makeTemporaryDirectory())
  const live = station.goLive(20 * minuteMs)
  expect(station.past.progress).toMatchObject({ share: 0 })
  await station.start({ closesIdle: false })
  await live
  expect(station.past.progress).toBeNull()
  const made = station.log.describe().endSequence
  await expect.poll(() => station.log.describe().endSequence - made, { timeout: 5_000 }).toBeGreaterThan(20)
  await station.stopGenerator()
  await station.waitUntilCaughtUp()
  const records = await readAll(station)
  const firstLive = records.findIndex(({ origin }) => origin === 'live')
  expect(firstLive).toBeGreaterThan(30 * 60 * 19)
  expect(records.slice(0, firstLive).every(({ origin }) => origin === 'backfill')).toBe(true)
  expect(records.slice(firstLive).every(({ origin }) => origin === 'live')).toBe(true)
  for (let index = 1; index < firstLive; index += 1) {
    expect(records[index]?.appendedAtMs).toBeGreaterThanOrEqual(records[index - 1]?.appendedAtMs ?? 0)
  }
  const board = await station.board()
  expect(board.records.received).toBe(records.length)
  expect(board.records).toMatchObject({ late: 0, duplicate: 0, invalid: 0 })
  expect(board.latencyMs.p99).toBeLessThan(5_000)
})

it('fills the gap since the last event at a later start', async () => {
  const root = makeTemporaryDirectory()
  const first = await open(root)
  const untilMs = systemClock.nowMs() - 10 * minuteMs
  const generated = { topic: 'retail-transactions' as const, key: null, value: Buffer.from('{}') }
  await first.log.append([generated], { appendedAtMs: untilMs, origin: 'live' })
  await first.stop(0)
  const second = await open(root)
  const reached = await second.past.fill(86_400_000, new AbortController().signal)
  expect(systemClock.nowMs() - reached).toBeLessThan(2_000)
  const [, ...filled] = await readAll(second)
  expect(filled.length).toBeGreaterThan(30 * 60 * 9)
  expect(filled.every(({ appendedAtMs, origin }) => appendedAtMs > untilMs && origin === 'backfill')).toBe(true)
})

it('makes half a million records of the past at most', async () => {
  const station = await open(makeTemporaryDirectory(), ['generator.rate=50000'])
  const stopping = new AbortController()
  const filled = station.past.fill(86_400_000, stopping.signal)
  const { fromMs = 0, untilMs = 0 } = station.past.progress ?? {}
  expect(untilMs - fromMs).toBeLessThanOrEqual(10_001)
  expect(untilMs - fromMs).toBeGreaterThan(9_000)
  stopping.abort()
  await filled
})

it('refuses to make a past for a log with records', async () => {
  const station = await open(makeTemporaryDirectory())
  const never = new AbortController().signal
  await station.past.make(1_000, quiet, never)
  await expect(station.past.make(1_000, quiet, never)).rejects.toMatchObject({ code: 'usage' })
})

it('ends half-way when it is stopped, and takes it up again', async () => {
  const root = makeTemporaryDirectory()
  const station = await open(root)
  const stopping = new AbortController()
  await station.past.make(60 * minuteMs, () => stopping.abort(), stopping.signal)
  const made = station.log.describe().endSequence
  expect(made).toBeGreaterThan(0)
  await station.past.fill(86_400_000, new AbortController().signal)
  const records = await readAll(station)
  expect(records.length).toBeGreaterThan(30 * 60 * 59)
})
