import { join } from 'node:path'
import { appendEndOf, endOffsetOf, type FrameHeader, frameBytesOf } from './frame.ts'

/** Where a frame begins, one entry for every {@link indexEveryBytes} or so. */
export interface IndexEntry {
  /** Offset of the frame's first record. */
  readonly offset: number
  readonly sequence: number
  /** Place in the file. */
  readonly position: number
  /** Newest append time of all frames of the segment before this one. */
  readonly newestBeforeMs: number
}

/** One file of a partition: the records from `baseOffset` on. Only the last segment of a partition grows. */
export interface Segment {
  readonly path: string
  readonly baseOffset: number
  /** Offset behind its last record. */
  endOffset: number
  /** What readers may read. */
  sizeBytes: number
  /** Sequence of its first record; meaningless when it has none. */
  firstSequence: number
  /** Sequence behind the last append that reached it. */
  endSequence: number
  firstAppendedAtMs: number
  newestAppendedAtMs: number
  index: IndexEntry[]
  /** A stretch in it cannot be read: it is scanned at every open, so that this is said every time. */
  isDamaged: boolean
}

const indexEveryBytes = 64 * 1024
const extension = '.log'
const offsetDigits = 20

export function createSegment(directory: string, baseOffset: number): Segment {
  return {
    path: join(directory, `${String(baseOffset).padStart(offsetDigits, '0')}${extension}`),
    baseOffset,
    endOffset: baseOffset,
    sizeBytes: 0,
    firstSequence: 0,
    endSequence: 0,
    firstAppendedAtMs: 0,
    newestAppendedAtMs: -Infinity,
    index: [],
    isDamaged: false,
  }
}

/** The base offset in a segment file's name, or null when the name is none. */
export function readBaseOffset(name: string): number | null {
  if (!name.endsWith(extension) || name.length !== offsetDigits + extension.length) return null
  const digits = name.slice(0, offsetDigits)
  return /^\d+$/.test(digits) && Number.isSafeInteger(Number(digits)) ? Number(digits) : null
}

/** Whether the segment holds a record. */
export const hasRecords = (segment: Segment): boolean => segment.index.length > 0

/** Takes note of a frame that begins at `position`, behind all noted before. */
export function noteFrame(segment: Segment, header: FrameHeader, position: number): void {
  const last = segment.index.at(-1)
  if (last === undefined) {
    segment.firstSequence = header.firstSequence
    segment.firstAppendedAtMs = header.firstAppendedAtMs
  }
  if (last === undefined || position - last.position >= indexEveryBytes) {
    segment.index.push({
      offset: header.baseOffset,
      sequence: header.firstSequence,
      position,
      newestBeforeMs: segment.newestAppendedAtMs,
    })
  }
  segment.endOffset = endOffsetOf(header)
  segment.endSequence = appendEndOf(header)
  if (header.newestAppendedAtMs > segment.newestAppendedAtMs) segment.newestAppendedAtMs = header.newestAppendedAtMs
  segment.sizeBytes = Math.max(segment.sizeBytes, position + frameBytesOf(header))
}

/** The last index entry that `isBefore` holds for (it must hold for a first stretch of them), or null. */
export function findLastEntry(segment: Segment, isBefore: (entry: IndexEntry) => boolean): IndexEntry | null {
  let low = 0
  let high = segment.index.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = segment.index[middle]
    if (entry !== undefined && isBefore(entry)) low = middle + 1
    else high = middle
  }
  return segment.index[low - 1] ?? null
}
