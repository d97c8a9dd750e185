import { existsSync } from 'node:fs'
import { Fault, toFault } from '../../base/fault.ts'
import type { ClusterCommands, ProfileChanges, ProfileView } from '../../protocol/cluster.ts'
import { describeDataDirectory } from '../../settings/data-directory.ts'
import { listLacks } from '../../settings/lacks.ts'
import { profileFile, readProfileFile } from '../../settings/profile.ts'
import { findProfileKind } from '../../settings/profile-kind.ts'
import { checkNewName, checkTitle } from '../../settings/profile-names.ts'
import {
  createProfile,
  deleteProfile,
  type ListedProfile,
  listProfiles,
  lockProfile,
  type ProfileDescription,
} from '../../settings/profiles.ts'
import { writeProfile } from '../../settings/save-profile.ts'
import { describeServers } from './connection-places.ts'
import { profilesFolder, type ProfileWorld, readProfileSettings } from './profile-world.ts'

/** The profiles there are, and making, changing and deleting them. */
export interface ProfileViews {
  list(): Promise<readonly ProfileView[]>
  /** @throws Fault `not-found` */
  find(name: string): Promise<ProfileView>
  /** Returns its name, made from the title. */
  create(request: ClusterCommands['createProfile']['request']): string
  update(name: string, changes: ProfileChanges): void
  /** Returns where its data stays. */
  remove(name: string): Promise<string>
}

const longestName = 40

const refuse = (message: string, hint?: string): Fault =>
  new Fault('setting', message, { domain: 'user', ...(hint === undefined ? {} : { hint }) })

/** Letters, digits and hyphens of a title. */
export const makeName = (title: string): string =>
  title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, longestName)
    .replaceAll(/^-+|-+$/g, '') || 'profile'

/** One that cannot be read or opened is listed with the reason. */
const describeBroken = (world: ProfileWorld, name: string, reason: string): ProfileView => ({
  name,
  title: findProfileKind(name)?.title ?? name,
  kind: findProfileKind(name)?.kind ?? 'local',
  isBuiltIn: findProfileKind(name) !== null,
  isCurrent: name === world.current,
  colour: null,
  isLocked: false,
  isReadOnly: false,
  lacks: [reason],
  eventsFrom: null,
  rowsTo: null,
})

async function describeWhole(
  world: ProfileWorld,
  { colour, isBuiltIn, isLocked, kind, name, title }: ProfileDescription,
): Promise<ProfileView> {
  const settings = await readProfileSettings(world, name)
  return {
    name,
    title,
    kind: kind.kind,
    isBuiltIn,
    isCurrent: name === world.current,
    colour,
    isLocked,
    isReadOnly: kind.eventsFrom === 'kafka' && kind.writes.events === 'none' && !kind.writes.groupOffsets,
    lacks: listLacks(settings, world.environment).map(({ message }) => message),
    ...describeServers(settings, world.environment),
  }
}

async function describe(world: ProfileWorld, { description, name, problem }: ListedProfile): Promise<ProfileView> {
  if (!description) return describeBroken(world, name, problem)
  try {
    return await describeWhole(world, description)
  } catch (error) {
    return describeBroken(world, name, toFault(error, 'the profile').message)
  }
}

const isTaken = (name: string): boolean => {
  try {
    checkNewName(name)
    return false
  } catch (error) {
    if (error instanceof Fault) return true
    throw error
  }
}

/** A name whose file and folder nobody has: what another left there is none of the new one's. */
function findName({ home }: ProfileWorld, title: string): string {
  const known = listProfiles(home).map(({ name }) => name.toLowerCase())
  const first = makeName(title).slice(0, longestName - 4)
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? first : `${first}-${number}`
    if (!isTaken(name) && !known.includes(name) && !existsSync(describeDataDirectory(home, name).root)) return name
  }
}

/** Another profile that is called so would be taken for this one. */
function checkUnused({ home }: ProfileWorld, title: string, except: string | null): void {
  const other = listProfiles(home).find(({ description, name }) => name !== except && description?.title === title)
  if (other) throw refuse('/title must not be that of another profile')
}

export function createProfileViews(world: ProfileWorld): ProfileViews {
  const { home } = world
  const findListed = (name: string): ListedProfile => {
    const found = listProfiles(home).find((profile) => profile.name === name)
    if (found) return found
    throw new Fault('not-found', `there is no profile "${name}"`, { domain: 'user' })
  }
  const writeItself = (name: string, { colour, title }: ProfileChanges): void => {
    const own = readProfileFile(profilesFolder(world), name) ?? {}
    const itself = {
      ...own,
      ...(title === undefined ? {} : { title: checkTitle(title) }),
      ...(colour === undefined ? {} : { colour: colour ?? undefined }),
    }
    const kept = Object.fromEntries(Object.entries(itself).filter(([, value]) => value !== undefined))
    writeProfile(profileFile(profilesFolder(world), name), kept)
  }

  return {
    list: () => Promise.all(listProfiles(home).map((profile) => describe(world, profile))),
    find: async (name) => describe(world, findListed(name)),
    create({ colour, kind, title }) {
      const checked = checkTitle(title)
      checkUnused(world, checked, null)
      const name = findName(world, checked)
      createProfile(home, { name, extends: kind, title: checked, ...(colour === null ? {} : { colour }) })
      return name
    },
    update(name, { isLocked, ...changes }) {
      const { description } = findListed(name)
      const changesItself = Object.keys(changes).length > 0
      if (description?.isLocked === true && changesItself)
        throw refuse(`profile "${name}" is locked`, 'unlock it first')
      if (changes.title !== undefined) checkUnused(world, checkTitle(changes.title), name)
      if (changesItself) writeItself(name, changes)
      if (isLocked !== undefined) lockProfile(home, name, isLocked)
    },
    async remove(name) {
      findListed(name)
      if (name === world.current) throw refuse(`profile "${name}" is open`, 'switch to another one first')
      const directory = deleteProfile(home, name) ?? describeDataDirectory(home, name).root
      const secrets = Object.keys((await world.keyring?.recall(name)) ?? {})
      await world.keyring?.keep(name, Object.fromEntries(secrets.map((secret) => [secret, null])))
      return directory
    },
  }
}
