import { Fault, systemErrorCode } from '../../base/fault.ts'
import type { LogRecord } from '../../events/record.ts'
import { refuseGap } from '../start-offsets.ts'
import { type Chunk, loadChunk, measureHole } from './chunk.ts'
import type { DiskFile } from './disk-files.ts'
import { createFrameCursor, resetCursor, skipTo, takeRecord } from './frame-cursor.ts'
import { heldRangeOf, type LogState, type PartitionState } from './log-state.ts'
import { findLastEntry, type Segment } from './segment.ts'
import { sidecarPathOf } from './sidecar.ts'

/** Reads one partition, from an offset on. */
export interface PartitionReader {
  /**
   * Sequence of the next record that is loaded; {@link mustLoad} when more is published than was loaded, {@link atEnd}
   * when nothing more is.
   */
  headSequence(): number
  /** Takes the next record, if it is loaded. */
  take(): LogRecord | null
  /** Takes what is loaded below `stop`, each record to the place of its sequence after `start`. */
  pour(places: (LogRecord | undefined)[], start: number, stop: number): void
  /** Loads more, if there is more. */
  load(): Promise<void>
  /** No record that is still to come has a lower sequence. */
  leastSequence(): number
  /** @throws Fault `log-gap` when retention has dropped what comes next */
  refuseGap(): void
  close(): Promise<void>
}

export const mustLoad = -1
export const atEnd = Infinity

/**
 * Opens nothing before the first load.
 *
 * @param chunkBytes how much is read at once, and once more ahead
 */
// Long because the verbs share one place in one file.
export function createPartitionReader(
  state: LogState,
  partition: PartitionState,
  startOffset: number,
  chunkBytes: number,
): PartitionReader {
  const { files } = state
  const cursor = createFrameCursor(partition.topic, partition.partition)
  let nextOffset = startOffset
  let head: LogRecord | null = null
  let segment = findSegment(partition, startOffset)
  const entry = findLastEntry(segment, ({ offset }) => offset <= startOffset)
  const isAtEnd = startOffset === heldRangeOf(partition).endOffset
  let position = isAtEnd ? segment.sizeBytes : (entry?.position ?? 0)
  let expectedOffset = isAtEnd ? startOffset : (entry?.offset ?? segment.baseOffset)
  let file: DiskFile | null = null
  let ahead: Promise<Chunk | null> | null = null

  async function readChunk(): Promise<Chunk> {
    file ??= await openSegment()
    const stretch = { file, slot: partition.slot, position, until: segment.sizeBytes, expectedOffset }
    return loadChunk(stretch, chunkBytes)
  }

  async function openSegment(): Promise<DiskFile> {
    try {
      return await files.open(segment.path, 'read')
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') refuseGap(heldRangeOf(partition), nextOffset)
      throw error
    }
  }

  async function enterNextSegment(): Promise<boolean> {
    const next = partition.segments.find(({ baseOffset }) => baseOffset > segment.baseOffset)
    if (next === undefined) return false
    const done = file
    file = null
    segment = next
    position = 0
    expectedOffset = Math.max(expectedOffset, next.baseOffset)
    await done?.close()
    return true
  }

  function useChunk(chunk: Chunk): void {
    resetCursor(cursor, chunk.bytes, chunk.length)
    skipTo(cursor, nextOffset)
    head = takeRecord(cursor)
    position += chunk.length
    expectedOffset = chunk.endOffset
    // A failure ahead is met again, and thrown, when the bytes are needed.
    if (segment.sizeBytes - position >= chunkBytes) ahead = readChunk().then(undefined, () => null)
  }

  async function passHole(): Promise<void> {
    file ??= await openSegment()
    const until = segment.sizeBytes
    const hole = await measureHole({ file, slot: partition.slot, position, until, expectedOffset })
    const following = partition.segments.find(({ baseOffset }) => baseOffset > segment.baseOffset)
    segment.isDamaged = true
    state.damage.report({
      kind: 'corrupt',
      topic: partition.topic,
      partition: partition.partition,
      file: segment.path,
      fromOffset: expectedOffset,
      untilOffset: hole.nextOffset ?? following?.baseOffset ?? segment.endOffset,
      bytes: hole.endPosition - position,
    })
    position = hole.endPosition
    expectedOffset = hole.nextOffset ?? expectedOffset
    // A sidecar would vouch for the segment at the next open. If it cannot go now, reading finds the damage again.
    await files.remove(sidecarPathOf(segment)).catch(() => null)
  }

  return {
    headSequence() {
      if (head !== null) return head.sequence
      const isAtLastByte = position >= segment.sizeBytes && segment === partition.segments.at(-1)
      return isAtLastByte ? atEnd : mustLoad
    },
    take() {
      const taken = head
      if (taken !== null) nextOffset = taken.offset + 1
      head = takeRecord(cursor)
      return taken
    },
    pour(places, start, stop) {
      let record = head
      while (record !== null && record.sequence < stop) {
        places[record.sequence - start] = record
        nextOffset = record.offset + 1
        record = takeRecord(cursor)
      }
      head = record
    },
    async load() {
      while (head === null) {
        if (position >= segment.sizeBytes) {
          if (!(await enterNextSegment())) return
          continue
        }
        const early = await ahead
        ahead = null
        const chunk = early ?? (await readChunk())
        if (chunk.length > 0) useChunk(chunk)
        else await passHole()
      }
    },
    leastSequence() {
      if (head !== null) return head.sequence
      if (isAtEnd && nextOffset === startOffset) return state.endSequence
      return entry === null ? 0 : entry.sequence + nextOffset - entry.offset
    },
    refuseGap() {
      refuseGap(heldRangeOf(partition), nextOffset)
    },
    async close() {
      await ahead
      const open = file
      file = null
      await open?.close()
    },
  }
}

function findSegment(partition: PartitionState, offset: number): Segment {
  const [first, ...rest] = partition.segments
  if (first === undefined) throw new Fault('internal', `${partition.directory} has no segment`)
  let found = first
  for (const segment of rest) if (segment.baseOffset <= offset) found = segment
  return found
}
