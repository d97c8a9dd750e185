import { type Clock, repeatEvery } from '../base/clock.ts'
import type { Probe } from '../base/probe.ts'
import type { AlertBook } from '../metrics/alerts.ts'
import type { PipelineFacts } from './pipeline.ts'

/** What began anew, and why. */
export interface Restart {
  readonly what: 'engine' | 'pipeline'
  readonly reason: string
  /** When the one before it ended. */
  readonly atMs: number
}

/** Says on every screen that something began anew, until it has run steadily for a minute; the history keeps it. */
export interface RestartWatch {
  readonly note: (restart: Restart) => void
  readonly stop: () => void
}

const steadyMs = 60_000
const everyMs = 1_000

export function watchForRestarts(probe: Probe<PipelineFacts>, alerts: AlertBook, clock: Clock): RestartWatch {
  const raised = new Map<Restart['what'], { readonly id: string; readonly count: number }>()
  let isSteady = true
  let steadySinceMs = clock.monotonicMs()

  const offState = probe.on('state', ({ state }) => {
    const isRunning = state === 'running' || state === 'catching-up'
    if (isRunning && !isSteady) steadySinceMs = clock.monotonicMs()
    isSteady = isRunning
  })
  const offTimer = repeatEvery(everyMs, () => {
    if (!isSteady || clock.monotonicMs() - steadySinceMs < steadyMs) return
    for (const { id } of raised.values()) alerts.resolve(id, clock.nowMs())
    raised.clear()
  })
  return {
    note({ atMs, reason, what }) {
      const before = raised.get(what)
      const id = before?.id ?? `restart/${what}/${atMs}`
      const count = (before?.count ?? 0) + 1
      raised.set(what, { id, count })
      steadySinceMs = clock.monotonicMs()
      const times = count === 1 ? '' : ` ${count} times, the last time`
      const message = `the ${what} was restarted${times}: ${reason}`
      alerts.raise({ id, kind: 'restart', severity: 'warning', message }, atMs)
    },
    stop() {
      offState()
      offTimer()
    },
  }
}
