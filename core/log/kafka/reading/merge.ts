import type { LogRecord } from '../../../events/record.ts'
import { type PartitionBuffer, takeRecord } from './partition-buffer.ts'

/** A partition in a merge, and how far it goes there. */
export interface MergeLane {
  readonly buffer: PartitionBuffer
  /** Records from this offset on are not part of the merge; infinite where there is no bound. */
  readonly until: number
}

/** Where the merge has to know what comes next before anything may pass: nothing is fetched and there is more. */
export const isLacking = ({ buffer, until }: MergeLane): boolean =>
  !buffer.hasRecord && buffer.position < until && (buffer.position < buffer.knownEnd || buffer.fault !== null)

const isReady = ({ buffer, until }: MergeLane): boolean => buffer.hasRecord && buffer.position < until

const timeOf = ({ buffer }: MergeLane): number => buffer.cursor?.timeMs ?? -1

/** Whether `a` goes before `b`, which stands at `bTimeMs`. */
function goesBefore(a: MergeLane, aTimeMs: number, b: MergeLane, bTimeMs: number): boolean {
  if (aTimeMs !== bTimeMs) return aTimeMs < bTimeMs
  if (a.buffer.partition !== b.buffer.partition) return a.buffer.partition < b.buffer.partition
  return a.buffer.topicOrder < b.buffer.topicOrder
}

/**
 * Takes records in the order (greatest record time in the partition since the read began, partition, topic, offset), at
 * most `maxRecords` and about `maxBytes`, numbered from `fromSequence`. Stops in front of a partition of which nothing is
 * fetched though it holds more. The order depends on nothing but the records: the same ranges give it again, in one piece
 * or in many.
 *
 * Taking the least of what stands first in each partition is that order: a record that is older than the one before it in
 * its partition comes right after it, as everything else that stands first is at least as late as that one.
 */
export function takeMerged(
  lanes: readonly MergeLane[],
  maxRecords: number,
  maxBytes: number,
  fromSequence: number,
): readonly LogRecord[] {
  const taken: LogRecord[] = []
  if (lanes.some(isLacking)) return taken
  const ready = lanes.filter(isReady)
  let bytes = 0
  while (ready.length > 0 && taken.length < maxRecords) {
    let best = ready[0]
    let second: MergeLane | undefined
    if (best === undefined) break
    let bestTimeMs = timeOf(best)
    let secondTimeMs = Infinity
    for (let index = 1; index < ready.length; index += 1) {
      const lane = ready[index]
      if (lane === undefined) continue
      const timeMs = timeOf(lane)
      if (goesBefore(lane, timeMs, best, bestTimeMs)) {
        second = best
        secondTimeMs = bestTimeMs
        best = lane
        bestTimeMs = timeMs
      } else if (second === undefined || goesBefore(lane, timeMs, second, secondTimeMs)) {
        second = lane
        secondTimeMs = timeMs
      }
    }
    // Records of one partition mostly come in runs: as long as it goes before the second, nobody else is asked.
    do {
      if (bytes >= maxBytes && taken.length > 0) return taken
      const record = takeRecord(best.buffer, fromSequence + taken.length)
      if (record === null) break
      taken.push(record)
      bytes += record.keyEnd - record.keyStart + (record.valueEnd - record.valueStart)
    } while (
      taken.length < maxRecords &&
      isReady(best) &&
      (second === undefined || goesBefore(best, timeOf(best), second, secondTimeMs))
    )
    if (isReady(best)) continue
    if (isLacking(best)) return taken
    ready.splice(ready.indexOf(best), 1)
  }
  return taken
}
