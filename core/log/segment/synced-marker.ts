import { join } from 'node:path'
import { crc32 } from '../../base/checksum.ts'
import { createTurns } from './turns.ts'
import { type DiskFile, type DiskFiles, readWholeFile } from './disk-files.ts'

/** How far the log was durable: everything below `sequence`, and every partition up to its end offset, by slot. */
export interface SyncedPoint {
  readonly sequence: number
  readonly endOffsets: readonly number[]
}

/**
 * The file `synced`: two slots. One holds the last point that was made durable and is left alone; the other is written
 * again and again until a point in it is made durable, which turns them round. Each: CRC-32 of what follows · magic · float64 turn · float64 sequence · float64 end offset of every partition.
 */
export interface SyncedMarker {
  /** Sequence of the point that was written last. */
  readonly sequence: number
  write(point: SyncedPoint): Promise<void>
  /** Makes what was written last durable. Only needed before something is removed. */
  sync(): Promise<void>
  close(): Promise<void>
}

const magic = 0x53504ce5
const headBytes = 24
/** Slots lie on pages of their own. */
const pageBytes = 4_096

const slotBytesOf = (partitions: number): number => Math.ceil((headBytes + partitions * 8) / pageBytes) * pageBytes
const pathIn = (directory: string): string => join(directory, 'synced')

/** The newest point that can be read, or null. */
export const readSyncedPoint = (files: DiskFiles, directory: string, partitions: number): Promise<SyncedPoint | null> =>
  readNewestSlot(files, directory, partitions)

interface MarkerSlot extends SyncedPoint {
  readonly turn: number
  readonly which: number
}

async function readNewestSlot(files: DiskFiles, directory: string, partitions: number): Promise<MarkerSlot | null> {
  const bytes = await readWholeFile(files, pathIn(directory))
  if (bytes === null) return null
  const [first, second] = [readSlot(bytes, 0, partitions), readSlot(bytes, 1, partitions)]
  if (first === null || second === null) return first ?? second
  return first.turn > second.turn ? first : second
}

function readSlot(bytes: Buffer, which: number, partitions: number): MarkerSlot | null {
  const start = which * slotBytesOf(partitions)
  const slot = bytes.subarray(start, start + headBytes + partitions * 8)
  if (slot.length < headBytes + partitions * 8) return null
  if (slot.readUInt32LE(0) !== crc32(slot.subarray(4)) || slot.readUInt32LE(4) !== magic) return null
  return {
    turn: slot.readDoubleLE(8),
    which,
    sequence: slot.readDoubleLE(16),
    endOffsets: Array.from({ length: partitions }, (_, index) => slot.readDoubleLE(headBytes + index * 8)),
  }
}

/** Opens the marker for writing. */
export async function openSyncedMarker(files: DiskFiles, directory: string, partitions: number): Promise<SyncedMarker> {
  const newest = await readNewestSlot(files, directory, partitions)
  const file: DiskFile = await files.open(pathIn(directory), 'write')
  // The newest point may have been read from the system's memory: the other one goes only when this one is safe.
  if (newest !== null) await syncOrClose(file)
  const takeTurn = createTurns()
  let turn = newest?.turn ?? 0
  let sequence = newest?.sequence ?? -1
  let durableSlot = newest?.which ?? 0
  let isWritten = false

  async function writePoint(point: SyncedPoint): Promise<void> {
    const slot = Buffer.alloc(headBytes + partitions * 8)
    slot.writeUInt32LE(magic, 4)
    slot.writeDoubleLE(turn + 1, 8)
    slot.writeDoubleLE(point.sequence, 16)
    for (const [index, offset] of point.endOffsets.entries()) slot.writeDoubleLE(offset, headBytes + index * 8)
    slot.writeUInt32LE(crc32(slot.subarray(4)), 0)
    await file.write(slot, slot.length, (1 - durableSlot) * slotBytesOf(partitions))
    turn += 1
    sequence = point.sequence
    isWritten = true
  }

  async function syncPoint(): Promise<void> {
    if (!isWritten) return
    await file.sync()
    durableSlot = 1 - durableSlot
    isWritten = false
  }

  return {
    get sequence() {
      return sequence
    },
    write: (point) => takeTurn(() => writePoint(point)),
    sync: () => takeTurn(syncPoint),
    close: () => file.close(),
  }
}

async function syncOrClose(file: DiskFile): Promise<void> {
  try {
    await file.sync()
  } catch (error) {
    await file.close()
    throw error
  }
}
