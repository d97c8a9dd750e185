import { type Clock, systemClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { AppendRecord, LogRecord } from '../../events/record.ts'
import { readmissionTopic } from '../../events/topics.ts'
import { readAppendTimes, routeRecord } from '../append-stamp.ts'
import type { AppendStamp, EventLog, LogDescription, LogProbe, RetentionBounds } from '../log.ts'
import { createPartitionTable, type PartitionSlot } from '../partition-table.ts'
import { resolveStartOffsets } from '../start-offsets.ts'
import { createWakeups } from '../wakeups.ts'
import { createMemoryReader } from './memory-reader.ts'
import { type MemoryPartition, type MemoryState, sizeOf } from './memory-state.ts'

export interface MemoryLogOptions {
  readonly partitions: number
  readonly probe?: LogProbe
  /** Sleeps the time-outs of waiting readers. */
  readonly clock?: Clock
}

/**
 * A log that forgets everything with its process.
 *
 * 1. `order` is every record held, by sequence; a partition's `records` are the same objects, by offset, without a gap.
 * 2. Retention drops record by record, oldest sequence first: the memory has no segments.
 * 3. What was appended is as durable as it gets, so `sync` has nothing to do and reports nothing.
 */
export function createMemoryLog(options: MemoryLogOptions): EventLog {
  const table = createPartitionTable(options.partitions)
  const state: MemoryState = {
    table,
    partitions: table.slots.map(createPartition),
    order: [],
    endSequence: 0,
    closed: false,
    wakeups: createWakeups(options.clock ?? systemClock),
  }
  return {
    partitions: options.partitions,
    order: 'log',
    async append(records, stamp) {
      refuseClosed(state)
      if (records.length === 0) return
      const bytes = appendAll(state, records, stamp)
      options.probe?.emit('appended', { records: records.length, bytes, atMs: state.order.at(-1)?.appendedAtMs ?? 0 })
      state.wakeups.wakeAll()
    },
    async sync() {
      refuseClosed(state)
    },
    openReader(from) {
      refuseClosed(state)
      return createMemoryReader(state, resolveStartOffsets(from, table, state.partitions))
    },
    async readAt(ref) {
      const partition = state.partitions[table.slotOf(ref.topic, ref.partition)]
      return partition?.records[ref.offset - partition.startOffset] ?? null
    },
    async findPositions(sinceMs) {
      return state.partitions.map(({ topic, partition, records, endOffset }) => {
        const first = records.find((record) => record.appendedAtMs >= sinceMs)
        return { topic, partition, offset: first?.offset ?? endOffset }
      })
    },
    describe: () => describe(state),
    async retain(bounds, nowMs) {
      refuseClosed(state)
      retain(state, bounds, nowMs)
    },
    async close() {
      state.closed = true
      state.wakeups.wakeAll()
    },
  }
}

function createPartition({ topic, partition }: PartitionSlot): MemoryPartition {
  return { topic, partition, records: [], startOffset: 0, endOffset: 0, sizeBytes: 0 }
}

function refuseClosed(state: MemoryState): void {
  if (state.closed) throw new Fault('cancelled', 'the log is closed')
}

/** Copies keys and values into one buffer; returns its size. */
function appendAll(state: MemoryState, records: readonly AppendRecord[], stamp: AppendStamp): number {
  const timeOf = readAppendTimes(stamp, records.length)
  let bytes = 0
  for (const { key, value } of records) bytes += (key?.length ?? 0) + (value?.length ?? 0)
  const source = Buffer.allocUnsafeSlow(bytes)
  let at = 0
  for (const [index, appended] of records.entries()) {
    const { topic, key, value } = appended
    const partition = state.partitions[routeRecord(state.table, stamp, index, appended)]
    if (partition === undefined) throw new Fault('internal', `the log has no topic ${topic}`)
    const valueAt = at + (key?.length ?? 0)
    const end = valueAt + (value?.length ?? 0)
    if (key !== null) source.set(key, at)
    if (value !== null) source.set(value, valueAt)
    const record: LogRecord = {
      topic,
      partition: partition.partition,
      offset: partition.endOffset,
      sequence: state.endSequence,
      appendedAtMs: timeOf(index),
      isProducerTime: false,
      origin: stamp.origin,
      source,
      keyStart: key === null ? -1 : at,
      keyEnd: key === null ? -1 : valueAt,
      valueStart: value === null ? -1 : valueAt,
      valueEnd: value === null ? -1 : end,
    }
    at = end
    partition.records.push(record)
    partition.endOffset += 1
    partition.sizeBytes += sizeOf(record)
    state.order.push(record)
    state.endSequence += 1
  }
  return bytes
}

function describe(state: MemoryState): LogDescription {
  let sizeBytes = 0
  for (const partition of state.partitions) sizeBytes += partition.sizeBytes
  let newestAppendedAtMs: number | null = null
  for (const { appendedAtMs } of state.order) {
    if (newestAppendedAtMs === null || appendedAtMs > newestAppendedAtMs) newestAppendedAtMs = appendedAtMs
  }
  return {
    partitions: state.partitions.map(({ topic, partition, startOffset, endOffset, sizeBytes }) => ({
      topic,
      partition,
      startOffset,
      endOffset,
      sizeBytes,
    })),
    endSequence: state.endSequence,
    startSequence: state.order[0]?.sequence ?? state.endSequence,
    sizeBytes,
    newestAppendedAtMs,
    damage: [],
  }
}

function retain(state: MemoryState, bounds: RetentionBounds, nowMs: number): void {
  const oldestKeptMs = bounds.ageMs > 0 ? nowMs - bounds.ageMs : -Infinity
  let excessBytes = bounds.bytes > 0 ? describe(state).sizeBytes - bounds.bytes : 0
  const keptFrom = state.partitions.map((partition) => partition.startOffset)
  const openSlots = new Set(keptFrom.keys())
  for (const record of state.order) {
    if (record.topic === readmissionTopic) continue
    const slot = state.table.slotOf(record.topic, record.partition)
    if (!openSlots.has(slot)) continue
    if (record.appendedAtMs >= oldestKeptMs && excessBytes <= 0) {
      // What comes after a kept record of its partition stays: offsets held have no gap.
      openSlots.delete(slot)
      continue
    }
    keptFrom[slot] = record.offset + 1
    excessBytes -= sizeOf(record)
  }
  for (const [slot, partition] of state.partitions.entries()) dropBefore(partition, keptFrom[slot] ?? 0)
  state.order = state.order.filter((record) => isHeld(state, record))
}

function dropBefore(partition: MemoryPartition, offset: number): void {
  const dropped = partition.records.splice(0, offset - partition.startOffset)
  for (const record of dropped) partition.sizeBytes -= sizeOf(record)
  partition.startOffset = offset
}

function isHeld(state: MemoryState, record: LogRecord): boolean {
  const partition = state.partitions[state.table.slotOf(record.topic, record.partition)]
  return partition !== undefined && record.offset >= partition.startOffset
}
