import { Fault } from '../base/fault.ts'
import { eventTopics, type Topic } from '../events/topics.ts'
import type { GeneratedRecord } from './generator.ts'
import { itemAt } from './item-at.ts'

/*
 * Records in one buffer, so that a worker hands over thousands of them at the price of one. Columns first:
 *
 *   count            u32, then 4 bytes unused
 *   sentAtMs         f64 × count
 *   key length       i32 × count, −1 for null
 *   value length     i32 × count, −1 for null
 *   topic            u8 × count, index into eventTopics
 *   bytes            key and value of each record in turn
 *
 * Numbers are in the machine's own byte order: the buffer never leaves it.
 */

const headerBytes = 8
const bytesPerRecord = 8 + 4 + 4 + 1
const nullLength = -1

interface Layout {
  readonly sentAtMs: Float64Array
  readonly keyLengths: Int32Array
  readonly valueLengths: Int32Array
  readonly topics: Uint8Array
  /** Everything after the columns. */
  readonly bytes: Uint8Array
}

function layOut(buffer: ArrayBuffer, count: number): Layout {
  return {
    sentAtMs: new Float64Array(buffer, headerBytes, count),
    keyLengths: new Int32Array(buffer, headerBytes + 8 * count, count),
    valueLengths: new Int32Array(buffer, headerBytes + 12 * count, count),
    topics: new Uint8Array(buffer, headerBytes + 16 * count, count),
    bytes: new Uint8Array(buffer, headerBytes + bytesPerRecord * count),
  }
}

function indexOfTopic(topic: Topic): number {
  const index = eventTopics.findIndex((known) => known === topic)
  if (index < 0) throw new Fault('internal', `records of ${topic} are not packed`)
  return index
}

/** Copies records into one buffer of their own, fit to be transferred. */
export function packRecords(records: readonly GeneratedRecord[]): ArrayBuffer {
  const count = records.length
  let sizeBytes = headerBytes + bytesPerRecord * count
  for (const { key, value } of records) sizeBytes += (key?.length ?? 0) + (value?.length ?? 0)
  const buffer = new ArrayBuffer(sizeBytes)
  new Uint32Array(buffer, 0, 1)[0] = count
  const { sentAtMs, keyLengths, valueLengths, topics, bytes } = layOut(buffer, count)
  let position = 0
  for (let index = 0; index < count; index += 1) {
    const { topic, key, value, sentAtMs: sentAt } = itemAt(records, index)
    sentAtMs[index] = sentAt
    topics[index] = indexOfTopic(topic)
    keyLengths[index] = key ? key.length : nullLength
    valueLengths[index] = value ? value.length : nullLength
    if (key) bytes.set(key, position)
    position += key?.length ?? 0
    if (value) bytes.set(value, position)
    position += value?.length ?? 0
  }
  return buffer
}

/** The records of a packed buffer; their keys and values are views of it. */
export function unpackRecords(buffer: ArrayBuffer): readonly GeneratedRecord[] {
  const count = new Uint32Array(buffer, 0, 1)[0] ?? 0
  const { sentAtMs, keyLengths, valueLengths, topics, bytes } = layOut(buffer, count)
  const source = Buffer.from(buffer, bytes.byteOffset, bytes.length)
  let position = 0
  const take = (length: number): Buffer | null => {
    if (length === nullLength) return null
    position += length
    return source.subarray(position - length, position)
  }
  return Array.from({ length: count }, (_, index) => ({
    topic: itemAt(eventTopics, topics[index] ?? 0),
    key: take(keyLengths[index] ?? nullLength),
    value: take(valueLengths[index] ?? nullLength),
    sentAtMs: sentAtMs[index] ?? 0,
  }))
}
