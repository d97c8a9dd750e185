import type { Fault } from '../base/fault.ts'
import { createProbe } from '../base/probe.ts'
import { windowSketch } from '../base/window-sketch.ts'
import type { EventLog, LogFacts } from '../log/log.ts'
import { openSegmentLog } from '../log/segment/segment-log.ts'
import { openDuckdbWarehouse } from '../warehouse/duckdb/duckdb-warehouse.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type BuildInputs, readEngineOptions } from './build.ts'
import { replaceDamagedWarehouse } from './damaged.ts'

/** Where a profile's events come from and where its rows go. */
export interface Places {
  readonly log: EventLog
  /** Opens the warehouse that the pipeline writes, its schema up to date. */
  readonly openWarehouse: () => Promise<Warehouse>
  /** Moves a damaged warehouse aside and puts a new one in its place; says what became of it. */
  replaceDamaged(fault: Fault, claim: (warehouse: Warehouse) => Promise<string>): Promise<string>
  /** Whether other machines reach the warehouse too. */
  readonly isShared: boolean
}

/** Opens the local log. */
export function openLocalLog({ logger, paths, settings }: BuildInputs): Promise<EventLog> {
  const probe = createProbe<LogFacts>()
  probe.on('damaged', (damage) => logger.warn('the log is damaged', damage))
  return openSegmentLog({
    directory: paths.log,
    partitions: settings.number('log.partitions'),
    segmentBytes: settings.number('log.segmentBytes'),
    probe,
  })
}

/** Opens the embedded warehouse and brings its schema up to date. */
export async function openLocalWarehouse({ paths, settings }: BuildInputs, file = paths.warehouse): Promise<Warehouse> {
  const warehouse = await openDuckdbWarehouse({
    file,
    sketch: windowSketch,
    memoryLimitMb: settings.number('warehouse.memoryMb'),
  })
  await warehouse.migrate()
  return warehouse
}

async function openLocal(inputs: BuildInputs): Promise<Places> {
  const { clock, logger, paths, settings } = inputs
  const log = await openLocalLog(inputs)
  return {
    log,
    openWarehouse: () => openLocalWarehouse(inputs),
    async replaceDamaged(fault, claim) {
      const open = (file: string): Promise<Warehouse> => openLocalWarehouse(inputs, file)
      const engineOptions = readEngineOptions(settings)
      const replaced = await replaceDamagedWarehouse(
        { file: paths.warehouse, log, open, claim, engineOptions, clock, logger },
        fault,
      )
      const { lostBeforeMs, movedTo } = replaced
      const lost = lostBeforeMs === null ? '' : `; windows before ${new Date(lostBeforeMs).toISOString()} are lost`
      return `the warehouse was damaged and is rebuilt from the log; the old one is ${movedTo}${lost}`
    },
    isShared: false,
  }
}

/** Opens what the profile of these settings reads from; its warehouse is opened when it is needed. */
export async function openPlaces(inputs: BuildInputs): Promise<Places> {
  return await openLocal(inputs)
}
