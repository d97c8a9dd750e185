import type { BoundedQueue } from '../base/queue.ts'
import type { EpochOutcome, EpochRecord, ReadRecord } from '../events/epoch.ts'
import type { PipelineState } from '../protocol/board.ts'
import type { PartitionOffset } from '../warehouse/warehouse.ts'
import type { PipelineParts } from './pipeline.ts'

/** An epoch that is applied and waits to be committed. */
export interface PreparedEpoch {
  readonly epoch: EpochRecord
  readonly records: readonly ReadRecord[]
  readonly outcome: EpochOutcome
  readonly offsets: readonly PartitionOffset[]
  readonly oldestAppendedAtMs: number | null
  readonly aggregatedAtMs: number
  /** Recovery state as of this epoch, where one is due. */
  readonly state: Uint8Array | null
}

/** What the loops that read and commit have in common. */
export interface LoopParts extends PipelineParts {
  readonly queue: BoundedQueue<PreparedEpoch>
  readonly stopping: AbortSignal
  readonly setState: (state: PipelineState, reason: string | null) => void
}
