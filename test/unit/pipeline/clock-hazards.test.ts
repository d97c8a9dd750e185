import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { salesTopic } from '../../../core/events/topics.ts'
import { openStation, type Station } from '../../../core/pipeline/station.ts'
import { describeDataDirectory } from '../../../core/settings/data-directory.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { createManualClock, type ManualClock } from '../../support/clock.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const startMs = Date.UTC(2026, 0, 5, 8)
const minute = 60_000
const hour = 60 * minute
const stepMs = 250

interface Shop {
  readonly clock: ManualClock
  readonly station: Station
  /** A sale made and appended at these instants; resolves once it is committed. */
  readonly sell: (id: string, atMs: number, appendedAtMs?: number) => Promise<void>
  /** Lets time go by in small steps. */
  readonly pass: (durationMs: number) => Promise<void>
}

async function openShop(closesIdle = false): Promise<Shop> {
  const clock = createManualClock(startMs)
  const station = await openStation({
    paths: describeDataDirectory(makeTemporaryDirectory()),
    settings: resolveSettings({ profile: {}, environment: {}, flags: ['generator.enabled=false'] }),
    profile: 'local',
    command: 'test',
    clock,
    logger: silentLogger,
    workerUrl: null,
  })
  let isOver = false
  /** Whoever sleeps on this clock wakes only when it goes on. */
  const tick = async (): Promise<void> => {
    clock.advance(2)
    await systemClock.sleep(1)
  }
  const whileTicking = async <Result>(work: Promise<Result>): Promise<Result> => {
    isOver = false
    const done = work.finally(() => {
      isOver = true
    })
    while (!isOver) await tick()
    return await done
  }
  onTestFinished(() => whileTicking(station.stop(0)))
  await station.start({ closesIdle })
  return {
    clock,
    station,
    async sell(id, atMs, appendedAtMs = atMs) {
      const sale = { transaction_id: id, store_id: 1, customer_id: 'C', event_time: atMs, final_amount: 1 }
      const record = { topic: salesTopic, key: null, value: Buffer.from(JSON.stringify(sale)) }
      await station.log.append([record], { appendedAtMs, origin: 'live' })
      await whileTicking(station.waitUntilCaughtUp())
    },
    async pass(durationMs) {
      for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
        clock.advance(stepMs)
        while (clock.sleeping === 0) await systemClock.sleep(0)
      }
    },
  }
}

const listLatencies = async (station: Station): Promise<readonly number[]> => {
  const { latencyMs } = await station.board()
  const { hops, ...whole } = latencyMs
  const figures = [whole, ...Object.values(hops)].flatMap(({ avg, max, p50, p95, p99 }) => [avg, p50, p95, p99, max])
  return figures.filter((figure) => figure !== null)
}

it('goes on through a clock that is put forward and back: reported, counted exactly, nothing absurd on the board', async () => {
  const { clock, sell, station } = await openShop()
  await sell('before', clock.nowMs())
  expect((await station.board()).alerts).toEqual([])

  clock.jump(hour)
  await sell('ahead', clock.nowMs())
  expect((await station.board()).alerts).toMatchObject([
    { kind: 'clock-jump', message: expect.stringMatching(/went forward by 60 min/) },
  ])
  const aheadMs = Date.parse((await station.board()).watermark ?? '')
  expect(aheadMs).toBeGreaterThan(startMs + 49 * minute)

  clock.jump(-hour)
  await sell('back', clock.nowMs())
  const board = await station.board()
  expect(board.alerts).toMatchObject([{ kind: 'clock-jump', message: expect.stringMatching(/went back by 60 min/) }])
  expect(Math.abs(Date.parse(board.at) - clock.nowMs())).toBeLessThan(1_000)
  expect(board.lag).toEqual({ records: 0, seconds: 0 })
  expect(Date.parse(board.watermark ?? '')).toBe(aheadMs)
  expect(board.records).toMatchObject({ received: 3, counted: 2, late: 1, invalid: 0 })

  // A sale by the clock as it was is none ahead of its record: it counts, and so does the next one by that clock.
  await sell('by the old clock', clock.nowMs() + hour, clock.nowMs() + hour)
  expect((await station.board()).records).toMatchObject({ received: 4, counted: 3, late: 1 })
  const readAt = (await (await station.warehouse()).listEpochs(1, 10)).map(({ readAtMs }) => readAtMs)
  expect(readAt).toHaveLength(4)
  expect([...readAt].sort((left, right) => left - right)).not.toEqual(readAt)
}, 60_000)

it.each([
  ['forward', hour],
  ['back', -9 * minute],
])(
  'measures no latency over a clock that goes %s on the way',
  async (_, byMs) => {
    const { clock, sell, station } = await openShop()
    await sell('before', clock.nowMs())
    expect(Math.max(...(await listLatencies(station)))).toBeGreaterThan(0)
    const madeMs = clock.nowMs()
    clock.jump(byMs)
    await sell('under way', madeMs, madeMs)
    expect(await listLatencies(station)).toEqual([])
    await sell('after', clock.nowMs())
    const after = await listLatencies(station)
    expect(after.length).toBeGreaterThan(0)
    expect(Math.min(...after)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...after)).toBeLessThan(minute)
  },
  60_000,
)

it('closes no window at once where the clock is put forward, or stood still in sleep: it waits until it was quiet since', async () => {
  const { clock, pass, sell, station } = await openShop(true)
  await sell('one', clock.nowMs())
  await pass(55_000)
  clock.jump(hour)
  await pass(55_000)
  const listOpen = async () =>
    (await (await station.warehouse()).listWindows(0, startMs + hour)).filter(({ final }) => !final)
  expect(await listOpen()).toHaveLength(1)
  const jumpedMs = clock.monotonicMs() - 55_000
  while ((await listOpen()).length > 0) await pass(1_000)
  expect(clock.monotonicMs() - jumpedMs).toBeGreaterThanOrEqual(minute)
}, 60_000)
