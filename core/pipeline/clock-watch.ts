import { uptime } from 'node:os'
import { type Clock, repeatEvery } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { Probe } from '../base/probe.ts'
import type { EventLog } from '../log/log.ts'
import type { AlertBook } from '../metrics/alerts.ts'
import type { PipelineFacts } from './pipeline.ts'
import { formatGap } from './silence-watch.ts'

export interface ClockWatchParts {
  readonly clock: Clock
  readonly alerts: AlertBook
  readonly logger: Logger
  readonly probe: Probe<PipelineFacts>
  readonly log: EventLog
  /** Told at once when the wall clock has jumped; `nowMs` is what it shows now. */
  readonly onJump: (nowMs: number) => void
  /** Milliseconds since this computer was started, its sleep included. */
  readonly uptimeMs?: () => number
}

/**
 * Says when the wall clock of this computer jumps: when it and the monotonic clock part by more than five seconds between
 * two looks. Slower corrections are what a time service does all day.
 *
 * 1. The looks are once a second and at each commit, before anybody measures by the clock.
 * 2. Sleep is told from a clock that was set by the computer's own time since its start, which goes on in sleep.
 * 3. The alert holds for a quarter of an hour after the last jump; the history keeps it.
 */
export interface ClockWatch {
  /**
   * The wall clock, but without its jumps forwards of the last day: for what is thrown away by age, so that a clock set
   * to a wrong year costs nothing.
   */
  trustedNowMs(): number
  readonly stop: () => void
}

const leastMs = 5_000
const lookEveryMs = 1_000
const shownMs = 900_000
const distrustedMs = 86_400_000
/** A log that is so much ahead was written under another clock. */
const aheadMs = 60_000
const alertId = 'clock-jump'

interface Look {
  readonly wallMs: number
  readonly monotonicMs: number
  readonly uptimeMs: number
}

function describeJump(byMs: number, isSleep: boolean): string {
  const gap = formatGap(Math.abs(byMs))
  if (isSleep) return `this computer slept for ${gap}; what came meanwhile is read now`
  return byMs > 0
    ? `the clock of this computer went forward by ${gap}; should that be wrong, sales will count as late for ${gap} once it is right`
    : `the clock of this computer went back by ${gap}; sales may count as late, or as ahead of their time, until it is where it was`
}

export function watchClock(parts: ClockWatchParts): ClockWatch {
  const { alerts, clock, log, logger, onJump, probe } = parts
  const uptimeMs = parts.uptimeMs ?? (() => uptime() * 1_000)
  const look = (): Look => ({ wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs(), uptimeMs: uptimeMs() })
  let last = look()
  let jumpedAtMs: number | null = null
  let distrustMs = 0

  const raise = (message: string): void => {
    jumpedAtMs = last.monotonicMs
    alerts.raise({ id: alertId, kind: 'clock-jump', severity: 'warning', message }, last.wallMs)
  }
  const noteJump = (byMs: number, sleptMs: number): void => {
    const isSleep = byMs > 0 && Math.abs(byMs - sleptMs) <= Math.max(leastMs, byMs / 10)
    if (!isSleep) distrustMs = Math.max(0, distrustMs + byMs)
    logger.warn(isSleep ? 'this computer slept' : 'the clock of this computer jumped', { byMs: Math.round(byMs) })
    raise(describeJump(byMs, isSleep))
    onJump(last.wallMs)
  }
  const noteQuiet = (): void => {
    const quietMs = last.monotonicMs - (jumpedAtMs ?? Number.POSITIVE_INFINITY)
    if (quietMs >= shownMs) alerts.resolve(alertId, last.wallMs)
    if (quietMs < distrustedMs) return
    distrustMs = 0
    jumpedAtMs = null
  }
  const check = (): void => {
    const before = last
    last = look()
    const passedMs = last.monotonicMs - before.monotonicMs
    const byMs = last.wallMs - before.wallMs - passedMs
    if (Math.abs(byMs) >= leastMs) noteJump(byMs, last.uptimeMs - before.uptimeMs - passedMs)
    else noteQuiet()
  }

  const { newestAppendedAtMs } = log.describe()
  if (log.order === 'log' && newestAppendedAtMs !== null && newestAppendedAtMs - last.wallMs > aheadMs) {
    const gap = formatGap(newestAppendedAtMs - last.wallMs)
    logger.warn('the log is ahead of the clock of this computer', { byMs: newestAppendedAtMs - last.wallMs })
    raise(
      `the newest record of the log is ${gap} ahead of the clock of this computer; sales may count as late until it gets there`,
    )
  }
  const undo = [probe.on('committed', check), repeatEvery(lookEveryMs, check)]
  return {
    trustedNowMs: () => clock.nowMs() - distrustMs,
    stop() {
      for (const end of undo) end()
    },
  }
}
