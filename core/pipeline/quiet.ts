import type { Clock } from '../base/clock.ts'
import type { LogRecord } from '../events/record.ts'
import { salesTopic } from '../events/topics.ts'

/** For how long the sales topic has been quiet, polled without error and without lag: what windows are closed after. */
export interface QuietWatch {
  /** To be called with what each poll gave; `isWaiting` where a partition holds more and gives nothing. */
  notePoll(records: readonly LogRecord[], isWaiting: boolean): void
  /** Begins to count anew. */
  restart(): void
  /** In milliseconds by the monotonic clock. */
  readonly quietMs: number
}

/** A poll that comes this much late means that the process was held or the machine slept. */
const heldMs = 5_000

/** @param fullRecords a poll that gives as many has left some */
export function watchForQuiet(clock: Clock, fullRecords: number): QuietWatch {
  let quietSinceMs = clock.monotonicMs()
  let lastPollMs = clock.monotonicMs()
  let lastPollWallMs = clock.nowMs()
  return {
    notePoll(records, isWaiting) {
      const nowMs = clock.monotonicMs()
      const wallMs = clock.nowMs()
      const passedMs = nowMs - lastPollMs
      // While a machine sleeps its monotonic clock may stand still; the wall clock then jumps.
      const jumpedMs = Math.abs(wallMs - lastPollWallMs - passedMs)
      const wasHeld = passedMs > heldMs || jumpedMs > heldMs
      const isFull = records.length >= fullRecords
      if (isFull || wasHeld || isWaiting || records.some(({ topic }) => topic === salesTopic)) quietSinceMs = nowMs
      lastPollMs = nowMs
      lastPollWallMs = wallMs
    },
    restart() {
      quietSinceMs = clock.monotonicMs()
    },
    get quietMs() {
      return clock.monotonicMs() - quietSinceMs
    },
  }
}
