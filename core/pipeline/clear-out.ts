import { type Clock, repeatEvery } from '../base/clock.ts'
import type { Probe } from '../base/probe.ts'
import type { PipelineFacts } from './pipeline.ts'

/** An epoch with so many records is one of many that wait: the pipeline catches up. */
const manyRecords = 5_000
const quietMs = 3_000
const everyMs = 1_000

/**
 * Clears out once after each time of catching up: what a hundred thousand records have left behind would stay for hours
 * where only a few a second follow. Returns its undo.
 */
export function clearOutWhenCaughtUp(probe: Probe<PipelineFacts>, clock: Clock, clearOut: () => void): () => void {
  let busyAtMs: number | null = null
  const offCommitted = probe.on('committed', ({ records }) => {
    if (records.length >= manyRecords) busyAtMs = clock.monotonicMs()
  })
  const offTimer = repeatEvery(everyMs, () => {
    if (busyAtMs === null || clock.monotonicMs() - busyAtMs < quietMs) return
    busyAtMs = null
    clearOut()
  })
  return () => {
    offCommitted()
    offTimer()
  }
}
