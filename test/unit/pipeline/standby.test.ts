import { expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { Fault } from '../../../core/base/fault.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { refuseLiveOwner, waitUntilUnowned } from '../../../core/pipeline/standby.ts'
import { createMemoryWarehouse } from '../../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../../core/warehouse/warehouse.ts'
import { faultOf } from '../../support/fault-of.ts'

const startMs = Date.UTC(2025, 0, 6)

/** A clock on which sleeping is all that takes time, and what happens meanwhile. */
function createSleeper(onSecond: (elapsedMs: number) => Promise<void> = async () => undefined) {
  let elapsedMs = 0
  return {
    ...systemClock,
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    async sleep(ms: number) {
      elapsedMs += ms
      await onSecond(elapsedMs)
    },
  }
}

async function openOwned(): Promise<Warehouse> {
  const warehouse = createMemoryWarehouse({ sketch: windowSketch })
  await warehouse.migrate()
  await warehouse.claim({ token: 'first', processId: 7, command: 'run on till', atMs: startMs })
  return warehouse
}

const signal = new AbortController().signal
const logger = silentLogger

it('goes ahead where nobody ever owned the warehouse', async () => {
  const warehouse = createMemoryWarehouse({ sketch: windowSketch })
  const clock = createSleeper()
  await waitUntilUnowned({ warehouse, clock, logger, signal })
  await refuseLiveOwner({ warehouse, clock, logger, signal })
  expect(clock.monotonicMs()).toBe(0)
})

it('stands by while the owner gives signs of life, and takes over ten seconds after the last', async () => {
  const warehouse = await openOwned()
  const lastBeatMs = 60_000
  const clock = createSleeper(async (elapsedMs) => {
    if (elapsedMs <= lastBeatMs && elapsedMs % 2_000 === 0) await warehouse.beat('first', startMs + elapsedMs)
  })
  let waitedFor = ''
  await waitUntilUnowned({
    warehouse,
    clock,
    logger,
    signal,
    onWaiting: ({ command }) => {
      waitedFor += command
    },
  })
  expect(waitedFor).toBe('run on till')
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(lastBeatMs + 10_000)
  expect(clock.monotonicMs()).toBeLessThan(lastBeatMs + 15_000)
})

it('does not mind how far apart two clocks are', async () => {
  const warehouse = await openOwned()
  const clock = createSleeper(async (elapsedMs) => {
    if (elapsedMs < 30_000) await warehouse.beat('first', startMs - 500_000 + elapsedMs)
  })
  await waitUntilUnowned({ warehouse, clock, logger, signal })
  expect(clock.monotonicMs()).toBeGreaterThan(30_000)
})

it('does not take an outage of the server for the end of the owner', async () => {
  const warehouse = await openOwned()
  const outage = { fromMs: 5_000, untilMs: 65_000 }
  const clock = createSleeper(async (elapsedMs) => {
    if (elapsedMs % 2_000 === 0 && elapsedMs <= 80_000) await warehouse.beat('first', startMs + elapsedMs)
  })
  const isOut = (): boolean => clock.monotonicMs() >= outage.fromMs && clock.monotonicMs() < outage.untilMs
  const flaky: Warehouse = {
    ...warehouse,
    async readOwner() {
      if (isOut()) throw new Fault('unreachable', 'the server is gone', { retry: true })
      return await warehouse.readOwner()
    },
  }
  await waitUntilUnowned({ warehouse: flaky, clock, logger, signal })
  expect(clock.monotonicMs()).toBeGreaterThan(80_000)
})

it('takes over at once from an owner that was last heard of long ago', async () => {
  const warehouse = await openOwned()
  const clock = { ...createSleeper(), nowMs: () => startMs + 3_600_000 }
  await waitUntilUnowned({ warehouse, clock, logger, signal })
  expect(clock.monotonicMs()).toBe(0)
})

it('does not wait for an owner that gave the warehouse up', async () => {
  const warehouse = await openOwned()
  await warehouse.release('first')
  const clock = createSleeper()
  let waitedFor = 0
  const onWaiting = (): void => {
    waitedFor += 1
  }
  await waitUntilUnowned({ warehouse, clock, logger, signal, onWaiting })
  await refuseLiveOwner({ warehouse, clock, logger, signal })
  expect([clock.monotonicMs(), waitedFor]).toEqual([0, 0])
})

it('takes over within a second from an owner that gives the warehouse up meanwhile', async () => {
  const warehouse = await openOwned()
  const clock = createSleeper(async (elapsedMs) => {
    if (elapsedMs < 30_000) await warehouse.beat('first', startMs + elapsedMs)
    else await warehouse.release('first')
  })
  await waitUntilUnowned({ warehouse, clock, logger, signal })
  expect(clock.monotonicMs()).toBe(30_000)
})

it('goes ahead where the owner gives the warehouse up while it is looked at', async () => {
  const warehouse = await openOwned()
  const clock = createSleeper(() => warehouse.release('first'))
  await refuseLiveOwner({ warehouse, clock, logger, signal })
  expect(clock.monotonicMs()).toBeLessThan(1_000)
})

it('refuses beside a live owner, and names it', async () => {
  const warehouse = await openOwned()
  const clock = createSleeper((elapsedMs) => warehouse.beat('first', startMs + elapsedMs))
  const fault = await faultOf(refuseLiveOwner({ warehouse, clock, logger, signal }))
  expect(fault).toMatchObject({ code: 'owned', message: expect.stringContaining('run on till') })
})

it('goes ahead after an owner that died a moment ago', async () => {
  const warehouse = await openOwned()
  const clock = createSleeper()
  await refuseLiveOwner({ warehouse, clock, logger, signal })
  expect(clock.monotonicMs()).toBeLessThanOrEqual(5_000)
})
