import { stat } from 'node:fs/promises'
import { describeError, Fault, systemErrorCode } from '../../base/fault.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'

/**
 * Folds the write-ahead log into the file. DuckDB would do so inside some commit; here it happens between commits, and
 * when it fails because the disk is full, no commit fails with it.
 */
export interface Checkpoints {
  /** @throws Fault `warehouse-damaged` when the file is no longer the one that was opened: what is written goes nowhere */
  checkFile(): Promise<void>
  /** Whether it is time to look at the files again after a commit of so many rows. */
  isLookDue(rows: number): boolean
  isDue(): Promise<boolean>
  /** Needs the writing session for itself. Does nothing while somebody reads from an older state. */
  run(session: DuckdbSession): Promise<void>
}

const largestLogBytes = 8 * 1024 * 1024
/** A look at the log's size after so many commits, or fewer with many rows each. */
const commitsBetweenLooks = 16
const rowsLikeACommit = 256

/** What tells a file from another under the same name; null when there is none. Windows lets nobody take an open file away. */
async function identify(file: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(file, { bigint: true })
    return process.platform === 'win32' ? '' : `${dev}/${ino}`
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null
    throw error
  }
}

/** @param file the database's, which is open; beside it is its write-ahead log */
export function createCheckpoints(file: string): Checkpoints {
  let sinceLook = 0
  const opened = identify(file)
  opened.catch(() => undefined)
  return {
    async checkFile() {
      if ((await identify(file)) === (await opened)) return
      throw new Fault('warehouse-damaged', `${file} was taken away while it was in use`, {
        hint: 'it is rebuilt from the log',
      })
    },
    isLookDue(rows) {
      sinceLook += 1 + rows / rowsLikeACommit
      if (sinceLook < commitsBetweenLooks) return false
      sinceLook = 0
      return true
    },
    async isDue() {
      try {
        return (await stat(`${file}.wal`)).size > largestLogBytes
      } catch (error) {
        if (systemErrorCode(error) === 'ENOENT') return false
        throw error
      }
    },
    async run(session) {
      try {
        await session.run('CHECKPOINT')
      } catch (error) {
        if (!/cannot checkpoint/i.test(describeError(error))) throw error
      }
    },
  }
}
