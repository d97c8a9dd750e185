import { stat } from 'node:fs/promises'
import { describeError, systemErrorCode } from '../../base/fault.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'

/**
 * Folds the write-ahead log into the file. DuckDB would do so inside some commit; here it happens between commits, and
 * when it fails because the disk is full, no commit fails with it.
 */
export interface Checkpoints {
  /** Whether one is due after a commit of so many rows; looks at the file only now and then. */
  isDue(rows: number): Promise<boolean>
  /** Needs the writing session for itself. Does nothing while somebody reads from an older state. */
  run(session: DuckdbSession): Promise<void>
}

const largestLogBytes = 8 * 1024 * 1024
/** A look at the log's size after so many commits, or fewer with many rows each. */
const commitsBetweenLooks = 16
const rowsLikeACommit = 256

/** @param file the database's; beside it is its write-ahead log */
export function createCheckpoints(file: string): Checkpoints {
  let sinceLook = 0
  return {
    async isDue(rows) {
      sinceLook += 1 + rows / rowsLikeACommit
      if (sinceLook < commitsBetweenLooks) return false
      sinceLook = 0
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
