import { toFault } from '../../base/fault.ts'
import { readmissionTopic } from '../../events/topics.ts'
import type { RetentionBounds } from '../log.ts'
import type { LogState, PartitionState } from './log-state.ts'
import type { Segment } from './segment.ts'
import { sidecarPathOf } from './sidecar.ts'

/**
 * Drops whole segments beyond the bounds, oldest first.
 *
 * 1. Never of the re-admission topic, never one that is written on, and never the one that holds the newest record: with
 *    it the log would forget its sequence.
 * 2. A segment whose first record is too old is closed, so that a quiet partition's records go too.
 * 3. Before anything goes, the synced point is durable: what is missing afterwards must not look like something torn.
 */
export async function retainSegments(state: LogState, bounds: RetentionBounds, nowMs: number): Promise<void> {
  const oldestKeptMs = bounds.ageMs > 0 ? nowMs - bounds.ageMs : -Infinity
  const partitions = state.partitions.filter(({ topic }) => topic !== readmissionTopic)
  try {
    for (const { segments, writer } of partitions) {
      const active = segments.at(-1)
      if (active !== undefined && active.sizeBytes > 0 && active.firstAppendedAtMs < oldestKeptMs) await writer.roll()
    }
    const doomed = chooseSegments(state, partitions, bounds.bytes, oldestKeptMs)
    if (doomed.length === 0) return
    await state.sync()
    await state.marker.sync()
    for (const { partition, segment } of doomed) await dropSegment(state, partition, segment)
  } catch (error) {
    throw toFault(error, 'dropping old segments')
  }
}

interface Doomed {
  readonly partition: PartitionState
  readonly segment: Segment
}

function chooseSegments(
  state: LogState,
  partitions: readonly PartitionState[],
  mostBytes: number,
  oldestKeptMs: number,
): readonly Doomed[] {
  let excessBytes = mostBytes > 0 ? sizeOf(state) - mostBytes : 0
  const newest = segmentsOf(state).reduce((most, { endSequence }) => Math.max(most, endSequence), 0)
  const candidates = partitions
    .flatMap((partition) => partition.segments.slice(0, -1).map((segment) => ({ partition, segment })))
    .filter(({ segment }) => segment.endSequence < newest)
    .sort((left, right) => left.segment.endSequence - right.segment.endSequence)
  const keeping = new Set<PartitionState>()
  return candidates.filter(({ partition, segment }) => {
    const isBeyond = segment.newestAppendedAtMs < oldestKeptMs || excessBytes > 0
    if (!isBeyond || keeping.has(partition)) {
      // What a partition holds has no gap: behind a kept segment all are kept.
      keeping.add(partition)
      return false
    }
    excessBytes -= segment.sizeBytes
    return true
  })
}

const segmentsOf = (state: LogState): readonly Segment[] => state.partitions.flatMap(({ segments }) => segments)

const sizeOf = (state: LogState): number => segmentsOf(state).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)

async function dropSegment(state: LogState, { segments, directory }: PartitionState, segment: Segment): Promise<void> {
  segments.splice(segments.indexOf(segment), 1)
  await state.files.remove(sidecarPathOf(segment))
  await state.files.remove(segment.path)
  // One after the other: an older segment that came back without a newer one would leave a gap.
  await state.files.syncDirectory(directory)
}
