import type { DiskFiles } from './disk-files.ts'

/** Directories in which files were made whose names are not durable yet. */
export interface NewNames {
  add(directory: string): void
  /** Makes the names in one directory, or in all, durable; those that fail stay new. */
  sync(directory?: string): Promise<void>
}

export function createNewNames(files: DiskFiles): NewNames {
  /** Directory → number of the last file made in it. */
  const made = new Map<string, number>()
  let count = 0

  async function syncOne(directory: string): Promise<void> {
    const before = made.get(directory)
    if (before === undefined) return
    await files.syncDirectory(directory)
    // Only now, and unless another file was made meanwhile: who comes in between must not take it for done.
    if (made.get(directory) === before) made.delete(directory)
  }

  return {
    add(directory) {
      count += 1
      made.set(directory, count)
    },
    async sync(directory) {
      for (const each of directory === undefined ? [...made.keys()] : [directory]) await syncOne(each)
    },
  }
}
