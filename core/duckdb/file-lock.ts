import { describeError } from '../base/fault.ts'
import { loadDuckdb } from './load.ts'

/** A held lock; it also goes when the process ends, however it ends. */
export interface FileLock {
  release(): void
}

/**
 * Takes an exclusive lock the operating system keeps for as long as this process lives: DuckDB locks its file across
 * processes on every platform, so a tiny database of its own is the lock.
 *
 * @returns the lock, or null when another process holds it
 * @throws whatever else opening the file gives (read-only folder, full disk)
 */
export async function lockFile(path: string): Promise<FileLock | null> {
  try {
    const { DuckDBInstance } = await loadDuckdb()
    const instance = await DuckDBInstance.create(path, { threads: '1', memory_limit: '16MB' })
    return { release: () => instance.closeSync() }
  } catch (error) {
    if (/could not set lock|being used by another process|conflicting lock/i.test(describeError(error))) return null
    throw error
  }
}
