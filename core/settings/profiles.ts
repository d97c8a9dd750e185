import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { systemErrorCode, toFault } from '../base/fault.ts'
import { type ProfileColour, profileColours } from '../protocol/cluster.ts'
import { type DataPaths, describeDataDirectory } from './data-directory.ts'
import { checkNewName, checkTitle, refuseProfile as refuse, reservedNames } from './profile-names.ts'
import { profileFile, readProfile, readProfileFile } from './profile.ts'
import { readKind } from './profile-keys.ts'
import { findProfileKind, type ProfileKind, profileKindNames } from './profile-kind.ts'
import { applyChanges, checkChanges, type SettingChanges, writeProfile } from './save-profile.ts'
import { isSection, type Section } from './section.ts'

/** What a profile is, without its settings. */
export interface ProfileDescription {
  readonly name: string
  /** As it is called on screen. */
  readonly title: string
  readonly kind: ProfileKind
  /** The profile whose settings it has where its own file says nothing, or null. */
  readonly extends: string | null
  readonly colour: ProfileColour | null
  /** Its file is not changed or deleted, and commands that change what it is attached to ask first. */
  readonly isLocked: boolean
  readonly isBuiltIn: boolean
  readonly file: string
  readonly paths: DataPaths
}

/** One of the profiles there are; one whose file cannot be read has the reason in place of a description. */
export type ListedProfile =
  | { readonly name: string; readonly description: ProfileDescription; readonly problem: null }
  | { readonly name: string; readonly description: null; readonly problem: string }

/** What a new profile begins with. */
export interface NewProfile {
  readonly name: string
  /** A kind, or the profile whose settings it takes over from then on. */
  readonly extends: string
  readonly title?: string | undefined
  readonly colour?: ProfileColour | undefined
  readonly isLocked?: boolean | undefined
  readonly settings?: SettingChanges | undefined
}

/** What a file says about the profile itself. @throws Fault `setting` naming path and rule */
function readItself(
  own: Section,
  file: string,
): Pick<ProfileDescription, 'colour' | 'isLocked'> & { title: string | null } {
  const { colour = null, locked = false, title = null } = own
  const known = profileColours.find((one) => one === colour) ?? null
  if (colour !== null && known === null) throw refuse(`${file}: /colour must be one of ${profileColours.join(', ')}`)
  if (typeof locked !== 'boolean') throw refuse(`${file}: /locked must be true or false`)
  if (title !== null && typeof title !== 'string') throw refuse(`${file}: /title must be text`)
  return { title: title === null ? null : checkTitle(title), colour: known, isLocked: locked }
}

/**
 * What the profile is.
 *
 * @param home the data directory, which all profiles are in
 * @throws Fault `setting` when there is none of that name, or its file breaks a rule
 */
export function describeProfile(home: string, name: string): ProfileDescription {
  const paths = describeDataDirectory(home, name)
  const kind = readKind(readProfile(paths.profiles, name))
  const file = profileFile(paths.profiles, name)
  const own = readProfileFile(paths.profiles, name) ?? {}
  const { title, ...itself } = readItself(own, file)
  const isBuiltIn = findProfileKind(name) !== null
  return {
    ...itself,
    name,
    title: title ?? (isBuiltIn ? kind.title : name),
    kind,
    extends: typeof own.extends === 'string' ? own.extends : null,
    isBuiltIn,
    file,
    paths,
  }
}

function listOwnNames(profilesDirectory: string): readonly string[] {
  try {
    return readdirSync(profilesDirectory)
      .filter((file) => /^[a-z0-9][a-z0-9-]{0,63}\.json$/i.test(file))
      .map((file) => basename(file, '.json'))
      .filter((name) => findProfileKind(name) === null && !reservedNames.includes(name))
      .sort()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return []
    throw toFault(error, 'the profiles could not be listed')
  }
}

/** The built-in profiles, then the user's own by name. */
export function listProfiles(home: string): readonly ListedProfile[] {
  const names = [...profileKindNames, ...listOwnNames(describeDataDirectory(home).profiles)]
  return names.map((name) => {
    try {
      return { name, description: describeProfile(home, name), problem: null }
    } catch (error) {
      return { name, description: null, problem: toFault(error, 'the profile').message }
    }
  })
}

/** The profile to change. @throws Fault `setting` when it is built in, locked, in use, or another extends it */
function findChangeable(home: string, name: string): ProfileDescription {
  const found = describeProfile(home, name)
  if (found.isBuiltIn) throw refuse(`profile "${name}" is built in`, 'create one of your own that extends it')
  if (found.isLocked) throw refuse(`profile "${name}" is locked`, 'unlock it first')
  const heir = listProfiles(home).find(({ description }) => description?.extends === name)
  if (heir) throw refuse(`profile "${heir.name}" extends "${name}"`, `change or delete "${heir.name}" first`)
  const owner = findRunning(found.paths)
  if (owner !== null) throw refuse(`profile "${name}" is in use by process ${owner}`, 'end that first')
  return found
}

