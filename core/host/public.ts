/** The host's door for the shells around it. */
export {
  createExportFile,
  createTopics,
  examine,
  exportColumns,
  type ExportName,
  exportNames,
  migrateWarehouse,
  openSender,
  replayStation,
  resetStation,
  formatLines,
  generate,
  type GenerateRequest,
  importFiles,
  parseDisorder,
  parseTopic,
  readExport,
  readGeneratorOptions,
  toFileCells,
} from '../pipeline/public.ts'
export {
  openAccess,
  type OpenInputs,
  openOwned,
  type OwnedDirectory,
} from './open.ts'
export { withOwnership } from './with-ownership.ts'
export { noteInTrail } from './note-in-trail.ts'
export type { AppendRecord } from '../pipeline/public.ts'
export { describeUser } from './caller.ts'
export type { Shell } from './shell.ts'
export type { Keyring } from '../pipeline/public.ts'
export { openShared, type SharedDirectory } from './share.ts'
export type { Host } from './host.ts'
export { readClientMessage } from './socket-server.ts'
