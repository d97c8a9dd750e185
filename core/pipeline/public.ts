/** What shells around the engine may use of it: the host's and the command line's door to the folders behind. */
export { formatRef } from '../events/record.ts'
export type { AppendRecord } from '../events/record.ts'
export { isEventTopic } from '../events/topics.ts'
export { formatCents } from '../metrics/board.ts'
export type { AuditEntry, ConflictEntry, LateEntry, LedgerSums, QuarantineEntry } from '../warehouse/warehouse.ts'
export type { InspectedRecord } from './ledger.ts'
export { sumQuarantine } from './quarantine-stores.ts'
export { parseRef } from './readmission.ts'
export { openStation, type Station } from './station.ts'
export { type OwnerHold, readOwner, takeOwnership } from './owner.ts'
export { parseDisorder } from '../generator/parse-disorder.ts'
export { readGeneratorOptions } from './build.ts'
export { formatLines, generate, type GenerateRequest } from './generating.ts'
export {
  createExportFile,
  exportColumns,
  type ExportName,
  exportNames,
  readExport,
  toFileCells,
} from './exporting.ts'
export { importFiles, parseTopic } from './importing.ts'
export { replayStation } from './replaying.ts'
export { resetStation } from './resetting.ts'
export { appendToTrail } from './trail.ts'
export { examine } from './doctor.ts'
export { openSender } from './sending.ts'
export { createTopics, migrateWarehouse, planMigration } from './preparing.ts'
export { compareTables } from './views/compare-tables.ts'
export { describeTable } from './views/connection-places.ts'
export { createConnectionChecks } from './views/connection-checks.ts'
export { createConnectionViews } from './views/connection-views.ts'
export { createProfileViews } from './views/profile-views.ts'
export { type Keyring, type ProfileWorld, readProfileSettings } from './views/profile-world.ts'
export { examineConnections } from './doctor-connections.ts'
