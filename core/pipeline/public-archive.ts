/** What the host may use of the archive. */
export type { Archive, ArchiveReport, RestoreReport, WatchedWork } from '../archive/archive.ts'
export { openArchivedLog } from './archived-log.ts'
export { archiveStation, type ArchivingRequest, openArchiveOf, restoreStation } from './archiving.ts'
export type { ReplayReport } from './replay.ts'
export { replayStation } from './replaying.ts'
