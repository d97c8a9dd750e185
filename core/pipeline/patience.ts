import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { ReadingStage } from './reading.ts'

export interface Patience {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told each time it did not work. */
  readonly onWaiting: (fault: Fault) => void
}

const firstPauseMs = 250
const longestPauseMs = 5_000

/**
 * Does `work`, again and again as long as what is in its way may pass by itself.
 *
 * @throws any other fault; `closing` once `signal` aborts
 */
export async function doPatiently<Result>(work: () => Promise<Result>, patience: Patience): Promise<Result> {
  const { clock, onWaiting, signal } = patience
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Fault) || !error.retry) throw error
      onWaiting(error)
    }
    await clock.sleep(pauseMs, signal)
    if (signal.aborted) throw new Fault('closing', 'it was ended while it waited')
  }
}

/** Reading that waits for what cannot be asked now; for going over records again, which nobody else would begin anew. */
export const waitForReading = (reading: ReadingStage, patience: Patience): ReadingStage => ({
  decode: (records, readAtMs) => doPatiently(() => reading.decode(records, readAtMs), patience),
  readAgain: (readmissions, readAtMs) => doPatiently(() => reading.readAgain(readmissions, readAtMs), patience),
  check: () => reading.check(),
})
