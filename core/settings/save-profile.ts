import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemErrorCode, toFault } from '../base/fault.ts'
import { findSetting, type SettingValue } from './table.ts'

/** Values to set by dotted name; null goes back to the default. */
export type SettingChanges = Readonly<Record<string, SettingValue | null>>

export interface SettingError {
  readonly name: string
  /** The rule that is broken, as it is said at the field. */
  readonly message: string
}

type Section = Readonly<Record<string, unknown>>

const isSection = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every change that breaks its setting's rule; empty when all may be saved. */
export function checkChanges(changes: SettingChanges): readonly SettingError[] {
  return Object.entries(changes).flatMap(([name, value]) => {
    const entry = findSetting(name)
    if (!entry) return [{ name, message: 'is not a setting' }]
    if (value === null) return []
    const checked = entry.schema.safeParse(value)
    if (checked.success) return []
    return [{ name, message: checked.error.issues[0]?.message ?? 'does not keep its rule' }]
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

/** The profile with the changes; a value that is the default is left out, everything else stays as it was. */
export function applyChanges(profile: Section, changes: SettingChanges): Section {
  return Object.entries(changes).reduce((before, [name, value]) => {
    const wanted = value === findSetting(name)?.default ? null : value
    return change(forget(before, name), name.split('.'), wanted)
  }, profile)
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
