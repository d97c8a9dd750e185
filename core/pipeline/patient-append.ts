import type { Clock } from '../base/clock.ts'
import { toFault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { AppendRecord } from '../events/record.ts'
import type { AppendStamp, EventLog } from '../log/log.ts'

export interface PatientAppendParts {
  readonly log: EventLog
  readonly clock: Clock
  readonly logger: Logger
  /** Told when appending fails (why) and when it works again (null). */
  readonly onTrouble: (reason: string | null) => void
}

export type PatientAppend = (
  records: readonly AppendRecord[],
  makeStamp: () => AppendStamp,
  signal: AbortSignal,
) => Promise<void>

const retryMs = 500

/** Appends, and tries again until it works where that can help: a full disk, say. Ends undone when `signal` aborts. */
export function createPatientAppend({ clock, log, logger, onTrouble }: PatientAppendParts): PatientAppend {
  return async (records, makeStamp, signal) => {
    let trouble: string | null = null
    while (!signal.aborted) {
      try {
        await log.append(records, makeStamp())
        if (trouble !== null) {
          onTrouble(null)
          logger.info('events are appended again')
        }
        return
      } catch (error) {
        const fault = toFault(error, 'events could not be appended')
        if (!fault.retry) throw fault
        // Said once: a disk that is full needs no log of it that grows.
        if (trouble !== fault.message) logger.warn('the generator waits', { reason: fault.message })
        trouble = fault.message
        onTrouble(fault.hint === undefined ? fault.message : `${fault.message}; ${fault.hint}`)
        await clock.sleep(retryMs, signal)
      }
    }
  }
}
