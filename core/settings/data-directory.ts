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

/** The paths inside a data directory, of one profile. */
export interface DataPaths {
  /** The data directory itself, whatever the profile. */
  readonly home: string
  /** Where everything of the profile is: the data directory itself for `local`. */
  readonly root: string
  readonly log: string
  readonly warehouse: string
  /** Where raw events are archived unless `archive.directory` names another place. */
  readonly archive: string
  readonly ownerLock: string
  readonly ownerFile: string
  /** Profile files; those of all profiles. */
  readonly profiles: string
  /** What `serve` keeps: hashes of links and sessions, the token for metrics, where it listens. */
  readonly serve: string
}

/**
 * Names every path inside the data directory `root`. Each profile but `local` has a folder of its own in it, with an
 * owner of its own, so that no two of them share a log or a warehouse.
 */
export function describeDataDirectory(root: string, profile = 'local'): DataPaths {
  const profiles = join(root, 'profiles')
  const own = profile === 'local' ? root : join(profiles, profile)
  return {
    home: root,
    root: own,
    log: join(own, 'log'),
    warehouse: join(own, 'warehouse', 'warehouse.db'),
    archive: join(own, 'archive'),
    ownerLock: join(own, 'owner.lock'),
    ownerFile: join(own, 'owner.json'),
    profiles,
    serve: join(own, 'serve'),
  }
}
