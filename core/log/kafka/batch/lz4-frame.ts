import { compressBlock } from 'lz4js'

/** Magic, version 1 with independent blocks, blocks of 64 KiB, and the checksum byte that these two always have. */
const frameHeader = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
const blockBytes = 65_536
/** In a block's length: its bytes are as they were. */
const isPlain = 0x80000000

const table = new Uint32Array(65_536)
const scratch = Buffer.alloc(blockBytes * 2)

/**
 * One frame (lz4_Frame_format.md, version 1.6.3) of blocks that do not refer to each other: brokers take no others. The
 * package's own frames let a block refer to the ones before it.
 */
export function packLz4(bytes: Buffer): Buffer {
  const blocks = Math.ceil(bytes.length / blockBytes)
  const frame = Buffer.allocUnsafe(frameHeader.length + bytes.length + blocks * 4 + 4)
  let at = frameHeader.copy(frame)
  for (let from = 0; from < bytes.length; from += blockBytes) {
    const size = Math.min(blockBytes, bytes.length - from)
    table.fill(0)
    const packed = compressBlock(bytes, scratch, from, size, table)
    if (packed > 0 && packed < size) {
      at = frame.writeUInt32LE(packed, at)
      at += scratch.copy(frame, at, 0, packed)
    } else {
      at = frame.writeUInt32LE((isPlain | size) >>> 0, at)
      at += bytes.copy(frame, at, from, from + size)
    }
  }
  return frame.subarray(0, frame.writeUInt32LE(0, at))
}
