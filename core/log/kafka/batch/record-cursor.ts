import { describeError } from '../../../base/fault.ts'
import { type Origin, origins, type RecordRef } from '../../../events/record.ts'
import { readInt64 } from '../wire/reader.ts'
import {
  attributesAt,
  type Batch,
  compressionMask,
  crcAt,
  damagedBatch,
  headerBytes,
  logAppendTimeFlag,
} from './batch-header.ts'
import { compressions, decompress } from './codecs.ts'
import { crc32c } from './crc32c.ts'

/** Name of the header that says where a record came from; without it, it is live. */
export const originHeader = 'storepulse-origin'

/**
 * Stands on one record of a batch. The fields are written in place: reading makes one object a record, where it is handed
 * out, and none before.
 */
export interface RecordCursor {
  readonly source: Buffer
  readonly baseOffset: number
  readonly baseTimeMs: number
  /** Where the log wrote the time: the same for all records of the batch; else null. */
  readonly logTimeMs: number | null
  /** Bytes in the records that are left. */
  at: number
  /** Records that are left. */
  left: number
  offset: number
  timeMs: number
  origin: Origin
  keyStart: number
  keyEnd: number
  valueStart: number
  valueEnd: number
}

/**
 * Opens a batch in front of its first record.
 *
 * @throws Fault `log-damaged` when the checksum does not fit or the records cannot be unpacked
 */
export function openCursor(
  { bytes, baseOffset }: Batch,
  { topic, partition }: Omit<RecordRef, 'offset'>,
): RecordCursor {
  const ref = { topic, partition, offset: baseOffset }
  if (crc32c(bytes, attributesAt) !== bytes.readUInt32BE(crcAt)) {
    throw damagedBatch(ref, 'the checksum of its batch does not fit')
  }
  const attributes = bytes.readInt16BE(attributesAt)
  const compression = compressions[attributes & compressionMask]
  if (compression === undefined) {
    throw damagedBatch(ref, `its batch is compressed with codec ${attributes & compressionMask}, which does not exist`)
  }
  let source = bytes
  if (compression !== 'none') {
    try {
      source = decompress(compression, bytes.subarray(headerBytes))
    } catch (error) {
      throw damagedBatch(ref, `its batch cannot be unpacked with ${compression}: ${describeError(error)}`, error)
    }
  }
  return {
    source,
    baseOffset,
    baseTimeMs: readInt64(bytes, 27),
    logTimeMs: attributes & logAppendTimeFlag ? readInt64(bytes, 35) : null,
    at: compression === 'none' ? headerBytes : 0,
    left: bytes.readInt32BE(57),
    offset: baseOffset,
    timeMs: -1,
    origin: 'live',
    keyStart: -1,
    keyEnd: -1,
    valueStart: -1,
    valueEnd: -1,
  }
}

/** Where the last varint ended; one number for all, since nothing waits between two reads. */
let position = 0

/** A zigzag varint of up to 64 bits. The first 28 bits go by shifts, the rest, which only times need, by multiplication. */
function readVarint(bytes: Buffer, from: number): number {
  let at = from
  let byte = bytes[at++] ?? 0
  let value = byte & 0x7f
  for (let shift = 7; byte >= 0x80 && shift <= 21; shift += 7) {
    byte = bytes[at++] ?? 0
    value |= (byte & 0x7f) << shift
  }
  for (let scale = 2 ** 28; byte >= 0x80 && scale < 2 ** 64; scale *= 0x80) {
    byte = bytes[at++] ?? 0
    value += (byte & 0x7f) * scale
  }
  position = at
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

/**
 * Steps to the next record, false when there is none.
 *
 * @throws Fault `log-damaged` when a record reaches beyond its batch
 */
export function stepCursor(cursor: RecordCursor, place: Omit<RecordRef, 'offset'>): boolean {
  if (cursor.left <= 0) return false
  cursor.left -= 1
  const { source } = cursor
  const size = readVarint(source, cursor.at)
  const end = position + size
  if (size < 0 || end > source.length)
    throw damagedBatch({ ...place, offset: cursor.offset }, 'a record reaches beyond its batch')
  const timeDelta = readVarint(source, position + 1)
  cursor.offset = cursor.baseOffset + readVarint(source, position)
  cursor.timeMs = cursor.logTimeMs ?? cursor.baseTimeMs + timeDelta
  const keySize = readVarint(source, position)
  cursor.keyStart = keySize < 0 ? -1 : position
  cursor.keyEnd = keySize < 0 ? -1 : position + keySize
  const valueSize = readVarint(source, keySize < 0 ? position : position + keySize)
  cursor.valueStart = valueSize < 0 ? -1 : position
  cursor.valueEnd = valueSize < 0 ? -1 : position + valueSize
  if (valueSize > 0) position += valueSize
  if (position > end) throw damagedBatch({ ...place, offset: cursor.offset }, 'a field reaches beyond its record')
  const headers = readVarint(source, position)
  cursor.origin = headers > 0 ? readOrigin(source, headers, end) : 'live'
  cursor.at = end
  return true
}

/** Looks through the headers, from `position` on. */
function readOrigin(source: Buffer, headers: number, end: number): Origin {
  for (let index = 0; index < headers && position < end; index += 1) {
    const nameSize = readVarint(source, position)
    const nameAt = position
    const valueSize = readVarint(source, nameAt + nameSize)
    const valueAt = position
    position += Math.max(0, valueSize)
    if (nameSize !== originHeader.length || source.toString('latin1', nameAt, nameAt + nameSize) !== originHeader)
      continue
    const text = source.toString('latin1', valueAt, position)
    return origins.find((origin) => origin === text) ?? 'live'
  }
  return 'live'
}
