import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Where everything of this user's Storepulse lives; the one answer for app and command line alike:
 * `STOREPULSE_HOME`, else Linux `$XDG_DATA_HOME/storepulse`, macOS `~/Library/Application Support/Storepulse`,
 * Windows `%LOCALAPPDATA%\Storepulse`.
 */
export function findDataDirectory(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = environment.STOREPULSE_HOME
  if (chosen) return resolve(chosen)
  const home = environment.HOME || homedir()
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Storepulse')
  if (platform === 'win32') return join(environment.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Storepulse')
  return join(environment.XDG_DATA_HOME || join(home, '.local', 'share'), 'storepulse')
}

/** The paths inside a data directory. */
export interface DataPaths {
  readonly root: string
  readonly log: string
  readonly warehouse: string
  readonly ownerLock: string
  readonly ownerFile: string
  readonly profiles: string
  /** What `serve` keeps: hashes of links and sessions, the token for metrics, where it listens. */
  readonly serve: string
}

/** Names every path inside the data directory `root`. */
export function describeDataDirectory(root: string): DataPaths {
  return {
    root,
    log: join(root, 'log'),
    warehouse: join(root, 'warehouse', 'warehouse.db'),
    ownerLock: join(root, 'owner.lock'),
    ownerFile: join(root, 'owner.json'),
    profiles: join(root, 'profiles'),
    serve: join(root, 'serve'),
  }
}
