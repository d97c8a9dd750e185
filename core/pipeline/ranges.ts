import type { PartitionRange } from '../events/epoch.ts'
import type { LogRecord, RecordRef } from '../events/record.ts'
import type { LogPosition } from '../log/log.ts'

/** One record as a stretch of its partition. */
export const rangeOf = ({ topic, partition, offset }: RecordRef): PartitionRange => ({
  topic,
  partition,
  from: offset,
  until: offset + 1,
})

/**
 * The stretch per partition that these records cover.
 *
 * @param findNext where reading stands in a partition, so that a stretch begins there and not at the first record behind
 * offsets without one; undefined where that is not known
 */
export function describeRanges(
  records: readonly LogRecord[],
  findNext: (record: LogRecord) => number | undefined = () => undefined,
): readonly PartitionRange[] {
  type Range = {
    readonly topic: PartitionRange['topic']
    readonly partition: number
    readonly from: number
    until: number
  }
  // A dozen partitions at most times twenty thousand records: a look along a short list beats building keys.
  const ranges: Range[] = []
  for (const record of records) {
    const { topic, partition, offset } = record
    const range = ranges.find((known) => known.partition === partition && known.topic === topic)
    if (range) range.until = offset + 1
    else ranges.push({ topic, partition, from: findNext(record) ?? offset, until: offset + 1 })
  }
  return ranges
}

/** Follows a reader: each stretch it gives begins where the one before it in its partition ended, or where reading began. */
export function createRangeFollower(
  committed: readonly LogPosition[],
  reader: { readonly startedAt: readonly LogPosition[] },
): (records: readonly LogRecord[]) => readonly PartitionRange[] {
  const nameOf = ({ partition, topic }: Pick<LogPosition, 'topic' | 'partition'>): string => `${topic}/${partition}`
  const next = new Map(committed.map((place) => [nameOf(place), place.offset]))
  const findStart = (name: string): number | undefined =>
    reader.startedAt.find((place) => nameOf(place) === name)?.offset
  return (records) => {
    const ranges = describeRanges(records, (record) => next.get(nameOf(record)) ?? findStart(nameOf(record)))
    for (const range of ranges) next.set(nameOf(range), range.until)
    return ranges
  }
}
