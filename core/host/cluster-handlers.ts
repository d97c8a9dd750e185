import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import {
  createConnectionChecks,
  createConnectionViews,
  createProfileViews,
  examineConnections,
  migrateWarehouse,
  planMigration,
  type ProfileWorld,
  readProfileSettings,
} from '../pipeline/public.ts'
import type { ClusterCommands, ProfileView } from '../protocol/cluster.ts'
import { clusterRequestSchemas } from './cluster-requests.ts'
import { describeDataDirectory } from '../settings/data-directory.ts'
import { importKafkaProperties } from '../settings/kafka-properties.ts'
import type { Settings } from '../settings/settings.ts'
import type { AfterAnswer } from './connections.ts'
import type { Shell } from './shell.ts'

export type ClusterHandlers = {
  readonly [Name in keyof ClusterCommands]: (
    request: ClusterCommands[Name]['request'],
    context: { readonly afterAnswer: AfterAnswer; readonly who: string },
  ) => Promise<ClusterCommands[Name]['response']>
}

/** Those that are about profiles and their connections, whoever owns the open directory. */
export type ProfileHandlers = Omit<ClusterHandlers, 'compareTables'>

export interface ClusterHandlerParts {
  readonly world: ProfileWorld
  readonly shell: Shell
  readonly clock: Clock
  readonly logger: Logger
  /** The settings of the open profile, with what the command line added. */
  readonly settings: Settings
  /** Whether the open profile waits for a schema in its database. */
  readonly needsSchema: () => boolean
}

const refuse = (message: string, hint: string): Fault => new Fault('refused', message, { domain: 'user', hint })

/** @throws Fault `refused` for what writes in a locked profile, unless it is meant */
export async function checkLock({ world }: ClusterHandlerParts, isConfirmed: boolean): Promise<void> {
  const { isLocked } = await createProfileViews(world).find(world.current)
  if (isLocked && !isConfirmed) throw refuseLocked(world.current)
}

const refuseLocked = (profile: string): Fault =>
  refuse(`profile "${profile}" is locked: what writes asks for a confirmation`, `unlock it first, or confirm it`)

/** Whether opening it asks for a second word: it is locked, or begins to write to a cluster. */
const asksTwice = ({ isCurrent, isLocked, kind }: ProfileView): boolean =>
  !isCurrent && (isLocked || kind === 'process')

function checkSwitch(profile: ProfileView, isConfirmed: boolean, { cannotSwitch }: Shell): void {
  if (cannotSwitch !== null) throw refuse(cannotSwitch, 'or open the other profile in another process')
  const [lack] = profile.lacks
  if (lack !== undefined) throw refuse(`"${profile.title}" cannot be opened: ${lack}`, 'complete it on Connections')
  if (asksTwice(profile) && !isConfirmed) {
    const why = profile.isLocked ? 'is locked' : 'writes to a cluster'
    throw refuse(`"${profile.title}" ${why}: switching to it asks for a confirmation`, 'confirm it')
  }
}

/** The commands about profiles and connections; they need no opened directory. */
export function createProfileHandlers(parts: ClusterHandlerParts): ProfileHandlers {
  const { clock, logger, shell, world } = parts
  const profiles = createProfileViews(world)
  const readSettings = async (profile: string): Promise<Settings> =>
    profile === world.current ? parts.settings : await readProfileSettings(world, profile)
  const readSecrets = (text: string): Readonly<Record<string, string>> => importKafkaProperties(text).secrets
  const connections = createConnectionViews({ world, profiles, readSecrets })
  const checks = createConnectionChecks({ examine: examineConnections, clock })
  return {
    listProfiles: async () => ({
      profiles: await profiles.list(),
      cannotSwitch: shell.cannotSwitch,
      failure: shell.failure,
      needsSchema: parts.needsSchema(),
    }),
    planSchema: async ({ profile }) => ({ plan: await planMigration(await readSettings(profile)) }),
    createSchema: async ({ adopts, isConfirmed, profile }, { afterAnswer, who }) => {
      const { isCurrent, isLocked } = await profiles.find(profile)
      if (isLocked && !isConfirmed) throw refuseLocked(profile)
      const settings = await readSettings(profile)
      if (settings.profile.rowsTo !== 'postgres') {
        throw refuse(
          `"${profile}" keeps its rows in no database that others reach`,
          'open it: its own file is made by itself',
        )
      }
      const inputs = { clock, logger, workerUrl: null, paths: describeDataDirectory(world.home, profile) }
      await migrateWarehouse({ ...inputs, settings }, who, adopts)
      // Whoever waited for it begins anew.
      if (isCurrent && parts.needsSchema()) afterAnswer(() => shell.switchTo(profile))
      return {}
    },
    createProfile: async (request) => ({ name: profiles.create(request) }),
    updateProfile: async ({ changes, profile }) => {
      profiles.update(profile, changes)
      return {}
    },
    deleteProfile: async ({ profile }) => ({ dataDirectory: await profiles.remove(profile) }),
    switchProfile: async ({ isConfirmed, profile }, { afterAnswer }) => {
      checkSwitch(await profiles.find(profile), isConfirmed, shell)
      // What the answer goes over ends with the switch.
      afterAnswer(() => shell.switchTo(profile))
      return {}
    },
    describeConnection: ({ profile }) => connections.describe(profile),
    saveConnection: (draft) => connections.save(draft),
    checkConnection: async (draft) => ({ check: checks.start(await connections.readDraft(draft)) }),
    readCheck: ({ check, from }) => checks.read(check, from),
    importClientProperties: async ({ text }) => {
      const { ignored, secrets, values } = importKafkaProperties(text)
      return { values, secrets: Object.keys(secrets), ignored }
    },
  }
}

/**
 * Runs a command about profiles here; null for any other. For whoever shows a directory that another process owns: which
 * profile this one opens is its own matter.
 *
 * @throws Fault `usage` for a request that does not fit
 */
export function createProfileRunner(
  handlers: ProfileHandlers,
): (command: string, payload: unknown, afterAnswer: AfterAnswer, who: string) => Promise<unknown> | null {
  const runs = Object.fromEntries(
    Object.entries(handlers).map(([name, run]) => [
      name,
      async (payload: unknown, afterAnswer: AfterAnswer, who: string): Promise<unknown> =>
        // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- its own schema has let it through
        run(payload as never, { afterAnswer, who }),
    ]),
  )
  return (command, payload, afterAnswer, who) => {
    const run = runs[command]
    if (!run || !isProfileCommand(command)) return null
    const checked = clusterRequestSchemas[command].safeParse(payload)
    if (checked.success) return run(checked.data, afterAnswer, who)
    throw new Fault('usage', `${command}: ${checked.error.issues[0]?.message ?? 'does not fit'}`, { domain: 'user' })
  }
}

const isProfileCommand = (command: string): command is keyof ClusterCommands =>
  Object.hasOwn(clusterRequestSchemas, command)
