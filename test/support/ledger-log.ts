import { Fault } from '../../core/base/fault.ts'
import type { Random } from '../../core/base/random.ts'
import type { EpochRecord, PartitionRange } from '../../core/events/epoch.ts'
import type { AppendRecord, LogRecord } from '../../core/events/record.ts'
import type { Topic } from '../../core/events/topics.ts'
import type { EventLog, LogPosition, LogReader } from '../../core/log/log.ts'
import { createPartitionTable } from '../../core/log/partition-table.ts'

/**
 * A log whose order is made by its readers, as a cluster's is: partitions with holes in their offsets, from which every
 * read fetches a different share. Each read gives what it fetched merged by (running maximum of the time, slot).
 */
export interface LedgerLog extends EventLog {
  /** A record's place, the order aside. */
  recordsOf(range: PartitionRange): readonly LogRecord[]
}

interface Partition {
  readonly topic: Topic
  readonly partition: number
  readonly records: LogRecord[]
  endOffset: number
}

/** The merge every reader of such a log makes of what it has fetched. */
export function mergeFetched(fetched: readonly (readonly LogRecord[])[]): readonly LogRecord[] {
  const keyed = fetched.flatMap((records, slot) => {
    let latestMs = -Infinity
    return records.map((record, index) => {
      latestMs = Math.max(latestMs, record.appendedAtMs)
      return { record, latestMs, slot, index }
    })
  })
  keyed.sort((a, b) => a.latestMs - b.latestMs || a.slot - b.slot || a.index - b.index)
  return keyed.map(({ record }) => record)
}

/** Index of the first record at that offset or behind it. */
function findOffset(records: readonly LogRecord[], offset: number): number {
  let [low, high] = [0, records.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((records[middle]?.offset ?? Infinity) < offset) low = middle + 1
    else high = middle
  }
  return low
}

/** Creates one; `random` decides where holes are and how much a read fetches. */
export function createLedgerLog(partitionCount: number, random: Random): LedgerLog {
  const table = createPartitionTable(partitionCount)
  const partitions = table.slots.map(
    ({ topic, partition }): Partition => ({ topic, partition, records: [], endOffset: 0 }),
  )
  const slotOf = ({ topic, partition }: { readonly topic: Topic; readonly partition: number }): number =>
    table.slotOf(topic, partition)
  const between = (slot: number, from: number, until: number): readonly LogRecord[] => {
    const records = partitions[slot]?.records ?? []
    return records.slice(findOffset(records, from), findOffset(records, until))
  }

  const appendOne = ({ topic, key, value }: AppendRecord, appendedAtMs: number): void => {
    const partition = partitions[table.route(topic, key)]
    if (!partition) throw new Fault('internal', `no partition for ${topic}`)
    if (random.chance(0.02)) partition.endOffset += 1 + random.nextInt(3)
    const source = Buffer.from(value ?? [])
    const offset = partition.endOffset
    partition.records.push({
      topic,
      partition: partition.partition,
      offset,
      sequence: -1,
      appendedAtMs,
      isProducerTime: true,
      origin: 'live',
      source,
      keyStart: -1,
      keyEnd: -1,
      valueStart: value === null ? -1 : 0,
      valueEnd: value === null ? -1 : source.length,
    })
    partition.endOffset += 1
  }

  return {
    partitions: partitionCount,
    order: 'ledger',
    recordsOf: (range) => between(slotOf(range), range.from, range.until),
    async append(records, stamp) {
      for (const [index, record] of records.entries()) {
        const time = typeof stamp.appendedAtMs === 'number' ? stamp.appendedAtMs : stamp.appendedAtMs[index]
        appendOne(record, time ?? 0)
      }
      // Nothing follows these holes: control records at the end of a partition.
      for (const partition of partitions) if (random.chance(0.5)) partition.endOffset += 1
    },
    sync: async () => undefined,
    openReader: (from, epochs) => createReader(partitions, slotOf, between, from, epochs ?? null, random),
    readAt: async (ref) => between(slotOf(ref), ref.offset, ref.offset + 1)[0] ?? null,
    findPositions: async () => [],
    describe: () => {
      const ends = partitions.map(({ topic, partition, endOffset }) => ({
        topic,
        partition,
        startOffset: 0,
        endOffset,
        sizeBytes: 0,
      }))
      const endSequence = ends.reduce((sum, { endOffset }) => sum + endOffset, 0)
      return { partitions: ends, endSequence, startSequence: 0, sizeBytes: 0, newestAppendedAtMs: null, damage: [] }
    },
    retain: async () => undefined,
    close: async () => undefined,
  }
}

function createReader(
  partitions: readonly Partition[],
  slotOf: (place: LogPosition | PartitionRange) => number,
  between: (slot: number, from: number, until: number) => readonly LogRecord[],
  from: readonly LogPosition[],
  epochs: readonly EpochRecord[] | null,
  random: Random,
): LogReader {
  const delivered = partitions.map(() => 0)
  for (const position of from) delivered[slotOf(position)] = position.offset
  const isAtEnd = (slot: number): boolean => between(slot, delivered[slot] ?? 0, Infinity).length === 0
  let sequence = delivered.reduce((sum, offset) => sum + offset, 0)
  const ahead = (epochs ?? []).filter(({ kind }) => kind === 'records')
  let buffered: LogRecord[] = []

  const deliver = (record: LogRecord): LogRecord => {
    const slot = slotOf({ ...record, from: 0, until: 0 })
    const at = sequence + record.offset - (delivered[slot] ?? 0)
    delivered[slot] = record.offset + 1
    sequence = at + 1
    return { ...record, sequence: at }
  }
  const fetchSome = (): readonly LogRecord[] =>
    mergeFetched(
      partitions.map((_, slot) => {
        const waiting = between(slot, delivered[slot] ?? 0, Infinity)
        return waiting.slice(0, 1 + random.nextInt(60))
      }),
    )
  const fetchEpoch = (): readonly LogRecord[] => {
    const epoch = ahead.shift()
    if (!epoch) return []
    return mergeFetched(
      partitions.map((_, slot) =>
        epoch.ranges
          .filter((range) => slotOf(range) === slot)
          .flatMap((range) => between(slot, range.from, range.until)),
      ),
    )
  }

  return {
    async read(maxRecords) {
      if (epochs && buffered.length === 0) buffered = [...fetchEpoch()]
      const taken = epochs ? buffered.splice(0, maxRecords) : fetchSome().slice(0, maxRecords)
      return taken.map(deliver)
    },
    async waitForMore() {
      await new Promise((resolve) => setImmediate(resolve))
    },
    get nextSequence() {
      return partitions.reduce(
        (sum, { endOffset }, slot) => sum + (isAtEnd(slot) ? endOffset : (delivered[slot] ?? 0)),
        0,
      )
    },
    startedAt: partitions.map(({ topic, partition }) => ({ topic, partition, offset: 0 })),
    close: async () => undefined,
  }
}
