import type { DiskFile } from './disk-files.ts'
import {
  type FrameHeader,
  frameBytesOf,
  headerBytes,
  isBodyIntact,
  magicBytes,
  mostBodyBytes,
  readHeader,
} from './frame.ts'

/** A stretch of a segment in memory: whole frames, each checked, their offsets without a gap. */
export interface Chunk {
  readonly bytes: Buffer
  /** Bytes taken by the frames. */
  readonly length: number
  /** Offset expected after them. */
  readonly endOffset: number
  /** What follows is no frame, or not the expected one. */
  readonly isDamagedBehind: boolean
}

/** Where to read, and what must be found there. */
export interface Stretch {
  readonly file: DiskFile
  readonly slot: number
  readonly position: number
  /** Where the file's readable part ends. */
  readonly until: number
  /** Offset of the next record, if nothing is lost. */
  readonly expectedOffset: number
}

/** Reads about `bytes` from the stretch's beginning: at least one whole frame, unless the first one is damaged. */
export async function loadChunk(stretch: Stretch, bytes: number): Promise<Chunk> {
  const rest = stretch.until - stretch.position
  const loaded = await loadBytes(stretch.file, stretch.position, Math.min(rest, bytes))
  const chunk = checkFrames(loaded, stretch)
  if (chunk.length > 0 || chunk.isDamagedBehind) return chunk
  // The first frame is larger than what was asked for, or the file ends within it.
  const header = loaded.length >= headerBytes ? readHeader(loaded, 0) : null
  if (header === null || frameBytesOf(header) > rest || loaded.length < Math.min(rest, bytes)) {
    return { ...chunk, isDamagedBehind: true }
  }
  return loadChunk(stretch, frameBytesOf(header))
}

async function loadBytes(file: DiskFile, position: number, length: number): Promise<Buffer> {
  // Records point into this memory for as long as someone keeps them, so it is never used twice.
  const bytes = Buffer.allocUnsafeSlow(length)
  const count = await file.read(bytes, 0, length, position)
  return count === length ? bytes : bytes.subarray(0, count)
}

function checkFrames(bytes: Buffer, stretch: Stretch): Chunk {
  let at = 0
  let expectedOffset = stretch.expectedOffset
  let isDamagedBehind = false
  while (at + headerBytes <= bytes.length) {
    const header = readHeader(bytes, at)
    if (header === null || header.slot !== stretch.slot || header.baseOffset !== expectedOffset) {
      isDamagedBehind = true
      break
    }
    if (at + frameBytesOf(header) > bytes.length) break
    if (!isBodyIntact(bytes, at, header)) {
      isDamagedBehind = true
      break
    }
    at += frameBytesOf(header)
    expectedOffset += header.records
  }
  return { bytes, length: at, endOffset: expectedOffset, isDamagedBehind }
}

/** What a damaged stretch turned out to be. */
export interface Hole {
  /** Where the next intact frame begins, or the end of what was searched. */
  readonly endPosition: number
  /** Offset of that frame's first record; null without one. */
  readonly nextOffset: number | null
  /** Headers within that can still be read though what they head cannot. */
  readonly headers: readonly FrameHeader[]
}

const searchBytes = 1024 * 1024

/** Searches from the stretch's beginning for the next intact frame with a fitting offset. */
export async function measureHole(stretch: Stretch): Promise<Hole> {
  const headers: FrameHeader[] = []
  let position = stretch.position
  while (position + headerBytes <= stretch.until) {
    const window = await loadBytes(stretch.file, position, Math.min(searchBytes, stretch.until - position))
    if (window.length < headerBytes) break
    let next = 0
    for (;;) {
      const at = window.indexOf(magicBytes, next)
      if (at < 0 || at + headerBytes > window.length) break
      next = at + 1
      const header = readHeader(window, at)
      if (header === null || header.slot !== stretch.slot || header.baseOffset < stretch.expectedOffset) continue
      if (await isWhole(stretch, position + at, header)) {
        return { endPosition: position + at, nextOffset: header.baseOffset, headers }
      }
      // The header is sound and tells how far its frame goes: nothing within can be another one.
      headers.push(header)
      next = at + frameBytesOf(header)
      if (next > window.length) break
    }
    // The last bytes may begin a header that ends in the next window.
    position += Math.max(next, window.length - headerBytes + 1)
  }
  return { endPosition: stretch.until, nextOffset: null, headers }
}

async function isWhole(stretch: Stretch, position: number, header: FrameHeader): Promise<boolean> {
  const bytes = frameBytesOf(header)
  if (header.bodyBytes > mostBodyBytes || position + bytes > stretch.until) return false
  const frame = await loadBytes(stretch.file, position, bytes)
  return frame.length === bytes && isBodyIntact(frame, 0, header)
}
