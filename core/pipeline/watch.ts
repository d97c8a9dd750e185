import type { Clock } from '../base/clock.ts'
import { systemErrorCode } from '../base/fault.ts'
import type { Fault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { Probe } from '../base/probe.ts'
import type { EpochOutcome } from '../events/epoch.ts'
import type { EventLog } from '../log/log.ts'
import type { AlertBook } from '../metrics/alerts.ts'
import type { Board } from '../protocol/board.ts'
import type { PipelineFacts } from './pipeline.ts'
import { formatGap } from './silence-watch.ts'

/** Raises and resolves the alerts that follow from what the pipeline reports. Returns its undo. */
export function watchForAlerts(
  probe: Probe<PipelineFacts>,
  log: EventLog,
  alerts: AlertBook,
  clock: Clock,
): () => void {
  const damage = log.describe().damage.filter(({ kind }) => kind === 'corrupt')
  for (const { topic, partition, fromOffset, untilOffset } of damage) {
    alerts.raise(
      {
        id: `log-damage/${topic}/${partition}/${fromOffset ?? 'unknown'}`,
        kind: 'log-damage',
        severity: 'critical',
        message: `${topic}/${partition} lost offsets ${fromOffset ?? '?'} to ${untilOffset ?? '?'} to a damaged file`,
      },
      clock.nowMs(),
    )
  }
  const offCommitted = probe.on('committed', ({ outcome }) => noteOutcome(outcome, alerts, clock.nowMs()))
  const offState = probe.on('state', ({ state, reason }) => {
    if (state !== 'paused' && state !== 'faulted') alerts.resolve('fault', clock.nowMs())
    else alerts.raise({ id: 'fault', kind: 'fault', severity: 'critical', message: reason ?? state }, clock.nowMs())
  })
  return () => {
    offCommitted()
    offState()
  }
}

/** Says for as long as it lasts that a replica is away and the primary answers in its place. */
export function watchReplica(alerts: AlertBook, clock: Clock, logger: Logger): (fault: Fault | null) => void {
  const id = 'replica'
  return (fault) => {
    if (fault === null) {
      logger.info('the replica answers queries again')
      return alerts.resolve(id, clock.nowMs())
    }
    const message = `queries are answered by the primary: the replica is away: ${fault.message}`
    logger.warn(message)
    alerts.raise({ id, kind: 'fault', severity: 'warning', message }, clock.nowMs())
  }
}

function noteOutcome(outcome: EpochOutcome, alerts: AlertBook, nowMs: number): void {
  for (const { storeId, startMs } of outcome.overflowed) {
    const message = `store ${storeId} at ${new Date(startMs).toISOString()}: revenue exceeds what the table can hold and is written as null`
    alerts.raise(
      { id: `overflow/${storeId}/${startMs}`, kind: 'revenue-overflow', severity: 'warning', message, storeId },
      nowMs,
    )
  }
  const { evictedIds, conflicts } = outcome.counters
  if (outcome.idHorizonMs === null) alerts.resolve('ids-capped', nowMs)
  else {
    const found = `repeats are found among the sales of the last ${formatGap(outcome.idHorizonMs)} only`
    const message = `${evictedIds} ids were forgotten before their window closed: ${found}; raise engine.maxIds`
    alerts.raise({ id: 'ids-capped', kind: 'ids-capped', severity: 'warning', message }, nowMs)
  }
  if (conflicts > 0) {
    const message = `${conflicts} records repeated an id with different content; Quality and \`storepulse conflicts list\` name them`
    alerts.raise({ id: 'id-conflict', kind: 'id-conflict', severity: 'warning', message }, nowMs)
  }
}

/** This process's memory and its processor share since the call before, in percent of one core. */
export function createProcessMeter(clock: Clock): () => Board['process'] {
  let before = { usage: process.cpuUsage(), atMs: clock.monotonicMs() }
  let cpuPercent = 0
  let rssBytes = 0
  const measureMemory = (): number => {
    try {
      rssBytes = process.memoryUsage.rss()
    } catch (error) {
      // Linux tells it in a file. With too many of them open it stays what it was: a board has more to say just then.
      if (systemErrorCode(error) === null) throw error
    }
    return rssBytes
  }
  return () => {
    const atMs = clock.monotonicMs()
    if (atMs - before.atMs >= 500) {
      const used = process.cpuUsage(before.usage)
      cpuPercent = Math.round(((used.user + used.system) / 1_000 / (atMs - before.atMs)) * 1_000) / 10
      before = { usage: process.cpuUsage(), atMs }
    }
    return { rssBytes: measureMemory(), cpuPercent }
  }
}
