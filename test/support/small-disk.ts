import { execFileSync } from 'node:child_process'
import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { makeTemporaryDirectory } from './temporary-directory.ts'

/** A disk of a few megabytes that can be filled and made read-only. */
export interface SmallDisk {
  readonly path: string
  /** Takes all the space that is left, but for so much. */
  fill(leftKb?: number): void
  /** Gives it back. */
  free(): void
  /** Only while nobody has a file open for writing. */
  setReadOnly(isReadOnly: boolean): void
  unmount(): void
}

/** Why no disk can be mounted here; null where one can. */
export function findMountTrouble(): string | null {
  if (process.platform !== 'linux') return 'it takes Linux to mount a small disk'
  if (process.getuid?.() !== 0) return 'it takes root to mount a small disk'
  return null
}

/** Mounts one in memory, on a directory of its own. Whoever mounts it unmounts it. */
export function mountSmallDisk(sizeMb: number): SmallDisk {
  const path = makeTemporaryDirectory()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=0700`, 'tmpfs', path])
  const filler = join(path, 'filler')
  return {
    path,
    fill(leftKb = 0) {
      const file = openSync(filler, 'a')
      try {
        for (const bytes of [1_048_576, 4_096, 1]) {
          const chunk = Buffer.alloc(bytes)
          try {
            for (;;) writeSync(file, chunk)
          } catch (error) {
            if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
          }
        }
        ftruncateSync(file, Math.max(0, fstatSync(file).size - leftKb * 1_024))
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(filler, { force: true }),
    setReadOnly: (isReadOnly) => void execFileSync('mount', ['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, path]),
    unmount: () => void execFileSync('umount', ['-l', path]),
  }
}
