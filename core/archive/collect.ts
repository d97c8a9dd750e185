import type { LogRecord } from '../events/record.ts'
import { keyOf, valueOf } from '../events/record.ts'
import type { ArchivableLog, ArchivePosition, PartitionStretch } from './archive.ts'
import type { Catalog } from './catalog.ts'
import type { FileDraft } from './commit-files.ts'
import { hourOf } from './layout.ts'
import { placeBytes } from './parquet.ts'
import { findGaps, findRangeOf, type OffsetRange } from './ranges.ts'

type Partition = ReturnType<ArchivableLog['describe']>['partitions'][number]

/** Raw bytes waiting to become files, over all partitions. */
const budgetBytes = 32 * 1024 * 1024
const leastFileBytes = 512 * 1024
const mostFileBytes = 8 * 1024 * 1024

/** Records are cut into files by what they are, never by when they came: another run cuts at the same offsets. */
export interface Collector {
  /** Per partition the first offset to read. */
  readonly from: readonly ArchivePosition[]
  /** What the log has lost before it was archived, as far as is known by now. */
  readonly lost: PartitionStretch[]
  /** Takes the next record in order; returns the file that is full or has ended with it, if any. */
  add(record: LogRecord): readonly FileDraft[]
  /** Whether the record was appended after the collecting began. */
  isBeyond(record: LogRecord): boolean
  /** The files that are begun. */
  finish(): readonly FileDraft[]
}

interface Lane {
  readonly partition: Partition
  readonly covered: readonly OffsetRange[]
  /** Next offset of which nothing is known yet. */
  next: number
  startMs: number
  fromOffset: number
  records: LogRecord[]
  sizeBytes: number
}

/** Where reading begins, and what lies before it that nobody has. */
function describeStart(partition: Partition, covered: readonly OffsetRange[]) {
  const { startOffset } = partition
  const last = covered.at(-1)
  const behind = last && last.untilOffset < startOffset ? [{ ...last, fromOffset: last.untilOffset }] : []
  const lost = [...findGaps(covered), ...behind.map((range) => ({ ...range, untilOffset: startOffset }))]
    .map((range) => ({ ...range, untilOffset: Math.min(range.untilOffset, startOffset) }))
    .filter((range) => range.fromOffset < range.untilOffset)
  return { next: findRangeOf(covered, startOffset)?.untilOffset ?? startOffset, lost }
}

/** Records keep the buffer of their whole batch alive. */
const copyRecord = (record: LogRecord): LogRecord => ({ ...record, ...placeBytes(keyOf(record), valueOf(record)) })

const sizeOf = (record: LogRecord): number => record.keyEnd - record.keyStart + (record.valueEnd - record.valueStart)

/** Creates a collector for what the log holds now and the catalog does not. */
export function createCollector(log: ArchivableLog, catalog: Catalog): Collector {
  const { partitions } = log.describe()
  const fileBytes = Math.min(mostFileBytes, Math.max(leastFileBytes, Math.floor(budgetBytes / partitions.length)))
  const lost: PartitionStretch[] = []
  const lanes = new Map<string, Lane>()
  for (const partition of partitions) {
    const covered = catalog.coverageOf(partition.topic, partition.partition)
    const start = describeStart(partition, covered)
    lost.push(...start.lost.map((range) => ({ ...range, topic: partition.topic, partition: partition.partition })))
    lanes.set(`${partition.topic}/${partition.partition}`, {
      partition,
      covered,
      next: start.next,
      startMs: 0,
      fromOffset: start.next,
      records: [],
      sizeBytes: 0,
    })
  }

  const cut = (lane: Lane): readonly FileDraft[] => {
    const { topic, partition } = lane.partition
    const { fromOffset, records, startMs } = lane
    lane.records = []
    lane.sizeBytes = 0
    const untilOffset = (records.at(-1)?.offset ?? fromOffset) + 1
    return records.length === 0 ? [] : [{ topic, partition, startMs, fromOffset, untilOffset, records }]
  }

  const pass = (lane: Lane, record: LogRecord): readonly FileDraft[] => {
    const range = findRangeOf(lane.covered, record.offset)
    const jumps = record.offset > lane.next
    const isHole = jumps && log.order === 'log'
    if (isHole) {
      const { topic, partition } = lane.partition
      lost.push({ topic, partition, fromOffset: lane.next, untilOffset: range?.fromOffset ?? record.offset })
    }
    const drafts = range || isHole || hourOf(record.appendedAtMs) !== lane.startMs ? cut(lane) : []
    // Offsets of a ledger's log that are no records belong to the file that begins behind them.
    const begins = isHole ? record.offset : lane.next
    lane.next = range?.untilOffset ?? record.offset + 1
    if (range) return drafts
    if (lane.records.length === 0) {
      lane.startMs = hourOf(record.appendedAtMs)
      lane.fromOffset = begins
    }
    lane.records.push(copyRecord(record))
    lane.sizeBytes += sizeOf(record)
    return lane.sizeBytes >= fileBytes ? [...drafts, ...cut(lane)] : drafts
  }

  const laneOf = (record: LogRecord): Lane | undefined => lanes.get(`${record.topic}/${record.partition}`)
  return {
    from: [...lanes.values()].map(({ partition: { topic, partition }, next }) => ({ topic, partition, offset: next })),
    lost,
    isBeyond: (record) => record.offset >= (laneOf(record)?.partition.endOffset ?? 0),
    add(record) {
      const lane = laneOf(record)
      if (lane === undefined || record.offset < lane.next) return []
      return pass(lane, record)
    },
    finish: () => [...lanes.values()].flatMap(cut),
  }
}
