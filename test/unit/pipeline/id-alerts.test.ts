import { expect, it, onTestFinished } from 'vitest'
import { createProbe } from '../../../core/base/probe.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { createAlertBook } from '../../../core/metrics/alerts.ts'
import type { PipelineFacts } from '../../../core/pipeline/pipeline.ts'
import { watchForAlerts } from '../../../core/pipeline/watch.ts'
import { createManualClock } from '../../support/clock.ts'
import { makeLiveEpoch } from '../../support/live-sales.ts'

function watch() {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 8))
  const probe = createProbe<PipelineFacts>()
  const alerts = createAlertBook()
  onTestFinished(watchForAlerts(probe, createMemoryLog({ partitions: 1 }), alerts, clock))
  return {
    alerts,
    commit(evictedIds: number, idHorizonMs: number | null, conflicts = 0) {
      const epoch = makeLiveEpoch([], clock.nowMs())
      const counters = { ...epoch.outcome.counters, evictedIds, conflicts }
      probe.emit('committed', { ...epoch, outcome: { ...epoch.outcome, counters, idHorizonMs } })
    },
  }
}

it('says how far back repeats are found while ids are forgotten early, and no longer', () => {
  const { alerts, commit } = watch()
  commit(0, null)
  expect(alerts.list()).toEqual([])
  commit(400_000, 240_000)
  expect(alerts.list()).toMatchObject([
    {
      kind: 'ids-capped',
      severity: 'warning',
      message:
        '400000 ids were forgotten before their window closed: repeats are found among the sales of the last 4 min only; raise engine.maxIds',
    },
  ])
  commit(400_000, null)
  expect(alerts.list()).toEqual([])
  expect(alerts.listPast(9)).toHaveLength(1)
})

it('says where the ids are named that came with another content', () => {
  const { alerts, commit } = watch()
  commit(0, null, 2)
  expect(alerts.list()).toMatchObject([
    {
      kind: 'id-conflict',
      message: '2 records repeated an id with different content; Quality and `storepulse conflicts list` name them',
    },
  ])
})
