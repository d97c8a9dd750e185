import type { ProfileKind } from './profile-kind.ts'
import { acceptsSetting } from './settings.ts'
import { findSetting } from './table.ts'

/** The secrets that a profile of that kind still has a setting for. */
export const acceptedSecrets = (
  kind: ProfileKind,
  secrets: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(secrets).filter(([name]) => {
      const entry = findSetting(name)
      return entry?.isSecret === true && acceptsSetting(kind, entry)
    }),
  )

/** Of the `name=value` flags a program was started with, those that mean something to a profile of that kind. */
export const acceptedFlags = (kind: ProfileKind, flags: readonly string[]): readonly string[] =>
  flags.filter((flag) => {
    const entry = findSetting(flag.slice(0, Math.max(0, flag.indexOf('='))))
    return entry !== null && acceptsSetting(kind, entry)
  })
