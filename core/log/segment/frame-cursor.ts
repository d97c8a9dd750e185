import type { LogRecord, Origin } from '../../events/record.ts'
import { origins } from '../../events/record.ts'
import type { Topic } from '../../events/topics.ts'
import { headerBytes, readCheckedHeader } from './frame.ts'
import { type ByteCursor, fromZigzag, readVarint } from './varint.ts'

/** Walks the records of checked frames. This is the hot path of reading: one object a record, no copy. */
export interface FrameCursor extends ByteCursor {
  readonly topic: Topic
  readonly partition: number
  /** Behind the last whole frame of `source`. */
  end: number
  /** Records of the current frame not yet taken. */
  left: number
  offset: number
  sequence: number
  appendedAtMs: number
  origin: Origin
}

export function createFrameCursor(topic: Topic, partition: number): FrameCursor {
  return {
    topic,
    partition,
    source: Buffer.alloc(0),
    at: 0,
    end: 0,
    left: 0,
    offset: 0,
    sequence: 0,
    appendedAtMs: 0,
    origin: 'live',
  }
}

/** Goes on with other bytes: the frames in the first `end` bytes of `source`. */
export function resetCursor(cursor: FrameCursor, source: Buffer, end: number): void {
  cursor.source = source
  cursor.at = 0
  cursor.end = end
  cursor.left = 0
}

/** Takes the next record; null at the end of the frames. */
export function takeRecord(cursor: FrameCursor): LogRecord | null {
  if (cursor.left === 0 && !enterFrame(cursor)) return null
  cursor.left -= 1
  cursor.sequence += readVarint(cursor)
  const step = readVarint(cursor)
  if (step !== 0) cursor.appendedAtMs += fromZigzag(step)
  const keyLength = readVarint(cursor) - 1
  const keyStart = keyLength < 0 ? -1 : cursor.at
  if (keyLength > 0) cursor.at += keyLength
  const keyEnd = keyLength < 0 ? -1 : cursor.at
  const valueLength = readVarint(cursor) - 1
  const valueStart = valueLength < 0 ? -1 : cursor.at
  if (valueLength > 0) cursor.at += valueLength
  const offset = cursor.offset
  cursor.offset = offset + 1
  return {
    topic: cursor.topic,
    partition: cursor.partition,
    offset,
    sequence: cursor.sequence,
    appendedAtMs: cursor.appendedAtMs,
    isProducerTime: false,
    origin: cursor.origin,
    source: cursor.source,
    keyStart,
    keyEnd,
    valueStart,
    valueEnd: valueLength < 0 ? -1 : cursor.at,
  }
}

/** Passes over whole frames, then records, until the next one taken is at `offset` or later. */
export function skipTo(cursor: FrameCursor, offset: number): void {
  while (cursor.left === 0 && cursor.at < cursor.end) {
    const header = readCheckedHeader(cursor.source, cursor.at)
    if (header.baseOffset + header.records > offset) break
    cursor.at += headerBytes + header.bodyBytes
  }
  if (cursor.left === 0 && !enterFrame(cursor)) return
  while (cursor.offset < offset && cursor.left > 0) takeRecord(cursor)
}

function enterFrame(cursor: FrameCursor): boolean {
  if (cursor.at >= cursor.end) return false
  const header = readCheckedHeader(cursor.source, cursor.at)
  cursor.at += headerBytes
  cursor.left = header.records
  cursor.offset = header.baseOffset
  cursor.sequence = header.firstSequence
  cursor.appendedAtMs = header.firstAppendedAtMs
  cursor.origin = origins[header.originIndex] ?? 'live'
  return true
}
