import type { Origin } from '../../../events/record.ts'
import { createWriter } from '../wire/writer.ts'
import { attributesAt, crcAt, headerBytes, lengthEnd } from './batch-header.ts'
import { type Compression, compress, compressions } from './codecs.ts'
import { crc32c } from './crc32c.ts'
import { originHeader } from './record-cursor.ts'

export interface OutgoingRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timeMs: number
}

export interface OutgoingBatch {
  readonly records: readonly OutgoingRecord[]
  readonly origin: Origin
  readonly compression: Compression
  readonly producerId: number
  readonly producerEpoch: number
  readonly sequence: number
}

const varintBytes = (value: number): number => {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1
  let bytes = 1
  while (rest >= 0x80) {
    rest = Math.floor(rest / 0x80)
    bytes += 1
  }
  return bytes
}

const fieldBytes = (bytes: Uint8Array | null): number =>
  bytes === null ? varintBytes(-1) : varintBytes(bytes.length) + bytes.length

/** Headers of every record of a batch: none, or the origin. */
function encodeHeaders(origin: Origin): Buffer {
  const writer = createWriter(64)
  if (origin === 'live') return writer.varint(0).finish()
  const name = Buffer.from(originHeader)
  const value = Buffer.from(origin)
  return writer.varint(1).varint(name.length).raw(name).varint(value.length).raw(value).finish()
}

/** Bytes a record takes in an uncompressed batch, at most. */
export const estimateBytes = ({ key, value }: { key: Uint8Array | null; value: Uint8Array | null }): number =>
  (key?.length ?? 0) + (value?.length ?? 0) + 70

/** One batch, format 2, with the times the producer gives (batch-header.ts has the layout). */
export function encodeBatch(batch: OutgoingBatch): Buffer {
  const { records, origin, compression } = batch
  const headers = encodeHeaders(origin)
  const baseTimeMs = records[0]?.timeMs ?? -1
  const body = createWriter(records.reduce((bytes, record) => bytes + estimateBytes(record), 0))
  let greatestTimeMs = baseTimeMs
  for (const [index, { key, value, timeMs }] of records.entries()) {
    const timeDelta = timeMs - baseTimeMs
    if (timeMs > greatestTimeMs) greatestTimeMs = timeMs
    body.varint(1 + varintBytes(timeDelta) + varintBytes(index) + fieldBytes(key) + fieldBytes(value) + headers.length)
    body.int8(0).varint(timeDelta).varint(index)
    for (const field of [key, value]) {
      body.varint(field === null ? -1 : field.length)
      if (field !== null) body.raw(field)
    }
    body.raw(headers)
  }
  const packed = compress(compression, body.finish())
  const bytes = createWriter(headerBytes + packed.length)
    .int64(0)
    .int32(headerBytes - lengthEnd + packed.length)
    .int32(-1)
    .int8(2)
    .int32(0)
    .int16(compressions.indexOf(compression))
    .int32(records.length - 1)
    .int64(baseTimeMs)
    .int64(greatestTimeMs)
    .int64(batch.producerId)
    .int16(batch.producerEpoch)
    .int32(batch.sequence)
    .int32(records.length)
    .raw(packed)
    .finish()
  bytes.writeUInt32BE(crc32c(bytes, attributesAt), crcAt)
  return bytes
}
