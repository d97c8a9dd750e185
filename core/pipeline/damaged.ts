import { existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import { describeError, Fault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { WindowRow } from '../events/epoch.ts'
import { salesTopic } from '../events/topics.ts'
import type { EventLog } from '../log/log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { createEngine, type EngineOptions } from '../stream/engine.ts'
import { emptyCounters } from '../stream/counters.ts'
import { moveBack, moveDamagedWarehouseAside } from '../warehouse/duckdb/damaged.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { customersSketch } from './build.ts'
import { carryOver } from './carry-over.ts'
import { isAheadOfLog, packState } from './recovery.ts'
import { findWholeFrom } from './whole-span.ts'

export interface ReplaceInputs {
  readonly file: string
  readonly log: EventLog
  readonly open: (file: string) => Promise<Warehouse>
  readonly claim: (warehouse: Warehouse) => Promise<string>
  readonly engineOptions: EngineOptions
  readonly clock: Clock
  readonly logger: Logger
}

/** What replacing a warehouse saved and lost. */
export interface Replaced {
  /** Null when nothing was there any more. */
  readonly movedTo: string | null
  /** Windows older than the log reaches, copied from the damaged file. */
  readonly copied: number
  /** Windows that start before this instant could not be rebuilt or copied; null when nothing is missing. */
  readonly lostBeforeMs: number | null
}

/**
 * Moves a damaged warehouse aside. Where the log reaches back to its first sale a new warehouse simply catches up;
 * otherwise only whole windows are rebuilt, and those before are copied from the damaged file if it can be read. So is
 * what no log has: alerts, trends and the audit trail.
 *
 * @throws Fault that may pass by itself, everything being as it was
 */
export async function replaceDamagedWarehouse(inputs: ReplaceInputs, fault: Fault): Promise<Replaced> {
  const { clock, log, logger } = inputs
  const { windowSizeMs } = inputs.engineOptions
  // What a log has lost at its end, the table alone has counted.
  const wholeFromMs = isAheadOfLog(fault)
    ? Math.ceil(clock.nowMs() / windowSizeMs) * windowSizeMs
    : await findFirstWholeWindow(log, windowSizeMs, clock.nowMs())
  const moved = await moveDamagedWarehouseAside(inputs.file, clock.nowMs())
  const movedTo = existsSync(moved.file) ? moved.file : null
  logger.error('the warehouse is damaged: moved aside, rebuilt from the log', {
    reason: fault.message,
    movedTo,
  })
  try {
    const copied = await makeAnew({ ...inputs, wholeFromMs }, moved.file)
    return { movedTo, copied: copied ?? 0, lostBeforeMs: copied === null ? wholeFromMs : null }
  } catch (error) {
    await moveBack(moved, inputs.file)
    throw error
  }
}

/** Returns how many windows were copied; null when they are lost. */
async function makeAnew(inputs: ReplaceInputs & SeedInputs, damagedFile: string): Promise<number | null> {
  const { logger, wholeFromMs } = inputs
  const damaged = await orNull(openDamaged(inputs.open, damagedFile), (reason) =>
    logger.error('the damaged warehouse cannot be read', { reason }),
  )
  try {
    const rows = damaged && wholeFromMs > 0 ? await orNull(damaged.listWindows(0, wholeFromMs)) : null
    const isLost = wholeFromMs > 0 && rows === null
    if (isLost) logger.error('windows older than the log are lost', { before: new Date(wholeFromMs).toISOString() })
    const warehouse = await inputs.open(inputs.file)
    try {
      if (damaged) {
        await orNull(carryOver(damaged, warehouse), (reason) =>
          logger.error('alerts and audit trail of the damaged warehouse are lost', { reason }),
        )
      }
      if (wholeFromMs > 0) await seedWarehouse(inputs, warehouse, rows ?? [])
    } finally {
      await warehouse.close()
    }
    return isLost ? null : (rows?.length ?? 0)
  } finally {
    await damaged?.close()
  }
}

async function openDamaged(open: ReplaceInputs['open'], file: string): Promise<Warehouse> {
  // Opening would make an empty one.
  await access(file)
  const damaged = await open(file)
  try {
    if ((await damaged.loadProgress()) === null) throw new Fault('not-found', 'nothing was ever written to it')
    return damaged
  } catch (error) {
    await damaged.close()
    throw error
  }
}

/** Null where something is broken for good; what may pass by itself is thrown. */
async function orNull<Result>(
  work: Promise<Result>,
  onBroken: (reason: string) => void = () => undefined,
): Promise<Result | null> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Fault && error.retry) throw error
    onBroken(describeError(error))
    return null
  }
}

/**
 * The start of the first window of which the log holds every sale; 0 when it holds all sales there ever were. Retention
 * drops whole files, so that each partition begins somewhere else.
 *
 * @param nowMs stands in where a partition has nothing left
 */
export async function findFirstWholeWindow(log: EventLog, windowSizeMs: number, nowMs: number): Promise<number> {
  const starts = log
    .describe()
    .partitions.filter(({ topic }) => topic === salesTopic)
    .map(({ topic, partition, startOffset }) => ({ topic, partition, offset: startOffset }))
  return Math.ceil((await findWholeFrom(log, starts, nowMs)) / windowSizeMs) * windowSizeMs
}

/** What seeding a new warehouse needs. */
export interface SeedInputs {
  readonly log: EventLog
  readonly engineOptions: EngineOptions
  readonly clock: Clock
  readonly claim: (warehouse: Warehouse) => Promise<string>
  /** Windows that start before this instant are not written by what is read afterwards. */
  readonly wholeFromMs: number
}

/** Writes copied rows as a first epoch and an empty state behind it, so that reading starts where the log does. */
export async function seedWarehouse(
  inputs: SeedInputs,
  warehouse: Warehouse,
  rows: readonly WindowRow[],
): Promise<void> {
  const { engineOptions, log, clock, wholeFromMs } = inputs
  const token = await inputs.claim(warehouse)
  const { startSequence, partitions } = log.describe()
  const offsets = partitions.map(({ topic, partition, startOffset }) => ({ topic, partition, offset: startOffset }))
  const nowMs = clock.nowMs()
  await warehouse.commit({
    token,
    epoch: {
      epoch: 1,
      kind: 'idle',
      ranges: [],
      fromSequence: startSequence,
      untilSequence: startSequence,
      records: 0,
      watermarkMs: null,
      readAtMs: nowMs,
    },
    offsets,
    counters: emptyCounters(),
    rows,
    amendments: [],
    late: [],
    quarantined: [],
    readmitted: [],
    conflicts: [],
    windowSizeMs: engineOptions.windowSizeMs,
    finalRowsOnly: false,
    committedAtMs: nowMs,
  })
  const state = packState(createEngine(engineOptions, null), createMetrics(customersSketch, null), {
    fromMs: wholeFromMs,
  })
  await warehouse.saveSnapshot({ epoch: 1, offsets, untilSequence: startSequence, state })
}
