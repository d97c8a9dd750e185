import { crc32 } from '../../base/checksum.ts'

/**
 * The unit of writing: the records that one append put into one partition. Little-endian.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 4 | magic |
 * | 4 | 4 | CRC-32 of the header from here on: with it, lengths and offsets can be trusted before the body is read |
 * | 8 | 4 | CRC-32 of the body |
 * | 12 | 4 | bytes in the body |
 * | 16 | 4 | records in the body |
 * | 20 | 4 | records of the whole append, over all partitions |
 * | 24 | 4 | sequence of the first record, from the append's first |
 * | 28 | 1 | version of this layout |
 * | 29 | 1 | origin: place in `origins` |
 * | 30 | 2 | slot of the partition: a frame that strayed into another file is none of its own |
 * | 32 | 8 | offset of the first record; this and the following are float64 |
 * | 40 | 8 | sequence of the append's first record |
 * | 48 | 8 | append time of the first record |
 * | 56 | 8 | newest append time |
 * | 64 | 8 | every sequence below this was durable when the frame was written |
 *
 * The body is a row of records: varint step of the sequence from the record before · zigzag varint step of the append
 * time · varint key length + 1, 0 without a key · key · varint value length + 1, 0 without a value · value.
 */
export interface FrameHeader {
  readonly bodyBytes: number
  readonly records: number
  readonly appendRecords: number
  readonly firstSequence: number
  readonly originIndex: number
  readonly slot: number
  readonly baseOffset: number
  readonly appendSequence: number
  readonly firstAppendedAtMs: number
  readonly newestAppendedAtMs: number
  readonly syncedSequence: number
}

export const headerBytes = 72
/** Largest body that is written, and read back. */
export const mostBodyBytes = 512 * 1024 * 1024

const version = 1
const magic = 0x46504ce5
/** The magic as it lies in a file, to search for. */
export const magicBytes = Buffer.from([0xe5, 0x4c, 0x50, 0x46])

/** Writes the header at the start of `frame`, whose body of `header.bodyBytes` follows it already. */
export function writeHeader(frame: Buffer, header: FrameHeader): void {
  frame.writeUInt32LE(magic, 0)
  frame.writeUInt32LE(crc32(frame.subarray(headerBytes, headerBytes + header.bodyBytes)), 8)
  frame.writeUInt32LE(header.bodyBytes, 12)
  frame.writeUInt32LE(header.records, 16)
  frame.writeUInt32LE(header.appendRecords, 20)
  frame.writeUInt32LE(header.firstSequence - header.appendSequence, 24)
  frame.writeUInt8(version, 28)
  frame.writeUInt8(header.originIndex, 29)
  frame.writeUInt16LE(header.slot, 30)
  frame.writeDoubleLE(header.baseOffset, 32)
  frame.writeDoubleLE(header.appendSequence, 40)
  frame.writeDoubleLE(header.firstAppendedAtMs, 48)
  frame.writeDoubleLE(header.newestAppendedAtMs, 56)
  frame.writeDoubleLE(header.syncedSequence, 64)
  frame.writeUInt32LE(crc32(frame.subarray(8, headerBytes)), 4)
}

/** Reads the header at `at`, of which all bytes must be there; null when they are not one. */
export function readHeader(bytes: Buffer, at: number): FrameHeader | null {
  if (bytes.readUInt32LE(at) !== magic) return null
  if (bytes.readUInt32LE(at + 4) !== crc32(bytes.subarray(at + 8, at + headerBytes))) return null
  if (bytes[at + 28] !== version) return null
  return readCheckedHeader(bytes, at)
}

/** Reads a header that {@link readHeader} has accepted before. */
export function readCheckedHeader(bytes: Buffer, at: number): FrameHeader {
  const appendSequence = bytes.readDoubleLE(at + 40)
  return {
    bodyBytes: bytes.readUInt32LE(at + 12),
    records: bytes.readUInt32LE(at + 16),
    appendRecords: bytes.readUInt32LE(at + 20),
    firstSequence: appendSequence + bytes.readUInt32LE(at + 24),
    originIndex: bytes[at + 29] ?? 0,
    slot: bytes.readUInt16LE(at + 30),
    baseOffset: bytes.readDoubleLE(at + 32),
    appendSequence,
    firstAppendedAtMs: bytes.readDoubleLE(at + 48),
    newestAppendedAtMs: bytes.readDoubleLE(at + 56),
    syncedSequence: bytes.readDoubleLE(at + 64),
  }
}

/** Whether the body behind the header at `at`, all bytes of which must be there, is as it was written. */
export const isBodyIntact = (bytes: Buffer, at: number, header: FrameHeader): boolean =>
  bytes.readUInt32LE(at + 8) === crc32(bytes.subarray(at + headerBytes, at + headerBytes + header.bodyBytes))

export const frameBytesOf = (header: FrameHeader): number => headerBytes + header.bodyBytes
/** Offset behind the frame's last record. */
export const endOffsetOf = (header: FrameHeader): number => header.baseOffset + header.records
/** Sequence behind the append's last record. */
export const appendEndOf = (header: FrameHeader): number => header.appendSequence + header.appendRecords
