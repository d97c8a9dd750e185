import { Fault } from '../../base/fault.ts'
import { loadChunk } from './chunk.ts'
import type { DiskFile, DiskFiles } from './disk-files.ts'
import type { NewNames } from './new-names.ts'
import { createSegment, type Segment } from './segment.ts'
import { writeSidecar } from './sidecar.ts'

/**
 * Writes the last segment of one partition.
 *
 * 1. At most one file is open for writing. It is opened by the first write, and cut to what is published whenever it is:
 *    whatever a failed write has left behind it is gone before the next one.
 * 2. A segment is durable, its name included, before the next one begins.
 * 3. A system that could not sync may drop what it had to write and say nothing the next time. So after a failed sync
 *    the stretch in doubt is read back, checked and written once more.
 */
export interface PartitionWriter {
  /** Gets ready to write `bytes`: begins a new segment where they no longer fit. Returns the segment to be written on. */
  prepare(bytes: number): Promise<Segment>
  /** Writes behind what is published. Publishing it is the caller's. */
  write(bytes: Buffer, length: number): Promise<void>
  /** Takes back what was written and not published. */
  takeBack(): Promise<void>
  /** Something was published that needs a sync. */
  markDirty(): void
  /** Something published is not known to be durable. */
  readonly isDirty: boolean
  /** Makes everything published durable. */
  flush(): Promise<void>
  /** Closes the last segment, if it holds anything, and begins the next. */
  roll(): Promise<void>
  close(): Promise<void>
}

export interface WriterOptions {
  readonly files: DiskFiles
  readonly directory: string
  readonly slot: number
  readonly segments: Segment[]
  readonly segmentBytes: number
  readonly newNames: NewNames
}

const rereadBytes = 1024 * 1024
const ignore = (): void => undefined

// Long because the verbs share one open file and what is known of it.
export function createPartitionWriter(options: WriterOptions): PartitionWriter {
  const { files, directory, slot, segments, segmentBytes, newNames } = options
  const last = (): Segment => {
    const segment = segments.at(-1)
    if (segment === undefined) throw new Fault('internal', `${directory} has no segment`)
    return segment
  }
  let file: DiskFile | null = null
  let opening: Promise<DiskFile> | null = null
  let flushing: Promise<void> | null = null
  let isDirty = false
  let isInDoubt = false
  let durableBytes = last().sizeBytes
  let durableOffset = last().endOffset

  async function openLast(): Promise<DiskFile> {
    const segment = last()
    const opened = await files.open(segment.path, 'write')
    try {
      if (segment.sizeBytes === 0) newNames.add(directory)
      if ((await opened.readSize()) > segment.sizeBytes) await opened.truncate(segment.sizeBytes)
    } catch (error) {
      await opened.close()
      throw error
    }
    file = opened
    return opened
  }

  async function ensureOpen(): Promise<DiskFile> {
    if (file !== null) return file
    opening ??= openLast().finally(() => {
      opening = null
    })
    return opening
  }

  async function closeFile(): Promise<void> {
    const closing = file
    file = null
    await closing?.close()
  }

  async function flushOnce(): Promise<void> {
    const { sizeBytes, endOffset } = last()
    isDirty = false
    try {
      const open = await ensureOpen()
      if (isInDoubt) await writeAgain(open, sizeBytes)
      await open.sync()
    } catch (error) {
      isDirty = true
      isInDoubt = true
      throw error
    }
    isInDoubt = false
    durableBytes = sizeBytes
    durableOffset = endOffset
  }

  async function writeAgain(open: DiskFile, until: number): Promise<void> {
    let position = durableBytes
    let expectedOffset = durableOffset
    while (position < until) {
      const chunk = await loadChunk({ file: open, slot, position, until, expectedOffset }, rereadBytes)
      if (chunk.length === 0) {
        throw new Fault('log-damaged', `${last().path}: a failed sync has lost what begins at byte ${position}`, {
          hint: 'start again: the log is then cut to what is left',
        })
      }
      await open.write(chunk.bytes, chunk.length, position)
      position += chunk.length
      expectedOffset = chunk.endOffset
    }
  }

  async function flush(): Promise<void> {
    while (flushing !== null) await flushing.then(ignore, ignore)
    if (!isDirty) return
    flushing = flushOnce()
    try {
      await flushing
    } finally {
      flushing = null
    }
  }

  async function roll(): Promise<void> {
    const segment = last()
    if (segment.sizeBytes === 0) return
    await flush()
    await newNames.sync(directory)
    await closeFile()
    if (!segment.isDamaged) await writeSidecar(files, segment)
    segments.push(createSegment(directory, segment.endOffset))
    durableBytes = 0
    durableOffset = segment.endOffset
  }

  return {
    async prepare(bytes) {
      const { sizeBytes } = last()
      if (sizeBytes > 0 && sizeBytes + bytes > segmentBytes) await roll()
      await ensureOpen()
      return last()
    },
    async write(bytes, length) {
      const open = await ensureOpen()
      await open.write(bytes, length, last().sizeBytes)
    },
    async takeBack() {
      if (file === null) return
      try {
        await file.truncate(last().sizeBytes)
      } catch (error) {
        // The next opening tries again, and nothing is written before it has succeeded.
        await closeFile()
        throw error
      }
    },
    markDirty() {
      isDirty = true
    },
    get isDirty() {
      return isDirty || flushing !== null
    },
    flush,
    roll,
    close: closeFile,
  }
}
