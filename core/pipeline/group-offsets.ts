import type { Clock } from '../base/clock.ts'
import { describeError } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { PartitionOffset, Warehouse } from '../warehouse/warehouse.ts'

/** How often positions are written down at most; lag tools look every few seconds. */
const everyMs = 5_000
/** After a refusal, which is seldom anything that passes. */
const pauseMs = 60_000

export interface GroupOffsetParts {
  readonly commitOffsets: (positions: readonly PartitionOffset[]) => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * A warehouse whose commits are also shown to lag tools, as the positions of a consumer group. The warehouse's own offsets
 * are the truth: nothing waits for the group, reads it, or fails with it.
 */
export function showGroupOffsets(warehouse: Warehouse, { clock, commitOffsets, logger }: GroupOffsetParts): Warehouse {
  const waiting = new Map<string, PartitionOffset>()
  let dueMs = 0
  let showing: Promise<void> | null = null

  const show = async (): Promise<void> => {
    const positions = [...waiting.values()]
    waiting.clear()
    try {
      await commitOffsets(positions)
    } catch (error) {
      dueMs = clock.monotonicMs() + pauseMs
      logger.warn('positions are not shown to lag tools', { reason: describeError(error) })
    }
  }
  const showIfDue = (): void => {
    if (showing || waiting.size === 0 || clock.monotonicMs() < dueMs) return
    dueMs = clock.monotonicMs() + everyMs
    showing = show().finally(() => {
      showing = null
    })
  }
  return {
    ...warehouse,
    async commit(commit) {
      await warehouse.commit(commit)
      for (const position of commit.offsets) waiting.set(`${position.topic}/${position.partition}`, position)
      showIfDue()
    },
    async close() {
      await showing
      if (waiting.size > 0) await show()
      await warehouse.close()
    },
  }
}
