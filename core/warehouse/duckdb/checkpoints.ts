import { stat } from 'node:fs/promises'
import { describeError, systemErrorCode } from '../../base/fault.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'

/**
 * Folds the write-ahead log into the file. DuckDB would do so inside some commit; here it happens between commits, and
 * when it fails because the disk is full, no commit fails with it.
 */
export interface Checkpoints {
  /** Whether one is due; looks at the file only now and then. */
  isDue(): Promise<boolean>
  /** Needs the writing session for itself. Does nothing while somebody reads from an older state. */
  run(session: DuckdbSession): Promise<void>
}

const largestLogBytes = 8 * 1024 * 1024
const commitsBetweenLooks = 16

/** @param file the database's; beside it is its write-ahead log */
export function createCheckpoints(file: string): Checkpoints {
  let commits = 0
  return {
    async isDue() {
      commits += 1
      if (commits % commitsBetweenLooks !== 0) return false
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
