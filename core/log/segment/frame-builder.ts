import { Fault } from '../../base/fault.ts'
import { headerBytes, mostBodyBytes, writeHeader } from './frame.ts'
import { mostVarintBytes, toZigzag, writeVarint } from './varint.ts'

/** A partition's frame in the making; its memory is used again and again. */
export interface FrameBuilder {
  frame: Buffer
  /** Bytes used, header included. */
  length: number
  records: number
  firstSequence: number
  lastSequence: number
  firstAppendedAtMs: number
  lastAppendedAtMs: number
  newestAppendedAtMs: number
}

const usualBytes = 64 * 1024
/** A builder that grew beyond this gives its memory back. */
const mostKeptBytes = 4 * 1024 * 1024
/** Room for a record's four varints. */
const recordOverheadBytes = 4 * mostVarintBytes

export function createFrameBuilder(): FrameBuilder {
  return {
    // Most partitions of a quiet log are written little by little: the memory comes with the first record.
    frame: Buffer.alloc(0),
    length: headerBytes,
    records: 0,
    firstSequence: 0,
    lastSequence: 0,
    firstAppendedAtMs: 0,
    lastAppendedAtMs: 0,
    newestAppendedAtMs: 0,
  }
}

/** @throws Fault `input` when the records of one append and one partition exceed {@link mostBodyBytes} */
export function addRecord(
  builder: FrameBuilder,
  sequence: number,
  appendedAtMs: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
): void {
  const keyBytes = key === null ? 0 : key.length
  const valueBytes = value === null ? 0 : value.length
  reserve(builder, builder.length + recordOverheadBytes + keyBytes + valueBytes)
  if (builder.records === 0) startFrame(builder, sequence, appendedAtMs)
  const { frame } = builder
  let at = writeVarint(frame, builder.length, sequence - builder.lastSequence)
  at = writeVarint(frame, at, toZigzag(appendedAtMs - builder.lastAppendedAtMs))
  at = writeVarint(frame, at, key === null ? 0 : keyBytes + 1)
  if (key !== null) frame.set(key, at)
  at = writeVarint(frame, at + keyBytes, value === null ? 0 : valueBytes + 1)
  if (value !== null) frame.set(value, at)
  builder.length = at + valueBytes
  builder.records += 1
  builder.lastSequence = sequence
  builder.lastAppendedAtMs = appendedAtMs
  if (appendedAtMs > builder.newestAppendedAtMs) builder.newestAppendedAtMs = appendedAtMs
}

function startFrame(builder: FrameBuilder, sequence: number, appendedAtMs: number): void {
  builder.firstSequence = sequence
  builder.lastSequence = sequence
  builder.firstAppendedAtMs = appendedAtMs
  builder.lastAppendedAtMs = appendedAtMs
  builder.newestAppendedAtMs = appendedAtMs
}

function reserve(builder: FrameBuilder, bytes: number): void {
  if (bytes <= builder.frame.length) return
  if (bytes > headerBytes + mostBodyBytes) {
    throw new Fault('input', `one append to one partition is larger than ${mostBodyBytes} bytes`, {
      domain: 'user',
      hint: 'append fewer records at once',
    })
  }
  const grown = Buffer.allocUnsafeSlow(Math.max(usualBytes, bytes, builder.frame.length * 2))
  grown.set(builder.frame.subarray(0, builder.length))
  builder.frame = grown
}

/** What is the same in all frames of one append. */
export interface AppendFacts {
  readonly appendSequence: number
  readonly appendRecords: number
  readonly originIndex: number
  readonly syncedSequence: number
}

/** Puts the header before the records; `builder.frame` up to `builder.length` is then what goes to disk. */
export function finishFrame(builder: FrameBuilder, slot: number, baseOffset: number, facts: AppendFacts): void {
  writeHeader(builder.frame, {
    ...facts,
    bodyBytes: builder.length - headerBytes,
    records: builder.records,
    firstSequence: builder.firstSequence,
    slot,
    baseOffset,
    firstAppendedAtMs: builder.firstAppendedAtMs,
    newestAppendedAtMs: builder.newestAppendedAtMs,
  })
}

/** Empties the builder for the next append. */
export function resetBuilder(builder: FrameBuilder): void {
  builder.length = headerBytes
  builder.records = 0
  if (builder.frame.length > mostKeptBytes) builder.frame = Buffer.alloc(0)
}
