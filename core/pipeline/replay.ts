import type { Clock } from '../base/clock.ts'
import type { EpochKind, EpochOutcome, EpochRecord } from '../events/epoch.ts'
import type { LogRecord } from '../events/record.ts'
import type { EventLog, LogPosition } from '../log/log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { createEngine, type EngineOptions } from '../stream/engine.ts'
import type { PartitionOffset, StoredWindow, Warehouse } from '../warehouse/warehouse.ts'
import { customersSketch } from './build.ts'
import { describeRanges, rangeOf } from './ranges.ts'
import type { ReadingStage } from './reading.ts'
import { packState } from './recovery.ts'
import { readStep, retrace } from './retracing.ts'
import { keepWhole } from './whole-span.ts'

/** What comparing a recomputation with the stored table found. */
export interface ReplayReport {
  readonly windows: number
  readonly same: number
  readonly differs: number
  /** The first hundred differences, one sentence each. */
  readonly differences: readonly string[]
}

export interface ReplayInputs {
  readonly log: EventLog
  readonly reading: ReadingStage
  readonly engineOptions: EngineOptions
  readonly finalRowsOnly: boolean
  readonly clock: Clock
  /** Where the recomputed epochs go. */
  readonly scratch: Warehouse
  readonly token: string
  /** What the stored ledger tells about going over the log again. */
  readonly epochs: readonly EpochRecord[]
  /** First epoch number to write. */
  readonly firstEpoch: number
  /** Windows that start before this instant are not written: the log has lost some of their sales. */
  readonly wholeFromMs: number
  /** Where the log's reading starts; empty = the earliest retained. */
  readonly from: readonly LogPosition[]
  readonly untilSequence: number
  /** Times real time at which append times go by; 0 = as fast as possible. */
  readonly speed: number
  readonly onProgress: (share: number) => void
  readonly signal: AbortSignal
}

const chunkRecords = 20_000

/** Recomputes everything the log holds up to a sequence into a scratch warehouse, through the same engine. */
export async function recompute(inputs: ReplayInputs): Promise<void> {
  const { clock, engineOptions, log, reading, scratch, signal } = inputs
  const engine = createEngine(engineOptions, null)
  const metrics = createMetrics(customersSketch, null)
  const reader = log.openReader(inputs.from, inputs.epochs)
  const firstSequence = log.describe().startSequence
  const offsets = new Map<string, PartitionOffset>()
  const wholeSpan = { fromMs: inputs.wholeFromMs }
  let epoch = inputs.firstEpoch - 1
  let sequence = firstSequence

  const commit = async (kind: EpochKind, records: readonly LogRecord[], outcome: EpochOutcome): Promise<void> => {
    epoch += 1
    const isForward = kind === 'records'
    const ranges = isForward ? describeRanges(records) : records.map(rangeOf)
    const nowMs = clock.nowMs()
    const touched = isForward ? ranges.map(({ topic, partition, until }) => ({ topic, partition, offset: until })) : []
    for (const entry of touched) offsets.set(`${entry.topic}/${entry.partition}`, entry)
    const fromSequence = sequence
    if (isForward) sequence = (records[records.length - 1]?.sequence ?? sequence - 1) + 1
    const { watermarkMs, counters, rows, amendments, late, quarantined, readmitted, conflicts } = outcome
    await scratch.commit({
      token: inputs.token,
      epoch: {
        epoch,
        kind,
        ranges,
        fromSequence,
        untilSequence: sequence,
        records: records.length,
        watermarkMs,
        readAtMs: nowMs,
      },
      offsets: touched,
      counters,
      rows: keepWhole(rows, wholeSpan),
      amendments,
      late,
      quarantined,
      readmitted,
      conflicts,
      windowSizeMs: engineOptions.windowSizeMs,
      finalRowsOnly: inputs.finalRowsOnly,
      committedAtMs: nowMs,
    })
  }
  const startedMs = clock.monotonicMs()
  let firstAppendedMs: number | null = null
  const pace = async (records: readonly LogRecord[]): Promise<void> => {
    const appendedMs = records[records.length - 1]?.appendedAtMs ?? 0
    firstAppendedMs ??= records[0]?.appendedAtMs ?? appendedMs
    const dueMs = (appendedMs - firstAppendedMs) / inputs.speed
    await clock.sleep(dueMs - (clock.monotonicMs() - startedMs), signal)
  }

  try {
    const chunk = inputs.speed > 0 ? 500 : chunkRecords
    for await (const step of retrace(log, reader, inputs.epochs, inputs.untilSequence, chunk)) {
      if (signal.aborted) return
      if (step.kind === 'idle') {
        await commit('idle', [], engine.closeIdle(step.watermarkMs))
        continue
      }
      if (inputs.speed > 0 && step.kind === 'records') await pace(step.records)
      const records = await readStep(step, reading, scratch)
      const outcome = engine.apply(records, clock.nowMs())
      metrics.observeApplied(records, outcome)
      await commit(step.kind, step.kind === 'records' ? step.records : records.map(({ record }) => record), outcome)
      inputs.onProgress((sequence - firstSequence) / Math.max(1, inputs.untilSequence - firstSequence))
    }
    await scratch.saveSnapshot({
      epoch,
      offsets: [...offsets.values()],
      untilSequence: sequence,
      state: packState(engine, metrics, wholeSpan),
    })
  } finally {
    await reader.close()
  }
}

const keyOf = (window: StoredWindow): string => `${window.startMs}/${window.storeId}`

function findDifference(stored: StoredWindow, replayed: StoredWindow | undefined): string | null {
  const name = `store ${stored.storeId} at ${new Date(stored.startMs).toISOString()}`
  if (!replayed) return `${name}: not in the recomputation`
  const columns = ['transactions', 'cents', 'uniqueCustomers', 'final'] as const
  for (const column of columns) {
    if (stored[column] !== replayed[column]) {
      return `${name}: ${column} is ${String(stored[column])}, recomputed ${String(replayed[column])}`
    }
  }
  return null
}

/** Compares two tables of windows, row by row; rows only one side has differ. */
export function compareWindows(stored: readonly StoredWindow[], replayed: readonly StoredWindow[]): ReplayReport {
  const byKey = new Map(replayed.map((window) => [keyOf(window), window]))
  const differences: string[] = []
  let same = 0
  for (const window of stored) {
    const difference = findDifference(window, byKey.get(keyOf(window)))
    byKey.delete(keyOf(window))
    if (difference === null) same += 1
    else differences.push(difference)
  }
  for (const window of byKey.values()) {
    differences.push(`store ${window.storeId} at ${new Date(window.startMs).toISOString()}: not in the table`)
  }
  return {
    windows: stored.length + byKey.size,
    same,
    differs: differences.length,
    differences: differences.slice(0, 100),
  }
}
