import { Fault } from '../../base/fault.ts'
import type {
  ConnectionDraft,
  ConnectionField,
  ConnectionGroup,
  ConnectionView,
  SaveAnswer,
} from '../../protocol/cluster.ts'
import { readProfile } from '../../settings/profile.ts'
import { readKind } from '../../settings/profile-keys.ts'
import type { ProfileKind } from '../../settings/profile-kind.ts'
import { applyChanges, checkChanges, saveChanges } from '../../settings/save-profile.ts'
import { acceptsSetting, findDefault, resolveSettings, type Settings } from '../../settings/settings.ts'
import { environmentName, findSetting, type SettingEntry, settingTable } from '../../settings/table.ts'
import { describeDatabase, describeUrl } from './connection-places.ts'
import { profilesFolder, type ProfileWorld, readProfileSettings, recallSecrets } from './profile-world.ts'
import type { ProfileViews } from './profile-views.ts'

/** What profiles are attached to: describing it, saving it, and the settings a form stands for. */
export interface ConnectionViews {
  describe(profile: string): Promise<ConnectionView>
  /** Values and secrets, all or none. */
  save(draft: ConnectionDraft): Promise<SaveAnswer>
  /** The settings as they would be with what is typed. @throws Fault `setting` naming path and rule */
  readDraft(draft: ConnectionDraft): Promise<Settings>
}

export interface ConnectionParts {
  readonly world: ProfileWorld
  readonly profiles: ProfileViews
  /** Secrets in a client.properties file, by the settings they are for. */
  readonly readSecrets: (properties: string) => Readonly<Record<string, string>>
}

const securityPrefixes = ['kafka.security', 'kafka.sasl.', 'kafka.oauth.', 'kafka.ssl.']

function groupOf({ name, service }: SettingEntry): ConnectionGroup | null {
  if (name.startsWith('archive.') || service === 's3') return 'archive'
  if (name.startsWith('registry.')) return 'registry'
  if (name.startsWith('tunnel.')) return 'tunnel'
  if (securityPrefixes.some((prefix) => name.startsWith(prefix))) return 'security'
  return service
}

/** Addresses that may hold a password: only where they lead to is shown. */
function describePlace(name: string, secret: string): string | null {
  if (name === 'warehouse.url' || name === 'warehouse.readUrl') return describeDatabase(secret)
  return name === 'redis.url' ? describeUrl(secret) : null
}

function describeField(
  entry: SettingEntry,
  kind: ProfileKind,
  running: Settings,
  saved: Settings,
): ConnectionField | null {
  const group = groupOf(entry)
  if (group === null) return null
  const isForced = running.source(entry.name) === 'environment'
  const from = isForced ? running : saved
  const secret = entry.isSecret ? from.secret(entry.name) : ''
  const isSet = secret !== ''
  return {
    name: entry.name,
    group,
    kind: entry.isSecret ? 'secret' : entry.kind,
    choices: entry.choices ?? [],
    value: entry.isSecret ? '' : from.shown(entry.name),
    default: entry.isSecret ? '' : findDefault(kind, entry),
    source: from.source(entry.name),
    doc: entry.doc,
    isSet,
    place: isSet ? describePlace(entry.name, secret) : null,
    variable: environmentName(entry.name),
  }
}

/** Why a secret may not be kept, or null. */
function findBrokenSecret(name: string, secret: string | null, kind: ProfileKind): string | null {
  const entry = findSetting(name)
  if (!entry?.isSecret) return 'is not a secret'
  if (!acceptsSetting(kind, entry)) return `is not used by a profile of kind ${kind.kind}`
  const checked = secret === null ? null : entry.schema.safeParse(secret)
  return checked === null || checked.success ? null : (checked.error.issues[0]?.message ?? 'does not keep its rule')
}

