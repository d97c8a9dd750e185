import type { Clock } from '../base/clock.ts'
import { Fault, toFault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { Probe } from '../base/probe.ts'
import { createBoundedQueue } from '../base/queue.ts'
import type { AppliedEpoch, Counters, Readmission } from '../events/epoch.ts'
import type { EventLog } from '../log/log.ts'
import type { PipelineState } from '../protocol/board.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { createCommitLoop } from './commit-loop.ts'
import type { PreparedEpoch } from './loop-parts.ts'
import { createReadLoop } from './read-loop.ts'
import type { ReadingStage } from './reading.ts'
import type { Recovered } from './recovery.ts'

/** How the loops are paced; none of it changes a result. */
export interface PipelineOptions {
  readonly epochMs: number
  readonly epochRecords: number
  readonly snapshotMs: number
  /** Quiet time before due windows close by the wall clock; 0 = never. */
  readonly idleMs: number
  readonly windowSizeMs: number
  readonly latenessMs: number
  readonly finalRowsOnly: boolean
}

/** Facts of a running pipeline. */
export interface PipelineFacts {
  readonly committed: AppliedEpoch
  readonly state: { readonly state: PipelineState; readonly reason: string | null }
}

export interface PipelineParts {
  readonly log: EventLog
  readonly warehouse: Warehouse
  readonly reading: ReadingStage
  readonly recovered: Recovered
  /** Fencing token under which commits are made. */
  readonly token: string
  readonly options: PipelineOptions
  readonly clock: Clock
  readonly logger: Logger
  readonly probe: Probe<PipelineFacts>
}

/** How far the pipeline has come. */
export interface PipelineProgress {
  readonly epoch: number
  /** Everything before it is committed, or is known to be no record. */
  readonly untilSequence: number
  readonly watermarkMs: number | null
  /** Append time of the oldest record that is read but not committed, or null. */
  readonly oldestPendingMs: number | null
}

/**
 * The story in order: read → decode → apply → commit, as two loops with a bounded queue between them.
 *
 * 1. The read loop owns the engine; it is at most two epochs ahead of the commit loop, which is what back-pressure is.
 * 2. An epoch commits after the log has synced it; a retriable fault holds the same epoch and tries again for ever.
 * 3. Any other fault ends both loops and is what `finished` rejects with; state is then reloaded by the supervisor.
 */
export interface Pipeline {
  start(): void
  /** Ends after what was appended before the call is committed, or after `drainMs`, whichever is first. Idempotent. */
  stop(drainMs: number): Promise<void>
  /** Resolves once the commit covers that sequence; rejects when the pipeline faults first. */
  waitUntilCommitted(sequence: number): Promise<void>
  /** Ends both loops with a fault that somebody else has met: a reader of the warehouse, say. */
  fail(fault: Fault): void
  /** Counts late or invalid records after all where the log has no place for a word about that. Committed when it resolves. */
  readmit(readmissions: readonly Readmission[]): Promise<void>
  readonly progress: PipelineProgress
  /** Cumulative counters as of the last commit. */
  readonly counters: Counters
  readonly state: PipelineState
  readonly reason: string | null
  /** Settles when the loops have ended: resolves after `stop`, rejects with the fault that ended them. */
  readonly finished: Promise<void>
}

/** Two epochs between the loops: one being committed, one ready. */
const queuedEpochs = 2

/** Joins recovered state, log and warehouse into a pipeline; nothing runs before `start`. */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { probe, recovered, clock } = parts
  const queue = createBoundedQueue<PreparedEpoch>(queuedEpochs)
  const stopping = new AbortController()
  let state: PipelineState = 'stopped'
  let reason: string | null = null
  let settle: { resolve: () => void; reject: (fault: Fault) => void } = {
    resolve: () => undefined,
    reject: () => undefined,
  }
  const finished = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // Whoever supervises awaits it; a fault before that must not end the process.
  finished.catch(() => undefined)

  const setState = (next: PipelineState, why: string | null): void => {
    if (next === state && why === reason) return
    state = next
    reason = why
    probe.emit('state', { state, reason })
  }
  const loop = { ...parts, queue, stopping: stopping.signal, setState }
  const commitLoop = createCommitLoop(loop)
  const readLoop = createReadLoop({
    ...loop,
    notePassed: (sequence, epoch) => commitLoop.notePassed(sequence, epoch),
    untilCommitted: (epoch) => commitLoop.waitUntilEpoch(epoch),
  })

  /** A loop that ends, for whatever reason, ends the other one too. */
  const untilEnd = async (loop: Promise<void>): Promise<void> => {
    try {
      await loop
    } finally {
      stopping.abort()
      queue.close()
    }
  }
  let failure: Fault | null = null
  let started = false
  const run = async (): Promise<void> => {
    try {
      // Both have ended before anything is judged: a restart must not meet a commit still on its way.
      const ends = await Promise.allSettled([untilEnd(readLoop.run()), untilEnd(commitLoop.run())])
      if (failure) throw failure
      for (const end of ends) if (end.status === 'rejected') throw end.reason
      await commitLoop.saveFinalSnapshot(recovered)
      setState('stopped', null)
      settle.resolve()
    } catch (error) {
      const fault = toFault(error, 'the pipeline stopped')
      setState('faulted', fault.message)
      settle.reject(fault)
    } finally {
      await recovered.reader.close()
    }
  }

  return {
    start() {
      if (started) return
      started = true
      setState('running', null)
      void run()
    },
    async stop(drainMs) {
      if (!started) return
      const target = parts.log.describe().endSequence
      const drained = commitLoop.waitUntilCommitted(target).catch(() => undefined)
      await Promise.race([drained, clock.sleep(drainMs, stopping.signal)])
      stopping.abort()
      await finished.catch(() => undefined)
    },
    waitUntilCommitted: (sequence) => commitLoop.waitUntilCommitted(sequence),
    fail(fault) {
      failure ??= fault
      stopping.abort()
      queue.close()
    },
    async readmit(readmissions) {
      const epoch = await readLoop.readmit(readmissions)
      await commitLoop.waitUntilEpoch(epoch)
    },
    get progress() {
      return {
        ...commitLoop.progress,
        oldestPendingMs: commitLoop.oldestPendingMs ?? readLoop.oldestPendingMs,
      }
    },
    get counters() {
      return commitLoop.counters
    },
    get state() {
      return state
    },
    get reason() {
      return reason
    },
    finished,
  }
}
