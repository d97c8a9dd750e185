import type { LogDescription, PartitionDescription } from '../log.ts'
import { heldRangeOf, type LogState, type PartitionState } from './log-state.ts'
import { hasRecords } from './segment.ts'

/** What the log holds right now. */
export function describeLog(state: LogState): LogDescription {
  const partitions = state.partitions.map(describePartition)
  let startSequence = state.endSequence
  let newestAppendedAtMs = -Infinity
  for (const { segments } of state.partitions) {
    const first = segments.find(hasRecords)
    if (first !== undefined) startSequence = Math.min(startSequence, first.firstSequence)
    for (const segment of segments) newestAppendedAtMs = Math.max(newestAppendedAtMs, segment.newestAppendedAtMs)
  }
  return {
    partitions,
    endSequence: state.endSequence,
    startSequence,
    sizeBytes: partitions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    newestAppendedAtMs: newestAppendedAtMs === -Infinity ? null : newestAppendedAtMs,
    damage: [...state.damage.all],
  }
}

function describePartition(partition: PartitionState): PartitionDescription {
  const sizeBytes = partition.segments.reduce((sum, segment) => sum + segment.sizeBytes, 0)
  return { ...heldRangeOf(partition), sizeBytes }
}
