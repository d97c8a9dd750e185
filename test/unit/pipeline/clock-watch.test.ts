import { expect, it, onTestFinished, vi } from 'vitest'
import { silentLogger } from '../../../core/base/logger.ts'
import { createProbe } from '../../../core/base/probe.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { createAlertBook } from '../../../core/metrics/alerts.ts'
import { watchClock } from '../../../core/pipeline/clock-watch.ts'
import type { PipelineFacts } from '../../../core/pipeline/pipeline.ts'
import { createManualClock } from '../../support/clock.ts'
import { makeLiveEpoch } from '../../support/live-sales.ts'

const startMs = Date.UTC(2026, 0, 5, 8)
const hourMs = 3_600_000

function watch(log = createMemoryLog({ partitions: 1 })) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const clock = createManualClock(startMs)
  const probe = createProbe<PipelineFacts>()
  const alerts = createAlertBook()
  const warned: object[] = []
  const jumps: number[] = []
  let sleptMs = 0
  const watched = watchClock({
    clock,
    alerts,
    logger: { ...silentLogger, warn: (message, detail) => void warned.push({ message, ...detail }) },
    probe,
    log,
    onJump: (nowMs) => void jumps.push(nowMs),
    uptimeMs: () => clock.monotonicMs() + sleptMs,
  })
  onTestFinished(watched.stop)
  return {
    alerts,
    clock,
    jumps,
    probe,
    warned,
    watched,
    messages: () => alerts.list().map(({ message }) => message),
    sleep(durationMs: number) {
      sleptMs += durationMs
      clock.jump(durationMs)
    },
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000)
        await vi.advanceTimersByTimeAsync(1_000)
      }
    },
  }
}

it.each([
  ['an hour forward', hourMs, /^the clock of this computer went forward by 60 min; /],
  ['an hour back', -hourMs, /^the clock of this computer went back by 60 min; /],
  ['six seconds back', -6_000, /^the clock of this computer went back by 6 s; /],
])('says that the clock went %s, on the board and in the log', async (_, byMs, message) => {
  const { alerts, clock, jumps, pass, warned } = watch()
  await pass(10)
  clock.jump(byMs)
  await pass(1)
  expect(alerts.list()).toMatchObject([{ kind: 'clock-jump', severity: 'warning' }])
  expect(alerts.list()[0]?.message).toMatch(message)
  expect(warned).toEqual([{ message: 'the clock of this computer jumped', byMs }])
  expect(jumps).toEqual([startMs + 11_000 + byMs])
})

it('says that the computer slept where its own time went on', async () => {
  const { messages, pass, sleep } = watch()
  await pass(10)
  sleep(8 * hourMs)
  await pass(1)
  expect(messages()).toEqual(['this computer slept for 8 h; what came meanwhile is read now'])
})

it('says nothing of what a time service corrects, nor of a process that was held', async () => {
  const { clock, messages, pass } = watch()
  for (let round = 0; round < 20; round += 1) {
    clock.jump(round % 2 === 0 ? 4_000 : -4_900)
    await pass(1)
  }
  clock.advance(120_000)
  await pass(1)
  expect(messages()).toEqual([])
})

it('takes it back a quarter of an hour after the last jump', async () => {
  const { alerts, clock, messages, pass } = watch()
  clock.jump(hourMs)
  await pass(600)
  clock.jump(-hourMs)
  await pass(899)
  expect(messages()).toHaveLength(1)
  await pass(2)
  expect(messages()).toEqual([])
  const [past] = alerts.listPast(1)
  expect(past?.resolvedAtMs).toBeGreaterThanOrEqual(Date.parse(past?.alert.since ?? ''))
})

it('finds a jump at the next commit, before anything is measured by it', async () => {
  const { clock, jumps, probe } = watch()
  clock.jump(hourMs)
  const seen: number[] = []
  probe.on('committed', () => void seen.push(jumps.length))
  probe.emit('committed', makeLiveEpoch([], clock.nowMs()))
  expect(seen).toEqual([1])
})

it('says so at a start where the log is ahead of the clock', async () => {
  const log = createMemoryLog({ partitions: 1 })
  const record = { topic: 'retail-transactions' as const, key: null, value: Buffer.from('{}') }
  await log.append([record], { appendedAtMs: startMs + 2 * hourMs, origin: 'live' })
  expect(watch(log).messages()).toEqual([
    'the newest record of the log is 2 h ahead of the clock of this computer; sales may count as late until it gets there',
  ])
})

it('throws nothing away by age for a day after a jump forwards, and follows sleep', async () => {
  const { clock, pass, sleep, watched } = watch()
  const yearMs = 365 * 24 * hourMs
  clock.jump(yearMs)
  await pass(1)
  expect(watched.trustedNowMs()).toBe(startMs + 1_000)
  sleep(hourMs)
  await pass(1)
  expect(watched.trustedNowMs()).toBe(startMs + hourMs + 2_000)
  clock.jump(-yearMs)
  await pass(1)
  expect(watched.trustedNowMs()).toBe(clock.nowMs())
  clock.jump(yearMs)
  await pass(1)
  clock.advance(24 * hourMs)
  await pass(1)
  expect(watched.trustedNowMs()).toBe(clock.nowMs())
})
