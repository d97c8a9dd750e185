import type { Archive } from '../archive/archive.ts'
import { hourMs } from '../archive/layout.ts'
import type { Clock } from '../base/clock.ts'
import { describeError, Fault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import { archiveStation } from './archiving.ts'
import type { Station } from './station.ts'

export interface ArchiveRoundsParts {
  readonly station: Pick<Station, 'log' | 'warehouse'>
  readonly archive: Archive
  readonly clock: Clock
  readonly logger: Logger
  /** Called when a round has failed, and with null when one has succeeded after that. */
  readonly onTrouble?: (fault: Fault | null) => void
}

/** An hour is archived so long after its end: records of it may still be on their way into the log. */
const afterHourMs = 60_000
const retryMs = 300_000

/**
 * Archives every hour that has ended, at once and then a minute after each hour. A round that fails is said once and
 * tried again every five minutes.
 *
 * @returns ends it, as soon as the file that is being written is done; the archive stays open
 */
export function startArchiveRounds({
  archive,
  clock,
  logger,
  onTrouble,
  station,
}: ArchiveRoundsParts): () => Promise<void> {
  const ending = new AbortController()
  let trouble: string | null = null

  /** Returns how long to wait. */
  const round = async (): Promise<number> => {
    try {
      const request = { includesOpenHour: false, signal: ending.signal }
      const { files, lost, records } = await archiveStation(station, archive, { clock }, request)
      if (files > 0) logger.info('archived', { records, files })
      if (lost.length > 0) logger.error('records were gone from the log before they could be archived', { lost })
      if (trouble !== null) onTrouble?.(null)
      trouble = null
      const sinceHourMs = clock.nowMs() % hourMs
      return sinceHourMs < afterHourMs ? afterHourMs - sinceHourMs : hourMs - sinceHourMs + afterHourMs
    } catch (error) {
      if (ending.signal.aborted) return 0
      const fault = error instanceof Fault ? error : new Fault('internal', describeError(error), { cause: error })
      if (trouble !== fault.message) {
        trouble = fault.message
        logger.warn('archiving failed and is tried again', { reason: fault.message })
        onTrouble?.(fault)
      }
      return retryMs
    }
  }
  const work = async (): Promise<void> => {
    while (!ending.signal.aborted) await clock.sleep(await round(), ending.signal)
  }
  const working = work()
  return async () => {
    ending.abort()
    await working
  }
}
