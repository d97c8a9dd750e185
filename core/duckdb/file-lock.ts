import { open, readFile, rm } from 'node:fs/promises'
import { describeError } from '../base/fault.ts'
import { loadDuckdb } from './load.ts'

/** A held lock; it also goes when the process ends, however it ends. */
export interface FileLock {
  release(): void
}

/** @returns null when another process holds it */
async function tryToLock(path: string): Promise<FileLock | null> {
  try {
    const { DuckDBInstance } = await loadDuckdb()
    const instance = await DuckDBInstance.create(path, { threads: '1', memory_limit: '16MB' })
    return { release: () => instance.closeSync() }
  } catch (error) {
    if (/could not set lock|being used by another process|conflicting lock/i.test(describeError(error))) return null
    throw error
  }
}

/** An empty database over whatever is there. In place, so that whoever has just done the same and locked it keeps the lock. */
async function mend(path: string): Promise<void> {
  const { DuckDBInstance } = await loadDuckdb()
  const fresh = `${path}.${process.pid}`
  try {
    const instance = await DuckDBInstance.create(fresh)
    instance.closeSync()
    const bytes = await readFile(fresh)
    const file = await open(path, 'r+')
    try {
      await file.write(bytes, 0, bytes.length, 0)
      await file.truncate(bytes.length)
    } finally {
      await file.close()
    }
  } finally {
    await rm(fresh, { force: true })
  }
}

/**
 * Takes an exclusive lock the operating system keeps for as long as this process lives: DuckDB locks its file across
 * processes on every platform, so a tiny database of its own is the lock. It holds nothing: one that a full disk or a
 * power cut has spoiled is made anew.
 *
 * @returns the lock, or null when another process holds it
 * @throws whatever else opening the file gives (read-only folder, full disk)
 */
export async function lockFile(path: string): Promise<FileLock | null> {
  try {
    return await tryToLock(path)
  } catch (error) {
    if (!/not a valid duckdb database|could not read|corrupt|checksum|serialization error/i.test(describeError(error)))
      throw error
    await mend(path)
    return await tryToLock(path)
  }
}
