import { Fault } from '../../../base/fault.ts'
import { formatRef, type RecordRef } from '../../../events/record.ts'
import { readInt64 } from '../wire/reader.ts'

/*
 * A batch, format 2 (Kafka 0.11 and later; `DefaultRecordBatch` in Kafka's sources), big-endian:
 *   0 base offset int64 · 8 length of what follows int32 · 12 leader epoch int32 · 16 format int8 · 17 CRC-32C of the rest
 *   uint32 · 21 attributes int16 · 23 last offset delta int32 · 27 base time int64 · 35 greatest time int64
 *   · 43 producer id int64 · 51 producer epoch int16 · 53 base sequence int32 · 57 records int32 · 61 records
 */
export const crcAt = 17
export const attributesAt = 21
export const headerBytes = 61
/** Bytes before what the length field counts. */
export const lengthEnd = 12
const formatAt = 16
const lastOffsetDeltaAt = 23
const producerIdAt = 43

export const compressionMask = 7
export const logAppendTimeFlag = 8
export const transactionalFlag = 16
const controlFlag = 32

/** A batch in a fetch answer; only its header has been looked at. */
export interface Batch {
  readonly bytes: Buffer
  readonly baseOffset: number
  readonly lastOffset: number
}

/** What one partition's part of a fetch answer holds. */
export interface FetchedBatches {
  /** Without markers of transactions and without what was aborted. */
  readonly batches: readonly Batch[]
  /** Where to fetch next. */
  readonly nextOffset: number
}

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/** What a damaged or strange batch is told as. */
export function damagedBatch(ref: RecordRef, what: string, cause?: unknown): Fault {
  const { topic, partition, offset } = ref
  return new Fault('log-damaged', `${formatRef(ref)}: ${what}`, {
    hint: 'nothing behind it can be read; delete the records up to it, or have the topic written anew',
    detail: { topic, partition, offset },
    cause,
  })
}

/**
 * Cuts a fetch answer's bytes into batches. A batch may begin before `ref.offset`; the last one may be cut off, and is then
 * left for the next fetch.
 *
 * @param aborted transactions aborted in this stretch, by their first offset; none when all is to be read
 * @throws Fault `log-damaged` for a format of before Kafka 0.11
 */
export function splitBatches(bytes: Buffer, ref: RecordRef, aborted: readonly AbortedTransaction[]): FetchedBatches {
  const batches: Batch[] = []
  const pending = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const abortedProducers = new Set<number>()
  let nextOffset = ref.offset
  for (let at = 0; at + lengthEnd <= bytes.length; ) {
    const baseOffset = readInt64(bytes, at)
    const size = lengthEnd + bytes.readInt32BE(at + 8)
    if (at + size > bytes.length) break
    const format = bytes.readInt8(at + formatAt)
    if (format !== 2)
      throw damagedBatch({ ...ref, offset: baseOffset }, `its batch has format ${format}, and only 2 can be read`)
    if (size < headerBytes)
      throw damagedBatch({ ...ref, offset: baseOffset }, 'its batch is shorter than its own header')
    const batch = bytes.subarray(at, at + size)
    at += size
    const lastOffset = baseOffset + batch.readInt32BE(lastOffsetDeltaAt)
    nextOffset = Math.max(nextOffset, lastOffset + 1)
    const attributes = batch.readInt16BE(attributesAt)
    const producerId = readInt64(batch, producerIdAt)
    while (pending[0] && pending[0].firstOffset <= lastOffset) abortedProducers.add(pending.shift()?.producerId ?? -1)
    if (attributes & controlFlag) {
      if (isAbortMarker(batch)) abortedProducers.delete(producerId)
      continue
    }
    if (attributes & transactionalFlag && abortedProducers.has(producerId)) continue
    if (lastOffset >= ref.offset) batches.push({ bytes: batch, baseOffset, lastOffset })
  }
  return { batches, nextOffset }
}

/** The key of a marker is a version and a type, both int16; type 0 aborts. Its record begins with five one-byte fields. */
const isAbortMarker = (batch: Buffer): boolean =>
  batch.length >= headerBytes + 9 && batch.readInt16BE(headerBytes + 7) === 0
