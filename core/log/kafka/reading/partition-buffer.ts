import { type Fault, toFault } from '../../../base/fault.ts'
import type { LogRecord } from '../../../events/record.ts'
import { eventTopics, type Topic } from '../../../events/topics.ts'
import type { Batch } from '../batch/batch-header.ts'
import { openCursor, type RecordCursor, stepCursor } from '../batch/record-cursor.ts'

/**
 * What has been fetched of a partition and not been read.
 *
 * 1. `position` is the offset of the record that comes next; where none is fetched, the offset to fetch next. Offsets
 *    without a record (markers of transactions, compacted ones) are passed as soon as that is known.
 * 2. `position` never goes back.
 */
export interface PartitionBuffer {
  readonly topic: Topic
  readonly partition: number
  /** Place of the topic among the event topics. */
  readonly topicOrder: number
  position: number
  /** Whether the record at `position` is here. */
  hasRecord: boolean
  /** Offset to ask for in the next fetch. */
  fetchOffset: number
  /** Offset below which everything is known to be readable: records up to there are waited for. */
  knownEnd: number
  cursor: RecordCursor | null
  readonly batches: Batch[]
  bufferedBytes: number
  /** Why what comes next cannot be read, ever. */
  fault: Fault | null
}

export function createPartitionBuffer(topic: Topic, partition: number, offset: number): PartitionBuffer {
  return {
    topic,
    partition,
    topicOrder: eventTopics.findIndex((name) => name === topic),
    position: offset,
    hasRecord: false,
    fetchOffset: offset,
    knownEnd: offset,
    cursor: null,
    batches: [],
    bufferedBytes: 0,
    fault: null,
  }
}

/** Takes what a fetch gave. Batches are looked into one at a time, when their turn comes. */
export function addBatches(buffer: PartitionBuffer, batches: readonly Batch[], nextOffset: number): void {
  for (const batch of batches) {
    buffer.batches.push(batch)
    buffer.bufferedBytes += batch.bytes.length
  }
  buffer.fetchOffset = nextOffset
  if (!buffer.hasRecord) step(buffer)
}

/** Goes to the next record at `position` or behind it. What comes before damage can still be read. */
function step(buffer: PartitionBuffer): void {
  buffer.hasRecord = false
  if (buffer.fault) return
  try {
    findRecord(buffer)
  } catch (error) {
    buffer.fault = toFault(error, `reading ${buffer.topic}/${buffer.partition}`)
  }
}

function findRecord(buffer: PartitionBuffer): void {
  while (true) {
    if (buffer.cursor === null) {
      const batch = buffer.batches[0]
      if (batch === undefined) break
      buffer.cursor = openCursor(batch, buffer)
      buffer.batches.shift()
      buffer.bufferedBytes -= batch.bytes.length
    }
    while (stepCursor(buffer.cursor, buffer)) {
      if (buffer.cursor.offset < buffer.position) continue
      buffer.position = buffer.cursor.offset
      buffer.hasRecord = true
      return
    }
    buffer.cursor = null
  }
  if (buffer.fetchOffset > buffer.position) buffer.position = buffer.fetchOffset
}

/** Hands out the record at `position`, or null, and steps on. */
export function takeRecord(buffer: PartitionBuffer, sequence: number): LogRecord | null {
  const { cursor, topic, partition } = buffer
  if (cursor === null || !buffer.hasRecord) return null
  const record: LogRecord = {
    topic,
    partition,
    offset: cursor.offset,
    sequence,
    appendedAtMs: cursor.timeMs,
    isProducerTime: cursor.logTimeMs === null,
    origin: cursor.origin,
    source: cursor.source,
    keyStart: cursor.keyStart,
    keyEnd: cursor.keyEnd,
    valueStart: cursor.valueStart,
    valueEnd: cursor.valueEnd,
  }
  buffer.position = cursor.offset + 1
  step(buffer)
  return record
}

/** Leaves out what comes before `offset`. */
export function skipTo(buffer: PartitionBuffer, offset: number): void {
  if (buffer.position >= offset) return
  buffer.position = offset
  if (buffer.fetchOffset < offset) buffer.fetchOffset = offset
  step(buffer)
}
