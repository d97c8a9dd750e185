import { Fault } from '../base/fault.ts'
import type { PartitionRange, Readmission, ReadRecord } from '../events/epoch.ts'
import type { LogRecord } from '../events/record.ts'
import type { PartitionOffset } from '../warehouse/warehouse.ts'
import { createAskedReadmissions } from './asked-readmissions.ts'
import type { LoopParts } from './loop-parts.ts'
import { doPatiently } from './patience.ts'
import { watchForQuiet } from './quiet.ts'
import { areReadmissions, leaveCounted, splitAtReadmissions } from './set-aside.ts'
import { createRangeFollower, rangeOf } from './ranges.ts'
import { packState } from './recovery.ts'
import { findWholeFrom } from './whole-span.ts'

export interface ReadLoopParts extends LoopParts {
  /** Told when there is nothing more to read before a sequence and the epochs up to that one hold all there was. */
  readonly notePassed: (sequence: number, epoch: number) => void
  /** Resolves once that epoch is committed. */
  readonly untilCommitted: (epoch: number) => Promise<void>
}

export interface ReadLoop {
  run(): Promise<void>
  /** Counts records after all that were late or invalid, in an epoch of its own. Resolves with its number once that is handed over. */
  readmit(readmissions: readonly Readmission[]): Promise<number>
  readonly oldestPendingMs: number | null
}

const readBytes = 16_777_216
const snapshotRecords = 1_000_000
/** How long a poll of an idle log waits: the upper bound on noticing that windows are due. */
const pollMs = 250
/** Writing snapshots may take one part in this many of the time. */
const snapshotShare = 50

