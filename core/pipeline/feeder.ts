import { toFault } from '../base/fault.ts'
import type { GeneratorPort } from '../generator/generator.ts'
import type { AppendStamp } from '../log/log.ts'
import { createPatientAppend, type PatientAppendParts } from './patient-append.ts'

export interface FeederParts extends PatientAppendParts {
  /** Opens a generator whose first event is sent at `fromMs`. */
  readonly openGenerator: (fromMs: number) => GeneratorPort
}

/** Appends what the generator sends as the wall clock reaches it. */
export interface Feeder {
  start(fromMs: number): void
  stop(): Promise<void>
}

const tickMs = 20
const mostRecords = 20_000
/** Longer than this since the last tick, the clock jumped, the machine slept or the disk was full: go on from here. */
const jumpMs = 10_000

/** Creates a feeder; it appends live records from `start` on and ends with `stop`. */
export function createFeeder(parts: FeederParts): Feeder {
  const { clock, logger } = parts
  const stopping = new AbortController()
  let running: Promise<void> | null = null

  const append = createPatientAppend(parts)
  const makeStamp = (): AppendStamp => ({ appendedAtMs: clock.nowMs(), origin: 'live' })

  const run = async (fromMs: number): Promise<void> => {
    let generator = parts.openGenerator(fromMs)
    let lastMs = clock.nowMs()
    let tickedMs = clock.monotonicMs()
    try {
      while (!stopping.signal.aborted) {
        const nowMs = clock.nowMs()
        if (nowMs < lastMs - tickMs || nowMs - lastMs > jumpMs) {
          const heldMs = clock.monotonicMs() - tickedMs
          if (Math.abs(nowMs - lastMs - heldMs) <= jumpMs) logger.info('the generator goes on from now', { heldMs })
          else logger.warn('the clock jumped', { byMs: nowMs - lastMs - heldMs })
          await generator.close()
          generator = parts.openGenerator(nowMs)
        }
        lastMs = nowMs
        tickedMs = clock.monotonicMs()
        const records = await generator.advance(nowMs, mostRecords)
        if (records.length > 0) await append(records, makeStamp, stopping.signal)
        if (records.length < mostRecords) await clock.sleep(tickMs - (clock.nowMs() - nowMs), stopping.signal)
      }
    } finally {
      await generator.close()
    }
  }

  return {
    start(fromMs) {
      running ??= run(fromMs).catch((error: unknown) => {
        const fault = toFault(error, 'the generator stopped')
        logger.error(fault.message)
        parts.onTrouble(fault.message)
      })
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
