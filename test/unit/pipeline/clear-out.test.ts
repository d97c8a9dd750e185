import { expect, it, onTestFinished, vi } from 'vitest'
import { collectGarbage } from '../../../core/base/garbage.ts'
import { createProbe } from '../../../core/base/probe.ts'
import { clearOutWhenCaughtUp } from '../../../core/pipeline/clear-out.ts'
import type { PipelineFacts } from '../../../core/pipeline/pipeline.ts'
import { createManualClock } from '../../support/clock.ts'
import { makeLiveEpoch } from '../../support/live-sales.ts'

function watch() {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const clock = createManualClock(0)
  const probe = createProbe<PipelineFacts>()
  const clearOut = vi.fn()
  onTestFinished(clearOutWhenCaughtUp(probe, clock, clearOut))
  return {
    clearOut,
    async commit(records: number, seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        const epoch = makeLiveEpoch([], 0)
        const many = Array.from({ length: records }, () => epoch.records).flat()
        probe.emit('committed', { ...epoch, records: many })
        clock.advance(1_000)
        await vi.advanceTimersByTimeAsync(1_000)
      }
    },
  }
}

it('clears out once, seconds after a time of catching up', async () => {
  const { clearOut, commit } = watch()
  await commit(10, 60)
  await commit(20_000, 30)
  expect(clearOut).not.toHaveBeenCalled()
  await commit(10, 60)
  expect(clearOut).toHaveBeenCalledTimes(1)
  await commit(6_000, 1)
  await commit(0, 5)
  expect(clearOut).toHaveBeenCalledTimes(2)
})

it('never does while it is busy all the time', async () => {
  const { clearOut, commit } = watch()
  await commit(5_000, 100)
  expect(clearOut).not.toHaveBeenCalled()
})

it('gives back what nobody holds', async () => {
  const held = new WeakRef(Array.from({ length: 1_000 }, (_, index) => ({ index })))
  await new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
  collectGarbage()
  expect(held.deref()).toBeUndefined()
})
