import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, toFault } from '../../base/fault.ts'
import {
  type ClusterCommands,
  type ProfileChanges,
  type ProfileColour,
  profileColours,
  type ProfileView,
} from '../../protocol/cluster.ts'
import { describeDataDirectory } from '../../settings/data-directory.ts'
import { profileFile, readProfile, readProfileFile } from '../../settings/profile.ts'
import { readKind } from '../../settings/profile-keys.ts'
import { findProfileKind } from '../../settings/profile-kind.ts'
import { writeProfile } from '../../settings/save-profile.ts'
import type { Section } from '../../settings/section.ts'
import { describeServers, findLacks } from './connection-places.ts'
import {
  listProfileNames,
  profilesFolder,
  type ProfileWorld,
  readProfileSettings,
  settingsOf,
} from './profile-world.ts'

/** The profiles there are, and making, changing and deleting them. */
export interface ProfileViews {
  list(): Promise<readonly ProfileView[]>
  /** @throws Fault `not-found` */
  find(name: string): Promise<ProfileView>
  create(request: ClusterCommands['createProfile']['request']): string
  update(name: string, changes: ProfileChanges): void
  /** Returns where its data stays. */
  remove(name: string): Promise<string>
}

const longestTitle = 60
const longestName = 40
const reserved = ['demo']

const refuse = (message: string, hint?: string): Fault =>
  new Fault('setting', message, { domain: 'user', ...(hint === undefined ? {} : { hint }) })

/** Without spaces around it. @throws Fault `setting` */
function checkTitle(title: string): string {
  const trimmed = title.trim()
  if (trimmed === '') throw refuse('/title must not be empty')
  if (trimmed.length > longestTitle) throw refuse(`/title must have at most ${longestTitle} characters`)
  if (/\p{Cc}/u.test(trimmed)) throw refuse('/title must be one line')
  return trimmed
}

/** Letters, digits and hyphens of a title. */
export const makeName = (title: string): string =>
  title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, longestName)
    .replaceAll(/^-+|-+$/g, '') || 'profile'

const readColour = (profile: Section): ProfileColour | null =>
  profileColours.find((known) => known === profile.colour) ?? null

const readTitle = (name: string, profile: Section): string => {
  if (typeof profile.title === 'string' && profile.title.trim() !== '') return profile.title
  return findProfileKind(name)?.title ?? name
}

/** One whose file cannot be read is listed with the reason, and can be opened by nobody. */
const describeBroken = (world: ProfileWorld, name: string, error: unknown): ProfileView => ({
  name,
  title: findProfileKind(name)?.title ?? name,
  kind: findProfileKind(name)?.kind ?? 'local',
  isBuiltIn: findProfileKind(name) !== null,
  isCurrent: name === world.current,
  colour: null,
  isLocked: false,
  isReadOnly: false,
  lacks: [toFault(error, 'the profile').message],
  eventsFrom: null,
  rowsTo: null,
})

async function describe(world: ProfileWorld, name: string): Promise<ProfileView> {
  try {
    const profile = readProfile(profilesFolder(world), name)
    const kind = readKind(profile)
    const settings = await readProfileSettings(world, name)
    return {
      name,
      title: readTitle(name, profile),
      kind: kind.kind,
      isBuiltIn: findProfileKind(name) !== null,
      isCurrent: name === world.current,
      colour: readColour(profile),
      isLocked: profile.locked === true,
      isReadOnly: kind.eventsFrom === 'kafka' && kind.writes.events === 'none' && !kind.writes.groupOffsets,
      lacks: findLacks(settings, world.environment),
      ...describeServers(settings, world.environment),
    }
  } catch (error) {
    if (error instanceof Fault) return describeBroken(world, name, error)
    throw error
  }
}

/** What an update leaves of the file: nothing of what goes back to how it is without. */
function applyProfileChanges(own: Section, { colour, isLocked, title }: ProfileChanges): Section {
  const changes: Section = {
    ...(title === undefined ? {} : { title: checkTitle(title) }),
    ...(colour === undefined ? {} : { colour: colour ?? undefined }),
    ...(isLocked === undefined ? {} : { locked: isLocked || undefined }),
  }
  const all = Object.entries({ ...own, ...changes })
  return Object.fromEntries(all.filter(([, value]) => value !== undefined))
}

export function createProfileViews(world: ProfileWorld): ProfileViews {
  const folder = profilesFolder(world)
  const exists = (name: string): boolean => listProfileNames(world).includes(name)
  const require = (name: string): void => {
    if (!exists(name)) throw new Fault('not-found', `there is no profile "${name}"`, { domain: 'user' })
  }
  const checkUnused = (title: string, except: string | null): void => {
    const taken = listProfileNames(world).some((name) => {
      if (name === except) return false
      try {
        return readTitle(name, readProfile(folder, name)) === title
      } catch (error) {
        // One that cannot be read has no title to be confused with.
        if (error instanceof Fault) return false
        throw error
      }
    })
    if (taken) throw refuse('/title must not be that of another profile')
  }
  /** A name whose file and folder nobody has: what another left there is none of the new one's. */
  const findName = (title: string): string => {
    const first = makeName(title)
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? first : `${first}-${number}`
      if (!exists(name) && !reserved.includes(name) && !existsSync(join(folder, name))) return name
    }
  }

  return {
    list: () => Promise.all(listProfileNames(world).map((name) => describe(world, name))),
    find(name) {
      require(name)
      return describe(world, name)
    },
    create({ colour, copyOf, kind, title }) {
      const checked = checkTitle(title)
      checkUnused(checked, null)
      const parent = copyOf === null ? {} : readProfile(folder, copyOf)
      if (copyOf !== null && readKind(parent).kind !== kind) throw refuse('/kind must be that of the copied profile')
      const name = findName(checked)
      const itself = { title: checked, kind, ...(colour === null ? {} : { colour }) }
      writeProfile(profileFile(folder, name), { ...itself, ...settingsOf(parent) })
      return name
    },
    update(name, changes) {
      require(name)
      const own = readProfileFile(folder, name) ?? {}
      const isOnlyUnlock = changes.isLocked === false && changes.title === undefined && changes.colour === undefined
      if (own.locked === true && !isOnlyUnlock) throw refuse(`profile "${name}" is locked`, 'unlock it first')
      if (changes.title !== undefined) checkUnused(changes.title.trim(), name)
      writeProfile(profileFile(folder, name), applyProfileChanges(own, changes))
    },
    async remove(name) {
      require(name)
      if (findProfileKind(name)) throw refuse(`profile "${name}" is built in`)
      if (name === world.current) throw refuse(`profile "${name}" is open`, 'switch to another one first')
      const own = readProfileFile(folder, name) ?? {}
      if (own.locked === true) throw refuse(`profile "${name}" is locked`, 'unlock it first')
      const heir = listProfileNames(world).find((other) => readProfileFile(folder, other)?.extends === name)
      if (heir !== undefined) throw refuse(`profile "${heir}" extends "${name}"`, `delete "${heir}" first`)
      const secrets = (await world.keyring?.recall(name)) ?? {}
      await world.keyring?.keep(name, Object.fromEntries(Object.keys(secrets).map((secret) => [secret, null])))
      const file = profileFile(folder, name)
      try {
        // What was there last can be put back by hand.
        rmSync(`${file}.bak`, { force: true })
        renameSync(file, `${file}.bak`)
      } catch (error) {
        throw toFault(error, `${file} could not be deleted`)
      }
      return describeDataDirectory(world.home, name).root
    },
  }
}
