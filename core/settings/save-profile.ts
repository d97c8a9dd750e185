import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Fault, systemErrorCode, toFault } from '../base/fault.ts'
import { profileFile, readProfile, readProfileFile } from './profile.ts'
import { flatten, readKind } from './profile-keys.ts'
import { type ProfileKind, profileKinds } from './profile-kind.ts'
import { isSection, type Section } from './section.ts'
import { acceptsSetting, findDefault } from './settings.ts'
import { findSetting, type SettingEntry, type SettingValue } from './table.ts'

/** Values to set by dotted name; null goes back to the default. */
export type SettingChanges = Readonly<Record<string, SettingValue | null>>

export interface SettingError {
  readonly name: string
  /** The rule that is broken, as it is said at the field. */
  readonly message: string
}

/** The rule that saving this value would break, or null. */
function findBrokenRule(entry: SettingEntry, value: SettingValue | null, kind: ProfileKind): string | null {
  if (value === null) return null
  if (!acceptsSetting(kind, entry)) return `is not used by a profile of kind ${kind.kind}`
  if (entry.isSecret) return 'is a secret and must not stand in a profile file'
  const checked = entry.schema.safeParse(value)
  return checked.success ? null : (checked.error.issues[0]?.message ?? 'does not keep its rule')
}

/** Every change that may not be saved in a profile of that kind; empty when all may. */
export function checkChanges(changes: SettingChanges, kind: ProfileKind = profileKinds.local): readonly SettingError[] {
  return Object.entries(changes).flatMap(([name, value]) => {
    const entry = findSetting(name)
    const message = entry ? findBrokenRule(entry, value, kind) : 'is not a setting'
    return message === null ? [] : [{ name, message }]
  })
}

/** The section with one value set, or removed along with sections that are empty then. */
function change(section: Section, path: readonly string[], value: SettingValue | null): Section {
  const [key = '', ...rest] = path
  if (key === '') return section
  const { [key]: before, ...others } = section
  if (rest.length > 0) {
    const inner = change(isSection(before) ? before : {}, rest, value)
    return Object.keys(inner).length === 0 ? others : { ...section, [key]: inner }
  }
  return value === null ? others : { ...section, [key]: value }
}

/** A value may stand in a file under its whole name, or under its first sections' names only: those go. */
const forget = (section: Section, name: string): Section =>
  Object.fromEntries(
    Object.entries(section).flatMap(([key, value]) => {
      if (key === name) return []
      const isWithin = name.startsWith(`${key}.`) && isSection(value)
      return [[key, isWithin ? forget(value, name.slice(key.length + 1)) : value]]
    }),
  )

/**
 * The profile with the changes; a value that it has without the file is left out, everything else stays as it was.
 *
 * @param without what a setting is without the file, where that is not the default of the table
 */
export function applyChanges(
  profile: Section,
  changes: SettingChanges,
  without: (name: string) => unknown = (name) => findSetting(name)?.default,
): Section {
  return Object.entries(changes).reduce((before, [name, value]) => {
    const wanted = value === without(name) ? null : value
    return change(forget(before, name), name.split('.'), wanted)
  }, profile)
}

/**
 * Saves settings in a profile's own file. A value the profile has without it, by default or from the profile it extends,
 * is left out of it.
 *
 * @throws Fault `setting` when the profile is locked, or a code of the disk's; the file as it was
 */
export function saveChanges(profilesDirectory: string, name: string, changes: SettingChanges): void {
  const profile = readProfile(profilesDirectory, name)
  const own = readProfileFile(profilesDirectory, name) ?? {}
  if (own.locked === true) {
    throw new Fault('setting', `profile "${name}" is locked`, { domain: 'user', hint: 'unlock it first' })
  }
  const parent = typeof own.extends === 'string' ? readProfile(profilesDirectory, own.extends) : {}
  const inherited = new Map(flatten(parent))
  const kind = readKind(profile)
  const without = (setting: string): unknown => {
    const entry = findSetting(setting)
    return inherited.get(setting) ?? (entry ? findDefault(kind, entry) : undefined)
  }
  writeProfile(profileFile(profilesDirectory, name), applyChanges(own, changes, without))
}

function writeDurably(file: string, text: string): void {
  const handle = openSync(file, 'w', 0o600)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/**
 * Writes a profile file whole or not at all; what was there before is kept beside it as `.bak`.
 *
 * @throws Fault `disk-full`, `read-only` …, the file as it was
 */
export function writeProfile(file: string, profile: Section): void {
  const next = `${file}.tmp`
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeDurably(next, `${JSON.stringify(profile, null, 2)}\n`)
    keepBackup(file)
    renameSync(next, file)
  } catch (error) {
    // What was written of the new one stays: the next save begins it anew.
    throw toFault(error, `${file} could not be written`)
  }
}

function keepBackup(file: string): void {
  try {
    copyFileSync(file, `${file}.bak`)
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
  }
}
