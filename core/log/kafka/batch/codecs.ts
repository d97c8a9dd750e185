import { gunzipSync, gzipSync } from 'node:zlib'
import * as zstd from '@bokuweb/zstd-wasm'
import * as zstdModule from '../../../../node_modules/@bokuweb/zstd-wasm/dist/common/module.js'
import zstdCode from '../../../../node_modules/@bokuweb/zstd-wasm/dist/common/zstd.wasm?url&inline'
import * as lz4 from 'lz4js'
import * as snappy from 'snappyjs'
import { packLz4 } from './lz4-frame.ts'

/** How a batch's records are compressed; a codec's number is its place here. */
export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof compressions)[number]

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

let zstdLoading: Promise<void> | null = null

/**
 * The package's own start looks for a file beside itself, which is nowhere once everything is in one bundle; and by its
 * name it gives nobody else that file.
 */
async function loadZstd(): Promise<void> {
  const { Module, waitInitialized } = zstdModule
  Module.init(Buffer.from(zstdCode.slice(zstdCode.indexOf(',') + 1), 'base64'))
  await waitInitialized()
}

/** Loads what needs loading; zstd works only after it. */
export function loadCodecs(): Promise<void> {
  zstdLoading ??= loadZstd()
  return zstdLoading
}

interface Codec {
  pack(bytes: Buffer): Buffer
  unpack(bytes: Buffer): Buffer
}

const codecs: Readonly<Record<Compression, Codec>> = {
  none: { pack: (bytes) => bytes, unpack: (bytes) => bytes },
  gzip: { pack: (bytes) => gzipSync(bytes), unpack: (bytes) => gunzipSync(bytes) },
  snappy: { pack: (bytes) => snappy.compress(bytes), unpack: decompressSnappy },
  lz4: { pack: packLz4, unpack: (bytes) => asBuffer(lz4.decompress(bytes)) },
  zstd: { pack: (bytes) => asBuffer(zstd.compress(bytes, 3)), unpack: decompressZstd },
}

export const compress = (compression: Compression, bytes: Buffer): Buffer => codecs[compression].pack(bytes)

/** @throws Error when the bytes are not what the codec made */
export const decompress = (compression: Compression, bytes: Buffer): Buffer => codecs[compression].unpack(bytes)

/** Before each block the framing of xerial/snappy-java, which Java producers write: magic, two versions, then length and block. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const xerialHeaderBytes = 16

function decompressSnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return snappy.uncompress(bytes)
  const blocks: Buffer[] = []
  for (let at = xerialHeaderBytes; at < bytes.length; ) {
    const size = bytes.readInt32BE(at)
    at += 4
    if (size < 0 || at + size > bytes.length) throw new Error('a snappy block is cut off')
    blocks.push(snappy.uncompress(bytes.subarray(at, at + size)))
    at += size
  }
  return blocks.length === 1 && blocks[0] ? blocks[0] : Buffer.concat(blocks)
}

/** Most bytes a batch is unpacked to; Kafka's own limit of a batch is far below. */
const mostUnpackedBytes = 512 * 1024 * 1024

/** Producers that compress as they write leave the size out of the frame, so it has to be found by trying. */
function decompressZstd(bytes: Buffer): Buffer {
  for (let heapBytes = Math.max(1_048_576, bytes.length * 8); ; heapBytes *= 4) {
    try {
      return asBuffer(zstd.decompress(bytes, { defaultHeapSize: heapBytes }))
    } catch (error) {
      if (heapBytes * 4 > mostUnpackedBytes || !isTooSmall(error)) throw error
    }
  }
}

/** zstd's `dstSize_tooSmall` is error 70, given as a negative size. */
const isTooSmall = (error: unknown): boolean => error instanceof Error && /code -70\b/.test(error.message)
