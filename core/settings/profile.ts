import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeError, Fault, systemErrorCode } from '../base/fault.ts'
import { findProfileKind, type ProfileKindName } from './profile-kind.ts'
import { refuseProfile as refuse, reservedNames } from './profile-names.ts'
import { flatten, readKind } from './profile-keys.ts'
import { isSection, type Section } from './section.ts'

/** @throws Fault `setting` for a name that could not be a file's */
export function checkProfileName(name: string): void {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/i.test(name)) {
    throw refuse(`profile "${name.slice(0, 64)}" must be letters, digits and hyphens`)
  }
}

/** The file of a profile; the built-in ones need none. */
export const profileFile = (profilesDirectory: string, name: string): string => join(profilesDirectory, `${name}.json`)

/**
 * What stands in the profile's own file, or null when there is none.
 *
 * @throws Fault `setting` when the name could be no file's or the file is no JSON object
 */
export function readProfileFile(profilesDirectory: string, name: string): Section | null {
  checkProfileName(name)
  const file = profileFile(profilesDirectory, name)
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (!isSection(parsed)) throw refuse(`${file} must hold one JSON object`)
    return parsed
  } catch (error) {
    if (error instanceof Fault) throw error
    // A data directory that is no directory is said when it is opened.
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return null
    // A parser's message quotes the text, and a secret may have strayed into it.
    const why = error instanceof SyntaxError ? 'is not valid JSON' : describeError(error)
    throw new Fault('setting', `${file}: ${why}`, { domain: 'user', cause: error })
  }
}

/** A profile of the program's own, as if it had a file. */
function readBuiltIn(kind: ProfileKindName, own: Section | null, file: string): Section {
  if (own?.extends !== undefined) throw refuse(`${file}: /extends is for profiles of your own`)
  if (own?.kind !== undefined && own.kind !== kind) {
    throw refuse(`${file}: /kind must be ${kind}, as the name says`, 'give a profile of your own another name')
  }
  return kind === 'local' ? (own ?? {}) : { ...own, kind }
}

/** What a profile has from the one it extends, under what its own file says. */
function inherit(parent: Section, own: Section, file: string): Section {
  const { extends: _parent, ...rest } = own
  const kind = readKind(parent)
  if (rest.kind !== undefined && rest.kind !== kind.kind) {
    throw refuse(`${file}: /kind must be ${kind.kind}, as that of the profile it extends`)
  }
  const { title, colour, locked } = rest
  const itself = Object.fromEntries(
    Object.entries({ title, colour, locked }).filter(([, value]) => value !== undefined),
  )
  return {
    ...itself,
    ...Object.fromEntries([...flatten(parent), ...flatten(rest)]),
    ...(kind.kind === 'local' ? {} : { kind: kind.kind }),
  }
}

/**
 * The profile's settings with those of the profiles it extends, and what it says about itself. A profile of the user's
 * own is a JSON file `<name>.json` in the profiles folder; the built-in ones need none.
 *
 * @throws Fault `setting` when a name is unknown, a file is no JSON object, or profiles extend each other in a ring
 */
export function readProfile(profilesDirectory: string, name: string, heirs: readonly string[] = []): Section {
  const own = readProfileFile(profilesDirectory, name)
  const file = profileFile(profilesDirectory, name)
  const builtIn = findProfileKind(name)
  if (builtIn) return readBuiltIn(builtIn.kind, own, file)
  if (reservedNames.includes(name)) {
    throw refuse(`profile "${name}" is not part of this build`, 'use --profile local')
  }
  if (!own) throw refuse(`there is no profile "${name}"`, `write ${file} or use --profile local`)
  if (own.extends === undefined) return own
  if (typeof own.extends !== 'string') throw refuse(`${file}: /extends must be the name of a profile`)
  const line = [...heirs, name]
  if (line.includes(own.extends)) throw refuse(`${file}: /extends goes round: ${[...line, own.extends].join(' → ')}`)
  return inherit(readProfile(profilesDirectory, own.extends, line), own, file)
}
