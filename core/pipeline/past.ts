import { Fault } from '../base/fault.ts'
import type { GeneratorOptions, GeneratorPort } from '../generator/generator.ts'
import { eventTopics } from '../events/topics.ts'
import type { BackfillView } from '../protocol/views.ts'
import { createPatientAppend, type PatientAppendParts } from './patient-append.ts'

export interface PastParts extends PatientAppendParts {
  readonly options: GeneratorOptions
  /** Opens a generator whose first event is sent at `fromMs`, for making many at once. */
  readonly openGenerator: (fromMs: number) => GeneratorPort
}

/**
 * Makes the past: records with virtual append times, marked as back-fill, appended whole before the first live one.
 *
 * 1. While it is made the clock goes on, so it is followed up to within a quarter of a second: live events begin where
 *    the past ends, none of them late.
 * 2. What is ended half-way is taken up at the next start, as the gap since the last record.
 */
export interface Past {
  /** The last `durationMs`, into an empty log. Returns the instant it ends at. @throws Fault `usage` for a log with records */
  make(durationMs: number, onProgress: (share: number) => void, signal: AbortSignal): Promise<number>
  /**
   * The last `durationMs`, or what of it lies behind the last record; at most half a million records of it, so that live
   * events begin within seconds at any rate. Returns the instant it ends at.
   */
  fill(durationMs: number, signal: AbortSignal): Promise<number>
  /** How far it is; null while nothing is being made. */
  readonly progress: BackfillView | null
}

const chunkRecords = 20_000
const mostRecords = 500_000
const closeEnoughMs = 250
/** A machine that cannot keep up with its own generator is not waited for. */
const mostPasses = 20
const leastGapMs = 1_000

/** Events a second over all topics. */
function sumRates({ rate, rates }: GeneratorOptions): number {
  return eventTopics.reduce((sum, topic) => sum + (rates[topic] ?? rate / eventTopics.length), 0)
}

export function createPast(parts: PastParts): Past {
  const { clock, log } = parts
  const append = createPatientAppend(parts)
  let progress: BackfillView | null = null

  const run = async (fromMs: number, onProgress: (share: number) => void, signal: AbortSignal): Promise<number> => {
    let untilMs = clock.nowMs()
    let passes = 0
    progress = { share: 0, fromMs, untilMs }
    const spanMs = Math.max(1, untilMs - fromMs)
    const generator = parts.openGenerator(fromMs)
    try {
      while (!signal.aborted) {
        const records = await generator.advance(untilMs, chunkRecords)
        const last = records[records.length - 1]
        if (last) {
          const appendedAtMs = records.map(({ sentAtMs }) => sentAtMs)
          await append(records, () => ({ appendedAtMs, origin: 'backfill' }), signal)
          const share = Math.min(1, (last.sentAtMs - fromMs) / spanMs)
          progress = { share, fromMs, untilMs }
          onProgress(share)
          continue
        }
        passes += 1
        if (clock.nowMs() - untilMs <= closeEnoughMs || passes >= mostPasses) break
        untilMs = clock.nowMs()
      }
      await log.sync()
      return untilMs
    } finally {
      progress = null
      await generator.close()
    }
  }

  return {
    async make(durationMs, onProgress, signal) {
      if (log.describe().endSequence > 0) {
        throw new Fault('usage', 'back-fill needs an empty log', {
          domain: 'user',
          hint: 'leave --backfill out, or run `storepulse reset --yes` first',
        })
      }
      return run(clock.nowMs() - durationMs, onProgress, signal)
    },
    async fill(durationMs, signal) {
      const nowMs = clock.nowMs()
      const longestMs = Math.min(durationMs, (mostRecords / Math.max(0.001, sumRates(parts.options))) * 1_000)
      const { newestAppendedAtMs } = log.describe()
      const fromMs = Math.max(Math.ceil(nowMs - longestMs), (newestAppendedAtMs ?? Number.NEGATIVE_INFINITY) + 1)
      return nowMs - fromMs < leastGapMs ? nowMs : run(fromMs, () => undefined, signal)
    },
    get progress() {
      return progress
    },
  }
}
