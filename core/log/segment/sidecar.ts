import { crc32 } from '../../base/checksum.ts'
import { type DiskFiles, readWholeFile } from './disk-files.ts'
import type { IndexEntry, Segment } from './segment.ts'

/**
 * A segment's index beside it, `<segment>.index`: CRC-32 of what follows · magic · float64 each: size, base offset, end
 * offset, first sequence, end sequence, first and newest append time, then the entries' four numbers each.
 * It only saves a scan: one that is missing, damaged or of another size is made anew.
 */
const magic = 0x49504ce5
const headBytes = 8
const headNumbers = 7
const entryNumbers = 4

export const sidecarPathOf = (segment: Segment): string => `${segment.path.slice(0, -'.log'.length)}.index`

/** Writes the sidecar of a segment. It is not synced: a broken one shows by its checksum. */
export async function writeSidecar(files: DiskFiles, segment: Segment): Promise<void> {
  const numbers = [
    segment.sizeBytes,
    segment.baseOffset,
    segment.endOffset,
    segment.firstSequence,
    segment.endSequence,
    segment.firstAppendedAtMs,
    segment.newestAppendedAtMs,
    ...segment.index.flatMap(({ offset, sequence, position, newestBeforeMs }) => [
      offset,
      sequence,
      position,
      newestBeforeMs,
    ]),
  ]
  const bytes = Buffer.alloc(headBytes + numbers.length * 8)
  bytes.writeUInt32LE(magic, 4)
  for (const [place, number] of numbers.entries()) bytes.writeDoubleLE(number, headBytes + place * 8)
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0)
  const file = await files.open(sidecarPathOf(segment), 'write')
  try {
    await file.write(bytes, bytes.length, 0)
    await file.truncate(bytes.length)
  } finally {
    await file.close()
  }
}

/** The segment as its sidecar describes it, or null when there is none to be trusted. */
export async function readSidecar(files: DiskFiles, empty: Segment): Promise<Segment | null> {
  const bytes = await readWholeFile(files, sidecarPathOf(empty))
  if (bytes === null || bytes.length < headBytes + headNumbers * 8) return null
  if (bytes.readUInt32LE(0) !== crc32(bytes.subarray(4)) || bytes.readUInt32LE(4) !== magic) return null
  const numberAt = (place: number): number => bytes.readDoubleLE(headBytes + place * 8)
  if (numberAt(1) !== empty.baseOffset) return null
  const index: IndexEntry[] = []
  for (let place = headNumbers; headBytes + (place + entryNumbers) * 8 <= bytes.length; place += entryNumbers) {
    index.push({
      offset: numberAt(place),
      sequence: numberAt(place + 1),
      position: numberAt(place + 2),
      newestBeforeMs: numberAt(place + 3),
    })
  }
  return {
    ...empty,
    sizeBytes: numberAt(0),
    endOffset: numberAt(2),
    firstSequence: numberAt(3),
    endSequence: numberAt(4),
    firstAppendedAtMs: numberAt(5),
    newestAppendedAtMs: numberAt(6),
    index,
  }
}