/** Reads, decodes and applies; hands prepared epochs to the commit loop. */
export function createReadLoop(parts: ReadLoopParts): ReadLoop {
  const { clock, options, recovered, reading, queue, setState, stopping, log } = parts
  const { engine, metrics, reader, wholeSpan } = recovered
  const quiet = watchForQuiet(clock, options.epochRecords)
  const followRanges = createRangeFollower(recovered.progress?.offsets ?? [], reader)
  let epoch = recovered.progress?.epoch ?? 0
  let untilSequence = recovered.progress?.untilSequence ?? 0
  let oldestPendingMs: number | null = null
  let snapshotAtMs = clock.monotonicMs()
  let recordsSinceSnapshot = 0
  let snapshotTookMs = 0
  let isWaiting = false

  const takeStateIfDue = (): Uint8Array | null => {
    const sinceMs = clock.monotonicMs() - snapshotAtMs
    const due = sinceMs >= options.snapshotMs || recordsSinceSnapshot >= snapshotRecords
    if (!due || sinceMs < snapshotTookMs * snapshotShare) return null
    snapshotAtMs = clock.monotonicMs()
    recordsSinceSnapshot = 0
    const state = packState(engine, metrics, wholeSpan)
    snapshotTookMs = clock.monotonicMs() - snapshotAtMs
    return state
  }

  /** With the first commit of all: where reading began in partitions that have given nothing yet. */
  const listFirstOffsets = (ranges: readonly PartitionRange[]): readonly PartitionOffset[] =>
    epoch > 0
      ? []
      : reader.startedAt.filter(
          ({ topic, partition }) => !ranges.some((range) => range.topic === topic && range.partition === partition),
        )

  /** What has to be asked for to read records may be out of reach: they wait, and all behind them. */
  const readPatiently = async <Result>(read: () => Promise<Result>): Promise<Result> => {
    let wasHeld = false
    const onWaiting = ({ hint, message }: Fault): void => {
      wasHeld = true
      setState('paused', hint ? `${message}; ${hint}` : message)
    }
    const result = await doPatiently(read, { clock, signal: stopping, onWaiting })
    if (wasHeld) {
      quiet.restart()
      setState('running', null)
    }
    return result
  }

  /** Whether a record may count after all is in the ledgers, once all that was read before it is. */
  const readStretch = async (records: readonly LogRecord[], readAtMs: number): Promise<readonly ReadRecord[]> => {
    const read = await reading.decode(records, readAtMs)
    if (!areReadmissions(records)) return read
    await parts.untilCommitted(epoch)
    return await leaveCounted(read, parts.warehouse)
  }

  const applyRecords = async (records: readonly LogRecord[]): Promise<void> => {
    const readAtMs = clock.nowMs()
    oldestPendingMs = records[0]?.appendedAtMs ?? null
    wholeSpan.fromMs ??= await findWholeFrom(log, reader.startedAt, readAtMs)
    const read = await readPatiently(() => readStretch(records, readAtMs))
    const outcome = engine.apply(read, readAtMs)
    metrics.observeApplied(read, outcome)
    recordsSinceSnapshot += records.length
    const ranges = followRanges(records)
    const firstOffsets = listFirstOffsets(ranges)
    epoch += 1
    const last = records[records.length - 1]
    const fromSequence = records[0]?.sequence ?? 0
    untilSequence = (last?.sequence ?? fromSequence - 1) + 1
    await queue.put({
      epoch: {
        epoch,
        kind: 'records',
        ranges,
        fromSequence,
        untilSequence,
        records: records.length,
        watermarkMs: outcome.watermarkMs,
        readAtMs,
      },
      records: read,
      outcome,
      offsets: [...firstOffsets, ...ranges.map(({ topic, partition, until }) => ({ topic, partition, offset: until }))],
      oldestAppendedAtMs: oldestPendingMs,
      aggregatedAtMs: clock.nowMs(),
      state: takeStateIfDue(),
    })
    oldestPendingMs = null
  }

  /** Closes windows that are due by the wall clock once the sales topic has been quiet for long enough. */
  const closeIdleWindows = async (): Promise<void> => {
    if (options.idleMs === 0 || quiet.quietMs < options.idleMs) return
    const readAtMs = clock.nowMs()
    const dueMs = Math.floor((readAtMs - options.latenessMs) / options.windowSizeMs) * options.windowSizeMs
    const earliestMs = engine.earliestOpenStartMs
    if (earliestMs === null || earliestMs + options.windowSizeMs > dueMs) return
    const outcome = engine.closeIdle(dueMs)
    epoch += 1
    await queue.put({
      epoch: {
        epoch,
        kind: 'idle',
        ranges: [],
        fromSequence: untilSequence,
        untilSequence,
        records: 0,
        watermarkMs: outcome.watermarkMs,
        readAtMs,
      },
      records: [],
      outcome,
      offsets: [],
      oldestAppendedAtMs: null,
      aggregatedAtMs: readAtMs,
      state: null,
    })
  }

  const applyReadmissions = async (readmissions: readonly Readmission[]): Promise<number> => {
    const readAtMs = clock.nowMs()
    const read = await reading.readAgain(readmissions, readAtMs)
    if (read.length === 0) return epoch
    const outcome = engine.apply(read, readAtMs)
    metrics.observeApplied(read, outcome)
    epoch += 1
    await queue.put({
      epoch: {
        epoch,
        kind: 'readmission',
        ranges: read.map(({ record }) => rangeOf(record)),
        fromSequence: untilSequence,
        untilSequence,
        records: read.length,
        watermarkMs: outcome.watermarkMs,
        readAtMs,
      },
      records: read,
      outcome,
      offsets: [],
      oldestAppendedAtMs: null,
      aggregatedAtMs: clock.nowMs(),
      state: null,
    })
    return epoch
  }

  const asked = createAskedReadmissions(applyReadmissions)

  /** A partition that gives nothing though it holds more stops everything: what is behind it must not pass it. */
  const noteWaiting = (): void => {
    const [first] = reader.waitingFor ?? []
    if (first) setState('paused', `waiting for ${first.topic}/${first.partition}: ${first.reason}`)
    else if (isWaiting) setState('running', null)
    isWaiting = first !== undefined
  }

  /** With a full epoch waiting there is no pause between two. */
  const isBehind = (): boolean => log.describe().endSequence - reader.nextSequence >= options.epochRecords

  const turn = async (): Promise<void> => {
    const startedMs = clock.monotonicMs()
    await asked.answer()
    const records = await readPatiently(() => reader.read(options.epochRecords, readBytes))
    noteWaiting()
    quiet.notePoll(records, isWaiting)
    if (records.length === 0) {
      if (!isWaiting) parts.notePassed(reader.nextSequence, epoch)
      await closeIdleWindows()
      await reader.waitForMore(pollMs, stopping)
      return
    }
    for (const stretch of splitAtReadmissions(records)) await applyRecords(stretch)
    if (!isBehind()) await clock.sleep(options.epochMs - (clock.monotonicMs() - startedMs), stopping)
  }

  return {
    async run() {
      try {
        while (!stopping.aborted) await turn()
      } catch (error) {
        // Ended while records waited to be read: none of them is part of an epoch yet.
        if (!stopping.aborted || !(error instanceof Fault) || error.code !== 'closing') throw error
      } finally {
        asked.end()
      }
    },
    readmit: (readmissions) => asked.ask(readmissions),
    get oldestPendingMs() {
      return oldestPendingMs
    },
  }
}