const isAlive = (processId: number): boolean => {
  try {
    return process.kill(processId, 0)
  } catch (error) {
    // A process of somebody else's is one all the same.
    return systemErrorCode(error) === 'EPERM'
  }
}

/** The process that says it owns the profile's folder, if there is one of that number; null otherwise. */
function findRunning({ ownerFile }: DataPaths): number | null {
  try {
    const owner: unknown = JSON.parse(readFileSync(ownerFile, 'utf8'))
    const processId = isSection(owner) ? owner.processId : null
    return typeof processId === 'number' && isAlive(processId) ? processId : null
  } catch (error) {
    if (error instanceof SyntaxError || systemErrorCode(error) !== null) return null
    throw error
  }
}

/**
 * Writes the file of a new profile.
 *
 * @throws Fault `setting` when the name is taken or no name, the profile to extend is none, or a value breaks its rule
 */
export function createProfile(home: string, wanted: NewProfile): ProfileDescription {
  const { colour, isLocked, name } = wanted
  checkNewName(name)
  const paths = describeDataDirectory(home, name)
  if (listProfiles(home).some((one) => one.name.toLowerCase() === name))
    throw refuse(`profile "${name}" is there already`)
  if (existsSync(paths.root)) {
    throw refuse(
      `${paths.root} has data of an earlier profile "${name}"`,
      'move that folder away, or choose another name',
    )
  }
  const parent = readProfile(paths.profiles, wanted.extends)
  const [broken] = checkChanges(wanted.settings ?? {}, readKind(parent))
  if (broken) throw refuse(`/${broken.name.replaceAll('.', '/')} ${broken.message}`)
  const itself = {
    extends: wanted.extends,
    ...(wanted.title === undefined ? {} : { title: checkTitle(wanted.title) }),
    ...(colour === undefined ? {} : { colour }),
    ...(isLocked === true ? { locked: true } : {}),
  }
  // Whatever is asked for is written, also what the parent happens to say today.
  const settings = applyChanges({}, wanted.settings ?? {}, () => undefined)
  writeProfile(profileFile(paths.profiles, name), { ...itself, ...settings })
  return describeProfile(home, name)
}

/** Locks or unlocks a profile. @throws Fault of the disk's */
export function lockProfile(home: string, name: string, isLocked: boolean): void {
  const { file, paths } = describeProfile(home, name)
  const { locked: _before, ...own } = readProfileFile(paths.profiles, name) ?? {}
  writeProfile(file, isLocked ? { ...own, locked: true } : own)
}

/**
 * Gives a profile of the user's own another name, its data included.
 *
 * @throws Fault `setting` as {@link createProfile} and {@link deleteProfile}
 */
export function renameProfile(home: string, from: string, to: string): ProfileDescription {
  const before = findChangeable(home, from)
  checkNewName(to)
  const after = describeDataDirectory(home, to)
  const isTaken = listProfiles(home).some((one) => one.name !== from && one.name.toLowerCase() === to)
  if (isTaken || existsSync(after.root)) throw refuse(`profile "${to}" is there already, or data of one`)
  const own = readProfileFile(before.paths.profiles, from) ?? {}
  // The old file goes last: a crash before leaves two profiles, and the data with one of them.
  writeProfile(profileFile(after.profiles, to), own)
  try {
    if (existsSync(before.paths.root)) renameSync(before.paths.root, after.root)
  } catch (error) {
    rmSync(profileFile(after.profiles, to), { force: true })
    throw toFault(error, `${before.paths.root} could not be renamed`)
  }
  removeFile(before.file)
  return describeProfile(home, to)
}

/**
 * Deletes the file of a profile of the user's own; what was in it stays beside it as `.bak`, and its data where it is.
 *
 * @returns where the data is, or null when it has none
 * @throws Fault `setting` when it is built in, locked, in use, or another extends it
 */
export function deleteProfile(home: string, name: string): string | null {
  const { file, paths } = findChangeable(home, name)
  removeFile(file)
  return existsSync(paths.root) ? paths.root : null
}

function removeFile(file: string): void {
  try {
    rmSync(`${file}.bak`, { force: true })
    renameSync(file, `${file}.bak`)
  } catch (error) {
    throw toFault(error, `${file} could not be deleted`)
  }
}
