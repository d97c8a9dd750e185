import type { Fault } from '../base/fault.ts'
import { createProbe } from '../base/probe.ts'
import type { EventLog, LogFacts } from '../log/log.ts'
import { openSegmentLog } from '../log/segment/segment-log.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type BuildInputs, readEngineOptions } from './build.ts'
import { replaceDamagedWarehouse } from './damaged.ts'
import type { ReplicaWatch } from './cluster-places.ts'
import { showGroupOffsets } from './group-offsets.ts'
import { openLocalWarehouse } from './local-warehouse.ts'
import type { WholeSpan } from './whole-span.ts'

/** Where a profile's events come from and where its rows go. */
export interface Places {
  readonly log: EventLog
  /**
   * Opens the warehouse that the pipeline writes, its schema up to date.
   *
   * @param migrates whether a shared one may be given its schema for the first time
   */
  readonly openWarehouse: (migrates: boolean) => Promise<Warehouse>
  /** Opens the cluster's table that is only watched; null where there is none. */
  readonly openTable: () => Promise<Warehouse | null>
  /** Moves a damaged warehouse aside and puts a new one in its place; says what became of it. */
  replaceDamaged(fault: Fault, claim: (warehouse: Warehouse) => Promise<string>): Promise<string>
  /** Whether other machines reach the warehouse too. */
  readonly isShared: boolean
  /** Told to the warehouse, which replaces rows of others only by windows that were read whole. */
  readonly wholeSpan: WholeSpan
}

/** Opens the local log. */
export function openLocalLog({ clock, logger, paths, settings }: BuildInputs): Promise<EventLog> {
  const probe = createProbe<LogFacts>()
  probe.on('damaged', (damage) => logger.warn('the log is damaged', damage))
  return openSegmentLog({
    directory: paths.log,
    partitions: settings.number('log.partitions'),
    segmentBytes: settings.number('log.segmentBytes'),
    clock,
    probe,
  })
}

/** How rows that go to a file of this computer are kept. */
function describeOwn(inputs: BuildInputs, log: EventLog): Omit<Places, 'openTable'> {
  const { clock, logger, paths, settings } = inputs
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
      const old = movedTo === null ? '' : `; the old one is ${movedTo}`
      return `the warehouse is rebuilt from the log${old}${lost}: ${fault.message}`
    },
    isShared: false,
    wholeSpan: { fromMs: null },
  }
}

/**
 * Opens what the profile of these settings reads from; its warehouse is opened when it is needed.
 *
 * @param onReplica told why a replica of PostgreSQL is not asked, and null once it is again
 */
export async function openPlaces(inputs: BuildInputs, onReplica: ReplicaWatch = () => undefined): Promise<Places> {
  const { clock, logger, settings } = inputs
  const { eventsFrom, rowsTo } = settings.profile
  const openTable = async (): Promise<null> => null
  if (eventsFrom === 'local-log') return { ...describeOwn(inputs, await openLocalLog(inputs)), openTable }
  const cluster = await import('./cluster-places.ts')
  const log = await cluster.openClusterLog(inputs)
  const own = describeOwn(inputs, log)
  if (rowsTo === 'duckdb') return { ...own, openTable }
  if (rowsTo === 'postgres') {
    const groupId = settings.text('kafka.groupId')
    const openWarehouse = async (migrates: boolean): Promise<Warehouse> =>
      showGroupOffsets(await cluster.openSharedWarehouse(inputs, own.wholeSpan, { migrates }, onReplica), {
        commitOffsets: (positions) => log.commitOffsets(groupId, positions),
        clock,
        logger,
      })
    return { ...own, openWarehouse, openTable, isShared: true }
  }
  return {
    ...own,
    async openWarehouse() {
      await cluster.dropScratch(inputs.paths.warehouse)
      return await openLocalWarehouse(inputs)
    },
    openTable: () => cluster.openWatchedTable(inputs, onReplica),
  }
}
