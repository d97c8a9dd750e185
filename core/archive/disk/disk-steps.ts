import { link, mkdir, open, rename, rm, rmdir } from 'node:fs/promises'
import { systemErrorCode } from '../../base/fault.ts'

/** The steps a write on disk is made of; a kill can come between any two of them. */
export interface DiskSteps {
  makeDirectory(path: string): Promise<void>
  /** Creates or empties the file, and makes what it holds durable. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Gives a file a second name unless that is taken; false: it is, null: this file system has no second names. */
  link(from: string, to: string): Promise<boolean | null>
  /** Does nothing when it is gone. */
  remove(path: string): Promise<void>
  /** Removes a directory unless it holds something. */
  removeFolder(path: string): Promise<void>
  /** Makes the names in a directory durable, where the system can. */
  syncDirectory(path: string): Promise<void>
}

/** What systems say that do not sync directories. */
const unsyncable = ['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP']

/** What file systems say that have no second names. */
const unlinkable = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK']
/** Somebody has put something there, or removed it. */
const stillUsed = ['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EPERM', 'EBUSY']

/** The machine's own file system. */
export const machineSteps: DiskSteps = {
  async makeDirectory(path) {
    await mkdir(path, { recursive: true })
  },
  async writeFile(path, bytes) {
    const file = await open(path, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  },
  rename,
  async link(from, to) {
    try {
      await link(from, to)
      return true
    } catch (error) {
      const code = systemErrorCode(error) ?? ''
      if (code === 'EEXIST') return false
      if (unlinkable.includes(code)) return null
      throw error
    }
  },
  async removeFolder(path) {
    try {
      await rmdir(path)
    } catch (error) {
      if (!stillUsed.includes(systemErrorCode(error) ?? '')) throw error
    }
  },
  remove: (path) => rm(path, { force: true }),
  async syncDirectory(path) {
    try {
      const directory = await open(path, 'r')
      try {
        await directory.sync()
      } finally {
        await directory.close()
      }
    } catch (error) {
      if (!unsyncable.includes(systemErrorCode(error) ?? '')) throw error
    }
  },
}
