import { Fault, toFault } from '../base/fault.ts'
import type { Counters } from '../events/epoch.ts'
import { emptyCounters } from '../stream/counters.ts'
import type { EpochCommit } from '../warehouse/warehouse.ts'
import type { LoopParts, PreparedEpoch } from './loop-parts.ts'
import { packState, type Recovered } from './recovery.ts'
import { keepWhole } from './whole-span.ts'

export interface CommitLoop {
  run(): Promise<void>
  waitUntilCommitted(sequence: number): Promise<void>
  waitUntilEpoch(epoch: number): Promise<void>
  /** Nothing is left to commit before that sequence once that epoch is. */
  notePassed(sequence: number, epoch: number): void
  /** After both loops have ended: the state as of the last commit. */
  saveFinalSnapshot(recovered: Recovered): Promise<void>
  readonly counters: Counters
  readonly progress: { readonly epoch: number; readonly untilSequence: number; readonly watermarkMs: number | null }
  /** Append time of the oldest record being committed, or null. */
  readonly oldestPendingMs: number | null
}

const firstRetryMs = 100
const longestRetryMs = 5_000

interface Waiter {
  readonly isReached: () => boolean
  readonly resolve: () => void
  readonly reject: (fault: Fault) => void
}

/** Commits prepared epochs in order, one at a time. */
export function createCommitLoop(parts: LoopParts): CommitLoop {
  const { clock, log, logger, options, probe, queue, recovered, setState, stopping, token, warehouse } = parts
  const offsets = new Map(
    (recovered.progress?.offsets ?? []).map((entry) => [`${entry.topic}/${entry.partition}`, entry]),
  )
  let epoch = recovered.progress?.epoch ?? 0
  let untilSequence = recovered.progress?.untilSequence ?? 0
  let watermarkMs = recovered.progress?.watermarkMs ?? null
  let counters = recovered.progress?.counters ?? emptyCounters()
  let oldestPendingMs: number | null = null
  let hasNews = false
  let waiters: Waiter[] = []
  let passed = { sequence: 0, epoch: 0 }

  const describeCommit = (prepared: PreparedEpoch): EpochCommit => ({
    token,
    epoch: prepared.epoch,
    offsets: prepared.offsets,
    counters: prepared.outcome.counters,
    rows: keepWhole(prepared.outcome.rows, recovered.wholeSpan),
    amendments: prepared.outcome.amendments,
    late: prepared.outcome.late,
    quarantined: prepared.outcome.quarantined,
    readmitted: prepared.outcome.readmitted,
    conflicts: prepared.outcome.conflicts,
    windowSizeMs: options.windowSizeMs,
    finalRowsOnly: options.finalRowsOnly,
    committedAtMs: clock.nowMs(),
  })

  /** True when an attempt whose answer was lost did commit. */
  const isCommitted = async (wanted: number): Promise<boolean> => {
    const stored = (await warehouse.settle(token))?.epoch ?? 0
    if (stored === wanted || stored === wanted - 1) return stored === wanted
    throw new Fault('internal', `the warehouse is at epoch ${stored}, ${wanted} was to be committed next`, {
      hint: 'state is loaded again from the warehouse',
    })
  }

  const commitOnce = async (prepared: PreparedEpoch, isRetry: boolean): Promise<void> => {
    if (isRetry && (await isCommitted(prepared.epoch.epoch))) return
    await log.sync()
    await warehouse.commit(describeCommit(prepared))
  }

  const commit = async (prepared: PreparedEpoch): Promise<void> => {
    let waitMs = firstRetryMs
    let reason: string | null = null
    for (let attempt = 0; ; attempt += 1) {
      try {
        await commitOnce(prepared, attempt > 0)
        if (reason !== null) logger.info('commits go on', { epoch: prepared.epoch.epoch })
        return
      } catch (error) {
        const fault = toFault(error, 'an epoch could not be committed')
        if (!fault.retry || stopping.aborted) throw fault
        setState('paused', fault.hint ? `${fault.message}; ${fault.hint}` : fault.message)
        // Said once: a disk that is full needs no log of it that grows.
        if (reason !== fault.message) logger.warn('paused', { reason: fault.message })
        reason = fault.message
        await clock.sleep(waitMs, stopping)
        waitMs = Math.min(longestRetryMs, waitMs * 2)
      }
    }
  }

  const findReached = (): number => (epoch >= passed.epoch ? Math.max(untilSequence, passed.sequence) : untilSequence)

  const wakeWaiters = (): void => {
    const reached = waiters.filter(({ isReached }) => isReached())
    waiters = waiters.filter((waiter) => !reached.includes(waiter))
    for (const { resolve } of reached) resolve()
  }

  const noteCommitted = (prepared: PreparedEpoch): void => {
    ;({ epoch, untilSequence, watermarkMs } = prepared.epoch)
    counters = prepared.outcome.counters
    for (const entry of prepared.offsets) offsets.set(`${entry.topic}/${entry.partition}`, entry)
    hasNews = true
    probe.emit('committed', {
      epoch,
      records: prepared.records,
      outcome: prepared.outcome,
      readAtMs: prepared.epoch.readAtMs,
      aggregatedAtMs: prepared.aggregatedAtMs,
      committedAtMs: clock.nowMs(),
    })
    const isBehind = log.describe().endSequence - untilSequence >= options.epochRecords
    setState(isBehind ? 'catching-up' : 'running', null)
    wakeWaiters()
  }

  /** A snapshot only shortens recovery: without one the pipeline goes on. */
  const saveSnapshot = async (state: Uint8Array): Promise<void> => {
    try {
      await warehouse.saveSnapshot({ epoch, offsets: [...offsets.values()], untilSequence, state })
      hasNews = false
    } catch (error) {
      logger.warn('a recovery snapshot could not be written', { reason: toFault(error, 'snapshot').message })
    }
  }

  let ended: Fault | null = null
  const failWaiters = (fault: Fault): void => {
    ended = fault
    for (const waiter of waiters) waiter.reject(fault)
    waiters = []
  }

  const waitUntil = (isReached: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      if (isReached()) resolve()
      else if (ended) reject(ended)
      else waiters.push({ isReached, resolve, reject })
    })

  return {
    async run() {
      try {
        for (let next = await queue.take(); next; next = await queue.take()) {
          oldestPendingMs = next.oldestAppendedAtMs
          await commit(next)
          oldestPendingMs = null
          noteCommitted(next)
          if (next.state) await saveSnapshot(next.state)
        }
        failWaiters(new Fault('cancelled', 'the pipeline was stopped before that was committed'))
      } catch (error) {
        queue.close()
        const fault = toFault(error, 'the commit loop stopped')
        failWaiters(fault)
        throw fault
      }
    },
    waitUntilCommitted: (sequence) => waitUntil(() => sequence <= findReached()),
    waitUntilEpoch: (wanted) => waitUntil(() => wanted <= epoch),
    notePassed(sequence, afterEpoch) {
      passed = { sequence, epoch: afterEpoch }
      wakeWaiters()
    },
    async saveFinalSnapshot({ engine, metrics, wholeSpan }) {
      if (hasNews) await saveSnapshot(packState(engine, metrics, wholeSpan))
    },
    get counters() {
      return counters
    },
    get progress() {
      return { epoch, untilSequence: findReached(), watermarkMs }
    },
    get oldestPendingMs() {
      return oldestPendingMs
    },
  }
}
