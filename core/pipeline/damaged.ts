import type { Clock } from '../base/clock.ts'
import { describeError, type Fault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { WindowRow } from '../events/epoch.ts'
import type { EventLog } from '../log/log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { createEngine, type EngineOptions } from '../stream/engine.ts'
import { emptyCounters } from '../stream/counters.ts'
import { moveDamagedWarehouseAside } from '../warehouse/duckdb/damaged.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { customersSketch } from './build.ts'
import { packState } from './recovery.ts'

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
  readonly movedTo: string
  /** Windows older than the log reaches, copied from the damaged file. */
  readonly copied: number
  /** Windows that start before this instant could not be rebuilt or copied; null when nothing is missing. */
  readonly lostBeforeMs: number | null
}

/**
 * Moves a damaged warehouse aside. Where the log reaches back to its first record a new warehouse simply catches up;
 * otherwise the windows before its first whole one are copied from the damaged file as far as it can be read.
 */
export async function replaceDamagedWarehouse(inputs: ReplaceInputs, fault: Fault): Promise<Replaced> {
  const { clock, log, logger } = inputs
  const moved = await moveDamagedWarehouseAside(inputs.file, clock.nowMs())
  logger.error('the warehouse is damaged: moved aside, rebuilt from the log', {
    reason: fault.message,
    movedTo: moved.file,
  })
  if (log.describe().startSequence === 0) return { movedTo: moved.file, copied: 0, lostBeforeMs: null }
  const firstWholeMs = await findFirstWholeWindow(log, inputs.engineOptions.windowSizeMs)
  try {
    const rows = await readOlderWindows(inputs, moved.file, firstWholeMs)
    const warehouse = await inputs.open(inputs.file)
    try {
      await seedWarehouse(inputs, warehouse, rows)
    } finally {
      await warehouse.close()
    }
    return { movedTo: moved.file, copied: rows.length, lostBeforeMs: null }
  } catch (error) {
    logger.error('windows older than the log are lost', {
      before: new Date(firstWholeMs).toISOString(),
      reason: describeError(error),
    })
    return { movedTo: moved.file, copied: 0, lostBeforeMs: firstWholeMs }
  }
}

/** The first window that begins after the oldest record held was appended. */
export async function findFirstWholeWindow(log: EventLog, windowSizeMs: number): Promise<number> {
  const reader = log.openReader([])
  try {
    const [first] = await reader.read(1, 65_536)
    return (Math.floor((first?.appendedAtMs ?? 0) / windowSizeMs) + 1) * windowSizeMs
  } finally {
    await reader.close()
  }
}

async function readOlderWindows(inputs: ReplaceInputs, file: string, beforeMs: number): Promise<readonly WindowRow[]> {
  const damaged = await inputs.open(file)
  try {
    const rows = await damaged.listWindows(0, beforeMs)
    return rows.filter((row) => row.final)
  } finally {
    await damaged.close()
  }
}

/** What seeding a new warehouse needs. */
export interface SeedInputs {
  readonly log: EventLog
  readonly engineOptions: EngineOptions
  readonly clock: Clock
  readonly claim: (warehouse: Warehouse) => Promise<string>
}

/** Writes copied rows as a first epoch and an empty state behind it, so that reading starts where the log does. */
export async function seedWarehouse(
  inputs: SeedInputs,
  warehouse: Warehouse,
  rows: readonly WindowRow[],
): Promise<void> {
  const { engineOptions, log, clock } = inputs
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
  const state = packState(createEngine(engineOptions, null), createMetrics(customersSketch, null), { fromMs: 0 })
  await warehouse.saveSnapshot({ epoch: 1, offsets, untilSequence: startSequence, state })
}
