import { Fault } from '../base/fault.ts'
import { findProfileKind, profileKindNames, type ProfileKind, profileKinds } from './profile-kind.ts'
import { isSection, type Section } from './section.ts'
import { findSetting } from './table.ts'

/** What a profile file says about the profile itself, beside the sections of its settings. */
export const profileKeys = ['kind', 'extends', 'title', 'colour', 'locked'] as const

/** The kind a profile's text names; without one it is of kind local. @throws Fault `setting` for a kind there is not */
export function readKind(profile: Section): ProfileKind {
  if (profile.kind === undefined) return profileKinds.local
  const kind = findProfileKind(profile.kind)
  if (kind) return kind
  throw new Fault('setting', `/kind must be one of ${profileKindNames.join(', ')}`, { domain: 'user' })
}

/** The settings in a profile's nested sections by their dotted names, without what it says about itself. */
export const flatten = (profile: Section): readonly (readonly [string, unknown])[] =>
  Object.entries(profile).flatMap(([key, value]) =>
    profileKeys.some((own) => own === key) ? [] : flattenSection(key, value),
  )

const flattenSection = (name: string, value: unknown): readonly (readonly [string, unknown])[] =>
  isSection(value) && findSetting(name) === null
    ? Object.entries(value).flatMap(([key, inner]) => flattenSection(`${name}.${key}`, inner))
    : [[name, value]]
