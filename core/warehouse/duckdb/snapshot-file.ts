import { crc32 } from '../../base/checksum.ts'
import { parseTopicName } from '../topic-name.ts'
import type { PartitionOffset, Snapshot } from '../warehouse.ts'

/**
 * A snapshot as bytes: magic (8), CRC-32 of all that follows (4), length of the header (4), both little-endian; the
 * header, JSON; the state to the end.
 */

const magic = Buffer.from('SPSNAP01', 'latin1')
const prefixBytes = magic.length + 8

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** A snapshot in parts that follow each other; the state is not copied. */
export function encodeSnapshot(snapshot: Snapshot): readonly [Buffer, Uint8Array] {
  const { epoch, offsets, state, untilSequence } = snapshot
  const json = Buffer.from(JSON.stringify({ epoch, offsets, untilSequence, stateBytes: state.length }))
  const head = Buffer.alloc(prefixBytes + json.length)
  magic.copy(head)
  head.writeUInt32LE(json.length, magic.length + 4)
  json.copy(head, prefixBytes)
  head.writeUInt32LE(crc32(state, crc32(head.subarray(magic.length + 4))), magic.length)
  return [head, state]
}

function readOffset(value: unknown): PartitionOffset | null {
  if (!isObject(value)) return null
  const { offset, partition } = value
  const topic = parseTopicName(value['topic'])
  return topic && typeof partition === 'number' && typeof offset === 'number' ? { topic, partition, offset } : null
}

function parseHeader(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

/** Reads a snapshot back, its state a view of `bytes`; null when anything about it is not as it was written. */
export function decodeSnapshot(bytes: Buffer): Snapshot | null {
  if (bytes.length < prefixBytes || !bytes.subarray(0, magic.length).equals(magic)) return null
  if (crc32(bytes.subarray(magic.length + 4)) !== bytes.readUInt32LE(magic.length)) return null
  const headerEnd = prefixBytes + bytes.readUInt32LE(magic.length + 4)
  const header = parseHeader(bytes.toString('utf8', prefixBytes, headerEnd))
  if (!isObject(header) || !Array.isArray(header['offsets'])) return null
  const { epoch, untilSequence } = header
  const offsets = header['offsets'].map(readOffset)
  const state = bytes.subarray(headerEnd)
  if (typeof epoch !== 'number' || typeof untilSequence !== 'number' || header['stateBytes'] !== state.length)
    return null
  const known = offsets.flatMap((offset) => (offset ? [offset] : []))
  return known.length === offsets.length ? { epoch, untilSequence, offsets: known, state } : null
}
