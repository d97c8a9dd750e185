import { close, constants, fdatasync, fstat, fsync, ftruncate, open, read, write } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { systemErrorCode } from '../../base/fault.ts'

/** An open file. Errors are the system's own. */
export interface DiskFile {
  /** Reads up to `length` bytes at `position`; fewer only where the file ends. Resolves with how many. */
  read(target: Buffer, targetStart: number, length: number, position: number): Promise<number>
  /** Writes the first `length` bytes of `source` at `position`. */
  write(source: Buffer, length: number, position: number): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  /** Makes the content durable. */
  sync(): Promise<void>
  readSize(): Promise<number>
  close(): Promise<void>
}

/** The few verbs the log needs of a file system; tests put a failing one in its place. */
export interface DiskFiles {
  /** Opens to read, or to read and write; the latter makes a missing file. */
  open(path: string, mode: 'read' | 'write'): Promise<DiskFile>
  /** Makes a directory and those above it. Resolves true when something was made. */
  makeDirectory(path: string): Promise<boolean>
  /** Names in a directory; none when it is missing. */
  list(path: string): Promise<readonly string[]>
  rename(from: string, to: string): Promise<void>
  /** Removes a file, if it is there. */
  remove(path: string): Promise<void>
  /** Makes the names in a directory durable, where the system knows such a thing. */
  syncDirectory(path: string): Promise<void>
}

/** The machine's own files. */
export const machineFiles: DiskFiles = {
  open: openFile,
  makeDirectory: async (path) => (await mkdir(path, { recursive: true })) !== undefined,
  async list(path) {
    try {
      return await readdir(path)
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return []
      throw error
    }
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  async syncDirectory(path) {
    // Windows opens no directories and keeps their order by itself.
    if (process.platform === 'win32') return
    const descriptor = await openDescriptor(path, constants.O_RDONLY)
    try {
      await settle((done) => fsync(descriptor, done))
    } finally {
      await settle((done) => close(descriptor, done))
    }
  },
}

/** The content of a file, or null when it is missing. */
export async function readWholeFile(files: DiskFiles, path: string): Promise<Buffer | null> {
  let file: DiskFile
  try {
    file = await files.open(path, 'read')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null
    throw error
  }
  try {
    const bytes = Buffer.alloc(await file.readSize())
    return bytes.subarray(0, await file.read(bytes, 0, bytes.length, 0))
  } finally {
    await file.close()
  }
}

type Done = (error: NodeJS.ErrnoException | null) => void

const settle = (start: (done: Done) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve()))
  })

const openDescriptor = (path: string, flags: number): Promise<number> =>
  new Promise((resolve, reject) => {
    open(path, flags, 0o644, (error, descriptor) => (error ? reject(error) : resolve(descriptor)))
  })

/** The callback calls cost about half of what the promise ones do, and this is the hot path of reading. */
async function openFile(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
  const flags = mode === 'read' ? constants.O_RDONLY : constants.O_RDWR | constants.O_CREAT
  const descriptor = await openDescriptor(path, flags)
  const readSome = (target: Buffer, start: number, length: number, position: number): Promise<number> =>
    new Promise((resolve, reject) => {
      read(descriptor, target, start, length, position, (error, count) => (error ? reject(error) : resolve(count)))
    })
  const writeSome = (source: Buffer, start: number, length: number, position: number): Promise<number> =>
    new Promise((resolve, reject) => {
      write(descriptor, source, start, length, position, (error, count) => (error ? reject(error) : resolve(count)))
    })
  return {
    async read(target, targetStart, length, position) {
      let done = 0
      while (done < length) {
        const count = await readSome(target, targetStart + done, length - done, position + done)
        if (count === 0) break
        done += count
      }
      return done
    },
    async write(source, length, position) {
      for (let done = 0; done < length; ) done += await writeSome(source, done, length - done, position + done)
    },
    truncate: (sizeBytes) => settle((done) => ftruncate(descriptor, sizeBytes, done)),
    sync: () => settle((done) => fdatasync(descriptor, done)),
    readSize: () =>
      new Promise((resolve, reject) => {
        fstat(descriptor, (error, stats) => (error ? reject(error) : resolve(stats.size)))
      }),
    close: () => settle((done) => close(descriptor, done)),
  }
}
