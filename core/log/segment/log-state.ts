import type { Clock } from '../../base/clock.ts'
import type { LogProbe, LogReader } from '../log.ts'
import type { PartitionSlot, PartitionTable } from '../partition-table.ts'
import type { HeldRange } from '../start-offsets.ts'
import type { Wakeups } from '../wakeups.ts'
import type { DamageList } from './damage-list.ts'
import type { DiskFiles } from './disk-files.ts'
import type { NewNames } from './new-names.ts'
import type { FrameBuilder } from './frame-builder.ts'
import type { Segment } from './segment.ts'
import type { PartitionWriter } from './partition-writer.ts'
import type { SyncedMarker, SyncedPoint } from './synced-marker.ts'

/** One partition of an open log. */
export interface PartitionState extends PartitionSlot {
  readonly directory: string
  /** Oldest first, at least one; only the last one grows. */
  readonly segments: Segment[]
  readonly builder: FrameBuilder
  readonly writer: PartitionWriter
}

/** What the parts of an open log share. */
export interface LogState {
  readonly files: DiskFiles
  readonly clock: Clock
  readonly probe: LogProbe | undefined
  readonly table: PartitionTable
  readonly partitions: readonly PartitionState[]
  readonly damage: DamageList
  readonly wakeups: Wakeups
  /** Sequence of the next record; everything below is published. */
  endSequence: number
  /** Everything below is durable. */
  syncedSequence: number
  readonly newNames: NewNames
  readonly marker: SyncedMarker
  /** Makes everything published durable; calls share runs. */
  readonly sync: () => Promise<void>
  /** Those not closed yet. */
  readonly readers: Set<LogReader>
  closed: boolean
}

/** The offsets a partition holds. */
export function heldRangeOf({ topic, partition, segments }: PartitionState): HeldRange {
  return {
    topic,
    partition,
    startOffset: segments[0]?.baseOffset ?? 0,
    endOffset: segments.at(-1)?.endOffset ?? 0,
  }
}

/** How far everything published reaches. */
export const publishedPointOf = (state: LogState): SyncedPoint => ({
  sequence: state.endSequence,
  endOffsets: state.partitions.map((partition) => heldRangeOf(partition).endOffset),
})
