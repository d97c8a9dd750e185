import { acceptedSecrets } from '../../settings/accepted.ts'
import { describeDataDirectory } from '../../settings/data-directory.ts'
import { readProfile } from '../../settings/profile.ts'
import { readKind } from '../../settings/profile-keys.ts'
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
