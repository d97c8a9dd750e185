import { expect, it } from 'vitest'
import { createConnectionChecks } from '../../../core/pipeline/views/connection-checks.ts'
import type { FindingView } from '../../../core/protocol/cluster.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { systemClock } from '../../../core/base/clock.ts'

const settings = resolveSettings({ profile: {}, environment: {}, flags: [] })
const finding = (step: string): FindingView => ({ step, verdict: 'ok', message: 'fine', fix: null })

it('gives each finding as it comes, and says when that was all', async () => {
  let go: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (go = resolve))
  const checks = createConnectionChecks({
    clock: systemClock,
    async *examine() {
      yield finding('dns')
      await gate
      yield finding('tcp')
    },
  })
  const check = checks.start(settings)
  expect(await checks.read(check, 0)).toEqual({ findings: [finding('dns')], isDone: false })
  const next = checks.read(check, 1)
  go()
  expect((await next).findings).toEqual([finding('tcp')])
  await expect.poll(() => checks.read(check, 2)).toEqual({ findings: [], isDone: true })
})

it('says it when the servers do not answer in time, or the examination itself fails', async () => {
  const forever = createConnectionChecks({
    clock: { ...systemClock, sleep: async () => undefined },
    async *examine() {
      yield await new Promise<FindingView>(() => undefined)
    },
  })
  const late = forever.start(settings)
  await expect
    .poll(() => forever.read(late, 0))
    .toMatchObject({ findings: [{ verdict: 'failed', message: 'no answer within 15 s' }], isDone: true })
  const broken = createConnectionChecks({
    clock: systemClock,
    async *examine() {
      yield finding('dns')
      throw new Error('torn')
    },
  })
  const check = broken.start(settings)
  await expect
    .poll(() => broken.read(check, 0))
    .toMatchObject({ findings: [{ step: 'dns' }, { verdict: 'failed', message: expect.stringContaining('torn') }] })
})

it('forgets the oldest of many checks', async () => {
  const checks = createConnectionChecks({
    clock: systemClock,
    async *examine() {
      yield finding('dns')
    },
  })
  const first = checks.start(settings)
  for (let count = 0; count < 8; count += 1) checks.start(settings)
  await expect(checks.read(first, 0)).rejects.toMatchObject({ code: 'not-found' })
})
