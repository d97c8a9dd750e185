import { Fault } from '../base/fault.ts'
import {
  type Archive,
  type ArchiveReport,
  archiveStation,
  type ArchivingRequest,
  openArchivedLog,
  openArchiveOf,
  type ReplayReport,
  replayStation,
  type RestoreReport,
  restoreStation,
  type WatchedWork,
} from '../pipeline/public-archive.ts'
import { appendToTrail } from '../pipeline/public.ts'
import { describeUser } from './caller.ts'
import { type OpenInputs, openOwned } from './open.ts'

/** Opens the archive the settings name for as long as `work` takes. @throws Fault `setting` where they name none */
export async function withArchive<Result>(
  inputs: OpenInputs,
  work: (archive: Archive) => Promise<Result>,
): Promise<Result> {
  const archive = openArchiveOf(inputs)
  if (archive === null) {
    throw new Fault('setting', '/archive/target is none: these settings name no archive', {
      domain: 'user',
      hint: 'set archive.target to disk, or to s3 with s3.endpoint, s3.bucket, s3.accessKey and s3.secretKey',
    })
  }
  try {
    return await work(archive)
  } finally {
    await archive.close()
  }
}

/** Archives what the log holds and the archive does not. @throws Fault `owned` when another process has the directory */
export const runArchive = (inputs: OpenInputs, request: ArchivingRequest): Promise<ArchiveReport> =>
  withArchive(inputs, async (archive) => {
    if (inputs.settings.profile.rowsTo === 'memory') {
      throw new Fault('refused', 'this profile only watches: it archives nothing', {
        domain: 'user',
        hint: 'use the profile that processes',
      })
    }
    const owned = await openOwned(inputs)
    try {
      return await archiveStation(owned.station, archive, inputs, request)
    } finally {
      await owned.close(0)
    }
  })

/** Puts the archived log into the place of an empty one. @throws Fault `owned`, or as the archive says */
export const restoreArchive = (
  inputs: OpenInputs,
  request: WatchedWork & { readonly renumbers: boolean },
): Promise<RestoreReport> =>
  withArchive(inputs, async (archive) => {
    const owned = await openOwned(inputs)
    try {
      const report = await restoreStation(owned.station, archive, inputs, request)
      const subject = `${report.records} ${report.records === 1 ? 'record' : 'records'}`
      const detail = `into ${inputs.paths.log}`
      const done = {
        atMs: inputs.clock.nowMs(),
        who: describeUser(),
        action: 'restored from the archive',
        subject,
        detail,
      }
      await appendToTrail(inputs, [done])
      return report
    } finally {
      await owned.close(0)
    }
  })

export interface ArchiveReplayRequest {
  readonly onProgress: (share: number) => void
  readonly signal: AbortSignal
}

/**
 * Recomputes the table from the archive and compares it with the stored one.
 *
 * @throws Fault `refused` when the table counts records that are not archived yet
 */
export const replayArchive = (inputs: OpenInputs, request: ArchiveReplayRequest): Promise<ReplayReport> =>
  withArchive(inputs, async (archive) => {
    const owned = await openOwned(inputs)
    try {
      const log = await openArchivedLog(archive, owned.station.log.order)
      const counted = (await (await owned.station.warehouse()).loadProgress())?.untilSequence ?? 0
      const missing = counted - log.describe().endSequence
      if (missing > 0) {
        throw new Fault('refused', `${missing} records of the table are not archived yet`, {
          domain: 'user',
          hint: 'storepulse archive run --all archives everything up to now',
        })
      }
      const all = { fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, speed: 0, isApplied: false, who: describeUser() }
      return await replayStation({ ...owned.station, log }, inputs, { ...all, ...request })
    } finally {
      await owned.close(0)
    }
  })
