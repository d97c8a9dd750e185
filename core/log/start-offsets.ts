import { Fault } from '../base/fault.ts'
import type { Topic } from '../events/topics.ts'
import type { LogPosition } from './log.ts'
import type { PartitionTable } from './partition-table.ts'

/** The offsets [startOffset, endOffset) a partition holds. */
export interface HeldRange {
  readonly topic: Topic
  readonly partition: number
  readonly startOffset: number
  readonly endOffset: number
}

/**
 * Where a reader that was given `from` begins, by slot: at the wanted offset, or at the earliest held.
 *
 * @throws Fault `log-gap` when a wanted offset is not within, or right at the end of, what is held
 */
export function resolveStartOffsets(
  from: readonly LogPosition[],
  table: PartitionTable,
  held: readonly HeldRange[],
): number[] {
  const starts = held.map((range) => range.startOffset)
  for (const position of from) {
    const range = held[table.slotOf(position.topic, position.partition)]
    if (range === undefined) throw unknownPartition(position)
    refuseGap(range, position.offset)
    starts[table.slotOf(position.topic, position.partition)] = position.offset
  }
  return starts
}

/** @throws Fault `log-gap` when `offset` lies before or behind what the partition holds; its end is within */
export function refuseGap(range: HeldRange, offset: number): void {
  const { topic, partition, startOffset, endOffset } = range
  if (offset >= startOffset && offset <= endOffset) return
  const what =
    offset < startOffset
      ? `offsets ${offset} to ${startOffset - 1} are no longer held, the log begins at ${startOffset}`
      : `offset ${offset} is ahead of the log's end ${endOffset}`
  throw new Fault('log-gap', `${topic}/${partition}: ${what}`, {
    hint: 'rebuild the warehouse from what the log holds, or bring the missing range back',
    detail: { topic, partition, offset, startOffset, endOffset },
  })
}

function unknownPartition({ topic, partition, offset }: LogPosition): Fault {
  return new Fault('log-gap', `${topic}/${partition}: the log has no such partition`, {
    hint: 'open the log with the partitions it was made with',
    detail: { topic, partition, offset },
  })
}
