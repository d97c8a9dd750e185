import type { DistinctKind } from '../base/distinct.ts'
import { describeError, Fault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import { salesTopic } from '../events/topics.ts'
import type { EventLog, LogPosition, LogReader } from '../log/log.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import { createEngine, type Engine, type EngineOptions } from '../stream/engine.ts'
import type { Progress, Snapshot, Warehouse } from '../warehouse/warehouse.ts'
import type { ReadingStage } from './reading.ts'
import { findLedgerStart, listRetraced, readStep, retrace } from './retracing.ts'
import { findWholeFrom, type WholeSpan } from './whole-span.ts'

/** State as of the last commit, and a reader that stands behind it. */
export interface Recovered {
  readonly engine: Engine
  readonly metrics: Metrics
  readonly reader: LogReader
  readonly progress: Progress | null
  /** Records read again to get there. */
  readonly reread: number
  /** Which windows are read whole; found out with the first record of all. */
  readonly wholeSpan: WholeSpan
}

export interface RecoveryInputs {
  readonly log: EventLog
  readonly warehouse: Warehouse
  readonly reading: ReadingStage
  readonly engineOptions: EngineOptions
  readonly spanSketch: DistinctKind
  readonly logger: Logger
  /** Set to what is found out; whoever else must know has the same one. */
  readonly wholeSpan?: WholeSpan
  /** Whether rows will be written from here on. */
  readonly isStarting?: boolean
}

/**
 * The engine's state, the metrics' and from when on windows are whole, in one snapshot: length of the text as uint32 LE,
 * the text, the engine. The text is JSON: `{"wholeFromMs":…,"metrics":"…"}`, or the metrics alone in older ones.
 */
export function packState(engine: Engine, metrics: Metrics, { fromMs }: WholeSpan): Uint8Array {
  const measured = Buffer.from(JSON.stringify({ wholeFromMs: fromMs, metrics: metrics.save() }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(measured.length)
  return engine.saveState(length, measured)
}

interface Unpacked {
  readonly metrics: string
  readonly wholeFromMs: number | null
  readonly engine: Uint8Array
}

function unpackState(state: Uint8Array): Unpacked {
  const buffer = Buffer.from(state.buffer, state.byteOffset, state.byteLength)
  const length = buffer.readUInt32LE(0)
  const text = buffer.toString('utf8', 4, 4 + length)
  const engine = buffer.subarray(4 + length)
  const value: unknown = JSON.parse(text)
  const isWrapped = typeof value === 'object' && value !== null && 'wholeFromMs' in value && 'metrics' in value
  if (!isWrapped || typeof value.metrics !== 'string') return { metrics: text, wholeFromMs: 0, engine }
  return { metrics: value.metrics, wholeFromMs: typeof value.wholeFromMs === 'number' ? value.wholeFromMs : 0, engine }
}

/** Whether the log still holds everything from these offsets on. */
function isHeld(log: EventLog, offsets: readonly LogPosition[]): boolean {
  const at = new Map(offsets.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]))
  return log
    .describe()
    .partitions.every(({ topic, partition, startOffset }) => (at.get(`${topic}/${partition}`) ?? 0) >= startOffset)
}

function refuseAheadOfLog(log: EventLog, progress: Progress): void {
  // A log of someone else's may be made anew under its name: its reader tells.
  if (log.order === 'ledger') return
  for (const { topic, partition, endOffset } of log.describe().partitions) {
    const committed = progress.offsets.find((other) => other.topic === topic && other.partition === partition)
    if (committed && committed.offset > endOffset) {
      throw new Fault(
        'warehouse-damaged',
        `the warehouse has counted ${topic}/${partition} up to offset ${committed.offset}, the log ends at ${endOffset}`,
        { hint: 'the log is the source of truth: the warehouse is rebuilt from it', detail: { isAheadOfLog: true } },
      )
    }
  }
}

/** Whether a warehouse counts as damaged for having counted what the log no longer has. */
export const isAheadOfLog = ({ detail }: Fault): boolean => detail['isAheadOfLog'] === true

/** A warehouse that is gone, beside a log whose beginning is: what is rebuilt must not pass for all there was. */
function refuseLostBeginning(log: EventLog): void {
  if (log.order === 'ledger') return
  const cut = log.describe().partitions.find(({ topic, startOffset }) => topic === salesTopic && startOffset > 0)
  if (cut === undefined) return
  throw new Fault(
    'warehouse-damaged',
    `the warehouse holds nothing, and the log holds ${cut.topic}/${cut.partition} from offset ${cut.startOffset} only`,
    { hint: 'the windows that the log holds whole are rebuilt' },
  )
}

/** Without a snapshot everything is gone over from the first record on. */
function refuseGap(log: EventLog, progress: Progress): void {
  if (log.order === 'ledger') return
  for (const { topic, partition, startOffset } of log.describe().partitions) {
    if (startOffset === 0) continue
    const committed =
      progress.offsets.find((other) => other.topic === topic && other.partition === partition)?.offset ?? 0
    throw new Fault(
      'log-gap',
      `recovery needs ${topic}/${partition} from offset 0, the log holds it from ${startOffset} (committed: ${committed})`,
      { hint: 'run `storepulse replay --apply` to rebuild the windows inside what the log holds' },
    )
  }
}

/**
 * Loads the newest usable snapshot and goes over the log from its offsets to the committed ones, outputs discarded.
 *
 * @throws Fault `warehouse-damaged` when the warehouse is ahead of the log; `log-gap` when the log no longer holds what
 * lies between; `setting` when the windows were made with another size
 */
export async function recover(inputs: RecoveryInputs): Promise<Recovered> {
  const { log, warehouse, engineOptions, spanSketch, logger, wholeSpan = { fromMs: null } } = inputs
  const progress = await warehouse.loadProgress()
  if (!progress) {
    if (inputs.isStarting === true) refuseLostBeginning(log)
    const engine = createEngine(engineOptions, null)
    wholeSpan.fromMs = log.order === 'log' ? 0 : null
    return {
      engine,
      metrics: createMetrics(spanSketch, null),
      reader: log.openReader([]),
      progress,
      reread: 0,
      wholeSpan,
    }
  }
  if (progress.windowSizeMs !== engineOptions.windowSizeMs) {
    throw new Fault(
      'setting',
      `/window/sizeMs must stay ${progress.windowSizeMs}: the warehouse has rows of that size`,
      {
        domain: 'user',
        hint: 'use another data directory, or `storepulse reset --yes`',
      },
    )
  }
  refuseAheadOfLog(log, progress)
  const start = await openSnapshot(inputs, progress)
  if (!start) refuseGap(log, progress)
  const engine = start?.engine ?? createEngine(engineOptions, null)
  const metrics = start?.metrics ?? createMetrics(spanSketch, null)
  wholeSpan.fromMs = start?.wholeFromMs ?? 0
  const reread = await reapply(inputs, { engine, metrics, progress, wholeSpan, snapshot: start?.snapshot ?? null })
  engine.adoptCounters(progress.counters)
  logger.info('recovered', { epoch: progress.epoch, reread, snapshot: start?.snapshot.epoch ?? null })
  return { engine, metrics, reader: log.openReader(progress.offsets), progress, reread, wholeSpan }
}

async function openSnapshot(
  inputs: RecoveryInputs,
  progress: Progress,
): Promise<{ snapshot: Snapshot; engine: Engine; metrics: Metrics; wholeFromMs: number | null } | null> {
  for (const snapshot of await inputs.warehouse.loadSnapshots()) {
    if (snapshot.epoch > progress.epoch || !isHeld(inputs.log, snapshot.offsets)) continue
    try {
      const state = unpackState(snapshot.state)
      const engine = createEngine(inputs.engineOptions, state.engine)
      const metrics = createMetrics(inputs.spanSketch, state.metrics)
      return { snapshot, engine, metrics, wholeFromMs: state.wholeFromMs }
    } catch (error) {
      inputs.logger.warn('a snapshot cannot be used', { epoch: snapshot.epoch, reason: describeError(error) })
    }
  }
  return null
}

interface Reapplied {
  readonly engine: Engine
  readonly metrics: Metrics
  readonly progress: Progress
  readonly snapshot: Snapshot | null
  readonly wholeSpan: WholeSpan
}

async function reapply(
  inputs: RecoveryInputs,
  { engine, metrics, progress, snapshot, wholeSpan }: Reapplied,
): Promise<number> {
  const { log, warehouse } = inputs
  const fromEpoch = (snapshot?.epoch ?? 0) + 1
  // Whoever takes over meanwhile may have committed more by now.
  const listed = await listRetraced(log, warehouse, fromEpoch)
  const epochs = listed.filter(({ epoch }) => epoch <= progress.epoch)
  const from = log.order === 'ledger' ? findLedgerStart(epochs, fromEpoch, progress) : []
  if (log.order === 'ledger' && !snapshot) wholeSpan.fromMs = await findWholeFrom(log, from, 0)
  const reader = log.openReader(snapshot?.offsets ?? from, epochs)
  let reread = 0
  try {
    for await (const step of retrace(log, reader, epochs, progress.untilSequence, 20_000)) {
      if (step.kind === 'idle') {
        engine.closeIdle(step.watermarkMs)
        continue
      }
      const records = await readStep(step, inputs.reading, warehouse)
      const outcome = engine.apply(records, step.readAtMs)
      reread += records.length
      metrics.observeApplied(records, outcome)
    }
  } finally {
    await reader.close()
  }
  return reread
}
