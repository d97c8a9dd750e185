import { dirname } from 'node:path'
import type { PartitionSlot } from '../partition-table.ts'
import { loadChunk, measureHole } from './chunk.ts'
import type { DiskFiles } from './disk-files.ts'
import { appendEndOf, endOffsetOf, type FrameHeader, frameBytesOf, readCheckedHeader } from './frame.ts'
import { createSegment, findLastEntry, noteFrame, readBaseOffset, type Segment } from './segment.ts'
import { readSidecar } from './sidecar.ts'

/** A place between frames. */
export interface Place {
  readonly segment: Segment
  readonly position: number
  /** Offset of the record that belongs there. */
  readonly offset: number
}

/** A frame that was not yet known to be durable, and where the intact records before it end. */
export interface RecentFrame {
  readonly header: FrameHeader
  readonly place: Place
  readonly before: Place
}

/** A stretch that holds no intact frame, or offsets that nothing holds (0 bytes then). */
export interface FoundHole {
  readonly place: Place
  readonly bytes: number
  /** Offset behind it, or null when only the end of the file follows. */
  untilOffset: number | null
  readonly headers: readonly FrameHeader[]
}

/** What a partition's files hold. */
export interface PartitionScan {
  readonly slot: PartitionSlot
  readonly directory: string
  readonly segments: Segment[]
  /** Frames of appends that reach beyond `trustedSequence`. */
  readonly recent: RecentFrame[]
  readonly holes: FoundHole[]
  /** Behind the last intact record. */
  end: Place
  /** The highest synced sequence that a frame carries. */
  carriedSequence: number
}

const scanBytes = 1024 * 1024
/** How much of a partition's end is read again at open, even where a sidecar vouches for it. */
const alwaysCheckedBytes = 4 * 1024 * 1024

/**
 * Finds out what a partition holds. Sidecars are trusted for segments wholly below `trustedSequence`; the end of the
 * partition, and everything else, is read and checked.
 */
export async function scanPartition(
  files: DiskFiles,
  directory: string,
  slot: PartitionSlot,
  trustedSequence: number,
): Promise<PartitionScan> {
  const names = await files.list(directory)
  const bases = names.flatMap((name) => readBaseOffset(name) ?? []).sort((left, right) => left - right)
  const sizes: number[] = []
  for (const base of bases) sizes.push(await readSizeOf(files, createSegment(directory, base).path))
  const lastFilled = sizes.reduce((last, sizeBytes, place) => (sizeBytes > 0 ? place : last), -1)
  const placeholder = createSegment(directory, bases[0] ?? 0)
  const scan: PartitionScan = {
    slot,
    directory,
    segments: [],
    recent: [],
    holes: [],
    end: { segment: placeholder, position: 0, offset: placeholder.baseOffset },
    carriedSequence: 0,
  }
  for (const [place, base] of bases.entries()) {
    const sizeBytes = sizes[place] ?? 0
    const empty = createSegment(directory, base)
    const sidecar = await readSidecar(files, empty)
    const isTrusted = sidecar !== null && sidecar.endSequence <= trustedSequence && sidecar.sizeBytes <= sizeBytes
    if (isTrusted && place !== lastFilled && sidecar.sizeBytes === sizeBytes) {
      enterSegment(scan, sidecar)
      scan.end = { segment: sidecar, position: sizeBytes, offset: sidecar.endOffset }
    } else {
      const segment = isTrusted ? truncateSegment(sidecar, sidecar.sizeBytes - alwaysCheckedBytes) : empty
      enterSegment(scan, segment)
      await scanSegment(files, scan, segment, sizeBytes, trustedSequence)
    }
  }
  if (scan.segments.length === 0) scan.segments.push(placeholder)
  return scan
}

async function readSizeOf(files: DiskFiles, path: string): Promise<number> {
  const file = await files.open(path, 'read')
  try {
    return await file.readSize()
  } finally {
    await file.close()
  }
}

/** The segment as it was when its last index entry that begins at or before `position` was about to be written. */
function truncateSegment(segment: Segment, position: number): Segment {
  const entry = findLastEntry(segment, (other) => other.position <= position)
  if (entry === null || entry.position === 0) return createSegment(dirname(segment.path), segment.baseOffset)
  return {
    ...segment,
    sizeBytes: entry.position,
    endOffset: entry.offset,
    newestAppendedAtMs: entry.newestBeforeMs,
    index: segment.index.filter((other) => other.position < entry.position),
  }
}

function enterSegment(scan: PartitionScan, segment: Segment): void {
  const { end } = scan
  const hole = scan.holes.at(-1)
  const isHoleBehindEnd = hole !== undefined && hole.untilOffset === null
  if (scan.segments.length === 0) scan.end = { segment, position: 0, offset: segment.baseOffset }
  else if (isHoleBehindEnd) hole.untilOffset = Math.max(segment.baseOffset, end.offset)
  else if (segment.baseOffset > end.offset) {
    scan.holes.push({ place: end, bytes: 0, untilOffset: segment.baseOffset, headers: [] })
  }
  scan.segments.push(segment)
}

/** Reads and checks a segment from what is already known of it to its end. */
async function scanSegment(
  files: DiskFiles,
  scan: PartitionScan,
  segment: Segment,
  until: number,
  trustedSequence: number,
): Promise<void> {
  let position = segment.sizeBytes
  let expectedOffset = Math.max(segment.endOffset, scan.end.offset)
  if (position > 0) scan.end = { segment, position, offset: segment.endOffset }
  segment.sizeBytes = until
  if (position === until) return
  const file = await files.open(segment.path, 'read')
  try {
    while (position < until) {
      const stretch = { file, slot: scan.slot.slot, position, until, expectedOffset }
      const chunk = await loadChunk(stretch, scanBytes)
      for (let at = 0; at < chunk.length; ) {
        const header = readCheckedHeader(chunk.bytes, at)
        noteScanned(scan, segment, header, position + at, trustedSequence)
        at += frameBytesOf(header)
      }
      position += chunk.length
      expectedOffset = chunk.endOffset
      if (!chunk.isDamagedBehind) continue
      const hole = await measureHole({ ...stretch, position, expectedOffset })
      segment.isDamaged = true
      scan.holes.push({
        place: { segment, position, offset: expectedOffset },
        bytes: hole.endPosition - position,
        untilOffset: hole.nextOffset,
        headers: hole.headers,
      })
      position = hole.endPosition
      expectedOffset = hole.nextOffset ?? expectedOffset
    }
  } finally {
    await file.close()
  }
}

function noteScanned(
  scan: PartitionScan,
  segment: Segment,
  header: FrameHeader,
  position: number,
  trustedSequence: number,
): void {
  const before = scan.end
  if (appendEndOf(header) > trustedSequence) {
    scan.recent.push({ header, place: { segment, position, offset: header.baseOffset }, before })
  }
  noteFrame(segment, header, position)
  scan.end = { segment, position: position + frameBytesOf(header), offset: endOffsetOf(header) }
  if (header.syncedSequence > scan.carriedSequence) scan.carriedSequence = header.syncedSequence
}