export function createConnectionViews({ profiles, readSecrets, world }: ConnectionParts): ConnectionViews {
  const folder = profilesFolder(world)

  /** What is typed, and what is in the imported file and not typed. */
  const gatherSecrets = (
    { properties, secrets }: ConnectionDraft,
    kind: ProfileKind,
  ): Readonly<Record<string, string | null>> => {
    const imported = Object.entries(properties === null ? {} : readSecrets(properties)).filter(
      ([name, secret]) => findBrokenSecret(name, secret, kind) === null,
    )
    return { ...Object.fromEntries(imported), ...secrets }
  }
  const findErrors = async (
    draft: ConnectionDraft,
    secrets: Readonly<Record<string, string | null>>,
    kind: ProfileKind,
  ): Promise<SaveAnswer['errors']> => {
    const broken = Object.entries(secrets).flatMap(([name, secret]) => {
      const message = findBrokenSecret(name, secret, kind)
      return message === null ? [] : [{ name, message }]
    })
    const errors = [...checkChanges(draft.values, kind), ...broken]
    if (errors.length > 0 || Object.keys(secrets).length === 0) return errors
    const refusal = world.keyring ? await world.keyring.refusal() : 'cannot be kept here'
    return refusal === null ? [] : Object.keys(secrets).map((name) => ({ name, message: refusal }))
  }
  /** Secrets first: a profile whose values are new and whose secrets are not would sign in as somebody else. */
  const write = async (draft: ConnectionDraft, secrets: Readonly<Record<string, string | null>>): Promise<void> => {
    const names = Object.keys(secrets)
    const before = names.length === 0 ? {} : ((await world.keyring?.recall(draft.profile)) ?? {})
    if (names.length > 0) await world.keyring?.keep(draft.profile, secrets)
    try {
      saveChanges(folder, draft.profile, draft.values)
    } catch (error) {
      const back = Object.fromEntries(names.map((name) => [name, before[name] ?? null]))
      if (names.length > 0) await world.keyring?.keep(draft.profile, back)
      throw error
    }
  }

  return {
    async describe(name) {
      const view = await profiles.find(name)
      const profile = readProfile(folder, name)
      const kind = readKind(profile)
      const secrets = await recallSecrets(world, name, profile)
      const running = await readProfileSettings(world, name)
      const saved = resolveSettings({ profile, environment: {}, flags: [], secrets })
      const offered = settingTable.filter((entry) => acceptsSetting(kind, entry))
      return {
        profile: name,
        title: view.title,
        kind: kind.kind,
        isLocked: view.isLocked,
        isCurrent: view.isCurrent,
        fields: offered.flatMap((entry) => describeField(entry, kind, running, saved) ?? []),
        cannotKeepSecrets: world.keyring
          ? await world.keyring.refusal()
          : 'secrets are kept in the keyring by the desktop app; here they come from environment variables or files',
      }
    },
    async save(draft) {
      const view = await profiles.find(draft.profile)
      if (view.isLocked) {
        throw new Fault('setting', `profile "${draft.profile}" is locked`, { domain: 'user', hint: 'unlock it first' })
      }
      const kind = readKind(readProfile(folder, draft.profile))
      const secrets = gatherSecrets(draft, kind)
      const errors = await findErrors(draft, secrets, kind)
      if (errors.length > 0) return { saved: false, errors }
      await write(draft, secrets)
      return { saved: true, errors: [] }
    },
    async readDraft(draft) {
      await profiles.find(draft.profile)
      const profile = readProfile(folder, draft.profile)
      const kept = await recallSecrets(world, draft.profile, profile)
      const typed = gatherSecrets(draft, readKind(profile))
      const secrets = Object.entries({ ...kept, ...typed }).flatMap(([name, secret]) =>
        secret === null ? [] : [[name, secret] as const],
      )
      return resolveSettings({
        profile: applyChanges(profile, draft.values),
        environment: world.environment,
        flags: [],
        secrets: Object.fromEntries(secrets),
      })
    },
  }
}
