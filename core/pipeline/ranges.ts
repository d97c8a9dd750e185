import type { PartitionRange } from '../events/epoch.ts'
import type { LogRecord, RecordRef } from '../events/record.ts'

/** One record as a stretch of its partition. */
export const rangeOf = ({ topic, partition, offset }: RecordRef): PartitionRange => ({
  topic,
  partition,
  from: offset,
  until: offset + 1,
})

/** The stretch per partition that these records cover. */
export function describeRanges(records: readonly LogRecord[]): readonly PartitionRange[] {
  type Range = {
    readonly topic: PartitionRange['topic']
    readonly partition: number
    readonly from: number
    until: number
  }
  // A dozen partitions at most times twenty thousand records: a look along a short list beats building keys.
  const ranges: Range[] = []
  for (const { topic, partition, offset } of records) {
    const range = ranges.find((known) => known.partition === partition && known.topic === topic)
    if (range) range.until = offset + 1
    else ranges.push({ topic, partition, from: offset, until: offset + 1 })
  }
  return ranges
}
