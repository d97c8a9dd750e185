import { readdirSync } from 'node:fs'
import { toFault, systemErrorCode } from '../../base/fault.ts'
import { acceptedSecrets } from '../../settings/accepted.ts'
import { describeDataDirectory } from '../../settings/data-directory.ts'
import { readProfile } from '../../settings/profile.ts'
import { flatten, readKind } from '../../settings/profile-keys.ts'
import { profileKindNames } from '../../settings/profile-kind.ts'
import type { Section } from '../../settings/section.ts'
import { resolveSettings, type Settings } from '../../settings/settings.ts'

/** Keeps the secrets of profiles, by the dotted names of their settings, outside of every profile file. */
export interface Keyring {
  /** Why it can keep none here, or null. */
  refusal(): Promise<string | null>
  /** @throws Fault when what it keeps cannot be opened */
  recall(profile: string): Promise<Readonly<Record<string, string>>>
  /** Keeps or, with null, forgets; all or none. */
  keep(profile: string, changes: Readonly<Record<string, string | null>>): Promise<void>
}

/** The profiles of a data directory, as whoever has one of them open sees them. */
export interface ProfileWorld {
  /** The data directory of them all. */
  readonly home: string
  /** The profile that is open. */
  readonly current: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly keyring: Keyring | null
}

export const profilesFolder = ({ home }: ProfileWorld): string => describeDataDirectory(home).profiles

/** Profiles of the user's own, by name. */
function listOwn(world: ProfileWorld): readonly string[] {
  try {
    return readdirSync(profilesFolder(world))
      .flatMap((file) => (/^[a-z0-9][a-z0-9-]{0,63}\.json$/i.test(file) ? [file.slice(0, -'.json'.length)] : []))
      .filter((name) => !profileKindNames.some((known) => known === name) && name !== 'demo')
      .sort()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return []
    throw toFault(error, 'the profiles could not be listed')
  }
}

/** The built-in profiles, then the user's own by name. */
export const listProfileNames = (world: ProfileWorld): readonly string[] => [...profileKindNames, ...listOwn(world)]

/** What the keyring keeps for a profile, of settings that it still has. */
export async function recallSecrets(
  { keyring }: ProfileWorld,
  name: string,
  profile: Section,
): Promise<Readonly<Record<string, string>>> {
  return acceptedSecrets(readKind(profile), (await keyring?.recall(name)) ?? {})
}

/** The settings of a profile as opening it would have them, without what a command line adds. */
export async function readProfileSettings(world: ProfileWorld, name: string): Promise<Settings> {
  const profile = readProfile(profilesFolder(world), name)
  const secrets = await recallSecrets(world, name, profile)
  return resolveSettings({ profile, environment: world.environment, flags: [], secrets })
}

/** The settings a profile has apart from what its file says about itself. */
export const settingsOf = (profile: Section): Section => Object.fromEntries(flatten(profile))
