/** Offsets [fromOffset, untilOffset). */
export interface OffsetRange {
  readonly fromOffset: number
  readonly untilOffset: number
}

/** The same offsets as few ranges, in order. */
export function mergeRanges(ranges: readonly OffsetRange[]): readonly OffsetRange[] {
  const merged: OffsetRange[] = []
  for (const range of [...ranges].sort((left, right) => left.fromOffset - right.fromOffset)) {
    const last = merged.at(-1)
    if (last === undefined || range.fromOffset > last.untilOffset) merged.push(range)
    else if (range.untilOffset > last.untilOffset) {
      merged[merged.length - 1] = { fromOffset: last.fromOffset, untilOffset: range.untilOffset }
    }
  }
  return merged
}

/** What lies between merged ranges. */
export function findGaps(merged: readonly OffsetRange[]): readonly OffsetRange[] {
  return merged.slice(1).map(({ fromOffset }, index) => ({
    fromOffset: merged[index]?.untilOffset ?? 0,
    untilOffset: fromOffset,
  }))
}

export const doOverlap = (left: OffsetRange, right: OffsetRange): boolean =>
  left.fromOffset < right.untilOffset && right.fromOffset < left.untilOffset

/** The merged range that holds `offset`, or null. */
export const findRangeOf = (merged: readonly OffsetRange[], offset: number): OffsetRange | null =>
  merged.find(({ fromOffset, untilOffset }) => offset >= fromOffset && offset < untilOffset) ?? null

export interface PartitionRange extends OffsetRange {
  readonly partition: number
}

/** The same for the ranges of several partitions. */
export function mergeByPartition(ranges: readonly PartitionRange[]): readonly PartitionRange[] {
  const partitions = [...new Set(ranges.map(({ partition }) => partition))].sort((left, right) => left - right)
  return partitions.flatMap((partition) =>
    mergeRanges(ranges.filter((range) => range.partition === partition)).map(({ fromOffset, untilOffset }) => ({
      partition,
      fromOffset,
      untilOffset,
    })),
  )
}
