import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { DataPaths } from '../settings/data-directory.ts'
import type { Settings } from '../settings/settings.ts'
import type { Shell } from './shell.ts'

/** What a data directory is opened with. */
export interface OpenInputs {
  readonly paths: DataPaths
  readonly settings: Settings
  readonly profile: string
  readonly clock: Clock
  readonly logger: Logger
  readonly workerUrl: URL | null
  /** The command line's own words, for whoever finds the directory taken. */
  readonly command: string
  readonly version: string
  /** What the program around it can do about profiles; absent = nothing. */
  readonly shell?: Shell
}
