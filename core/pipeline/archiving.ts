import { rename, rm } from 'node:fs/promises'
import type { Archive, ArchivableLog, ArchiveReport, RestoreReport, WatchedWork } from '../archive/archive.ts'
import { createDiskStore } from '../archive/disk/disk-store.ts'
import { openArchive } from '../archive/open-archive.ts'
import { createS3Store } from '../archive/s3/s3-store.ts'
import { Fault } from '../base/fault.ts'
import type { EventLog, LogPosition } from '../log/log.ts'
import { readArchiveTarget } from '../settings/archive-connection.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { BuildInputs } from './build.ts'
import { openLocalLog } from './places.ts'
import { findLedgerStart, listRetraced } from './retracing.ts'
import type { Station } from './station.ts'

/** Opens the archive of these settings, or gives null where they name none. Nothing is read or written yet. */
export function openArchiveOf({ clock, paths, settings }: BuildInputs): Archive | null {
  const target = readArchiveTarget(settings, paths)
  if (target.kind === 'none') return null
  const store =
    target.kind === 'disk' ? createDiskStore({ directory: target.directory, clock }) : createS3Store(target.connection)
  return openArchive(store)
}

/** What an archiving run may be told besides. */
export interface ArchivingRequest extends WatchedWork {
  /** Whether the hour that is not over is archived too. */
  readonly includesOpenHour: boolean
}

/** Archives what of the station's log is not archived yet: on a cluster, what the ledger says was committed. */
export async function archiveStation(
  station: Pick<Station, 'log' | 'warehouse'>,
  archive: Archive,
  { clock }: Pick<BuildInputs, 'clock'>,
  request: ArchivingRequest,
): Promise<ArchiveReport> {
  const { log } = station
  // What the archive has, the log must have after a power cut.
  if (log.order === 'log') await log.sync()
  const source = log.order === 'log' ? log : await describeCommitted(log, await station.warehouse())
  return await archive.archive(source, { ...request, nowMs: clock.nowMs() })
}

const noReader = { read: async () => [], close: async () => undefined }

/** The part of a cluster's log that the ledger knows: only of that is the order known. */
async function describeCommitted(log: EventLog, warehouse: Warehouse): Promise<ArchivableLog> {
  const progress = await warehouse.loadProgress()
  const epochs = await listRetraced(log, warehouse, 1)
  const [first] = epochs
  if (!progress || !first)
    return { ...log, order: 'ledger', describe: () => ({ partitions: [] }), openReader: () => noReader }
  const starts = findLedgerStart(epochs, first.epoch, progress)
  const keyOf = ({ partition, topic }: Omit<LogPosition, 'offset'>): string => `${topic}/${partition}`
  const offsets = new Map(progress.offsets.map((position) => [keyOf(position), position.offset]))
  return {
    order: 'ledger',
    readAt: (ref) => log.readAt(ref),
    describe: () => ({
      partitions: starts.map(({ topic, partition, offset }) => ({
        topic,
        partition,
        startOffset: offset,
        endOffset: offsets.get(`${topic}/${partition}`) ?? offset,
      })),
    }),
    openReader(from) {
      const wanted = new Map(from.map((position) => [keyOf(position), position.offset]))
      // The archive passes over what an epoch holds that it has already.
      const begin = epochs.findIndex(
        ({ kind, ranges }) =>
          kind === 'records' && ranges.some((range) => range.until > (wanted.get(keyOf(range)) ?? Number.MAX_VALUE)),
      )
      const rest = begin < 0 ? [] : epochs.slice(begin)
      if (rest[0] === undefined) return noReader
      return log.openReader(findLedgerStart(rest, rest[0].epoch, progress), rest)
    },
  }
}

/**
 * Puts the archived log into the place of an empty one, in one step: until everything is restored the empty one stays.
 *
 * @param station of a directory this process owns; it is stopped
 * @throws Fault `refused` when the log is not empty, or the profile's log is a cluster's
 */
export async function restoreStation(
  station: Pick<Station, 'log' | 'stop'>,
  archive: Archive,
  inputs: BuildInputs,
  request: WatchedWork & { readonly renumbers: boolean },
): Promise<RestoreReport> {
  if (inputs.settings.profile.eventsFrom !== 'local-log') {
    throw new Fault('refused', 'the log of this profile is a cluster: an archive is restored into a local log only', {
      domain: 'user',
      hint: 'restore it with --profile local',
    })
  }
  if (station.log.describe().endSequence > 0) {
    throw new Fault('refused', `the log in ${inputs.paths.log} is not empty`, {
      domain: 'user',
      hint: 'choose another data directory with --data-dir, or empty this one with storepulse reset --yes',
    })
  }
  await station.stop(0)
  const next = `${inputs.paths.log}.restoring`
  await rm(next, { recursive: true, force: true })
  const report = await restoreInto(next, archive, inputs, request)
  await rm(inputs.paths.log, { recursive: true, force: true })
  await rename(next, inputs.paths.log)
  return report
}

async function restoreInto(
  directory: string,
  archive: Archive,
  inputs: BuildInputs,
  request: WatchedWork & { readonly renumbers: boolean },
): Promise<RestoreReport> {
  try {
    const log = await openLocalLog({ ...inputs, paths: { ...inputs.paths, log: directory } })
    try {
      return await archive.restore(log, request)
    } finally {
      await log.close()
    }
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}
