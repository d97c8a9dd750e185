import { Fault } from '../base/fault.ts'
import { secretMask } from '../base/redact.ts'
import { readEnvironment } from './environment.ts'
import { flatten, readKind } from './profile-keys.ts'
import type { ProfileKind, Service } from './profile-kind.ts'
import { findSetting, type SettingEntry, type SettingValue, settingTable } from './table.ts'

/** Every setting's value, with typed access by dotted name. */
export interface Settings {
  /** What the profile they belong to does. */
  readonly profile: ProfileKind
  number(name: string): number
  /** @throws Fault `internal` for a secret, too: what is read by this may be shown */
  text(name: string): string
  flag(name: string): boolean
  /** A secret, empty where there is none. For whoever opens a connection; never to be shown, logged or sent. */
  secret(name: string): string
  /** The value as it may be shown anywhere: a secret that is set is dots. */
  shown(name: string): SettingValue
  /** What whoever starts this should know: variables that are set and were not used. Names only. */
  readonly notes: readonly string[]
  /** Where a value came from; a keyring counts as the profile it belongs to, a secret file as the environment. */
  source(name: string): SettingSource
}

export type SettingSource = 'default' | 'profile' | 'environment' | 'flag'

/** Untrusted values by source, lowest precedence first when applied: profile < environment < flag. */
export interface SettingInputs {
  /** Parsed profile file: nested objects by section, beside what it says about itself. */
  readonly profile: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `name=value` pairs of --set. */
  readonly flags: readonly string[]
  /** The profile's secrets by dotted name, out of the keyring. */
  readonly secrets?: Readonly<Record<string, string>>
}

interface Resolved {
  readonly value: SettingValue
  readonly source: SettingSource
}

const pointerOf = (name: string): string => `/${name.replaceAll('.', '/')}`

function refuse(name: string, rule: string, hint?: string): Fault {
  return new Fault('setting', `${pointerOf(name)} ${rule}`, { domain: 'user', ...(hint === undefined ? {} : { hint }) })
}

/** Checks one value against its rule. @throws Fault `setting` naming path and rule, never the value */
function check(entry: SettingEntry, value: unknown, hint?: string): SettingValue {
  const result = entry.schema.safeParse(value)
  if (result.success) return result.data
  throw refuse(entry.name, result.error.issues[0]?.message ?? 'does not keep its rule', hint)
}

/** Reads the text of a flag or an environment variable as the setting's kind. */
function readText(entry: SettingEntry, text: string): unknown {
  if (entry.kind === 'number') return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text.trim()) ? Number(text) : text
  if (entry.kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return text
}

const serviceNames: Readonly<Record<Service, string>> = {
  kafka: 'Kafka',
  postgres: 'PostgreSQL',
  redis: 'Redis',
  s3: 'S3',
}

/** Whether a profile of that kind has the setting at all: one that may send no events cannot be told to. */
export const acceptsSetting = ({ services, writes }: ProfileKind, { name, service }: SettingEntry): boolean =>
  service === null ? name !== 'generator.enabled' || writes.events !== 'none' : services.includes(service)

/** The entry a profile or a flag names. @throws Fault `setting` when there is none, or the profile has no use for it */
function findAccepted(kind: ProfileKind, name: string): SettingEntry {
  const entry = findSetting(name)
  if (!entry) throw refuse(name, 'is not a setting')
  if (acceptsSetting(kind, entry)) return entry
  if (entry.service === null) throw refuse(name, `is of no use: a profile of kind ${kind.kind} sends no events`)
  throw refuse(name, `is about ${serviceNames[entry.service]}, which a profile of kind ${kind.kind} does not use`)
}

function readProfileValues(kind: ProfileKind, { profile, secrets }: SettingInputs): ReadonlyMap<string, SettingValue> {
  const values = new Map<string, SettingValue>()
  for (const [name, value] of flatten(profile)) {
    const entry = findAccepted(kind, name)
    if (entry.isSecret) {
      const hint = 'keep it in the keyring, an environment variable or a secret file'
      throw refuse(name, 'is a secret and must not stand in a profile file', hint)
    }
    values.set(name, check(entry, value))
  }
  for (const [name, value] of Object.entries(secrets ?? {})) {
    const entry = findAccepted(kind, name)
    values.set(name, check(entry, value))
  }
  return values
}

/** Entry and text of each `name=value`. @throws Fault `usage` without a sign */
function splitFlag(pair: string): readonly [string, string] {
  const at = pair.indexOf('=')
  if (at >= 1) return [pair.slice(0, at), pair.slice(at + 1)]
  // What follows a name may be a secret that lost its sign.
  const shown = /^[\w.-]*/.exec(pair)?.[0] ?? ''
  throw new Fault('usage', `--set takes name=value, not "${shown}"`, { domain: 'user' })
}

function readFlags(kind: ProfileKind, flags: readonly string[]): ReadonlyMap<string, SettingValue> {
  const values = new Map<string, SettingValue>()
  for (const [name, text] of flags.map(splitFlag)) {
    const entry = findAccepted(kind, name)
    values.set(entry.name, check(entry, readText(entry, text)))
  }
  return values
}

/** The values of `name=value` pairs, whatever profile they are for. @throws Fault `setting` or `usage` */
export function readFlagValues(flags: readonly string[]): Readonly<Record<string, SettingValue>> {
  const values = flags.map(splitFlag).map(([name, text]) => {
    const entry = findSetting(name)
    if (!entry) throw refuse(name, 'is not a setting')
    return [name, check(entry, readText(entry, text))] as const
  })
  return Object.fromEntries(values)
}

/**
 * Resolves all settings: flag > environment > profile file or keyring > default, where some defaults depend on the kind
 * of the profile. The address of a server is only filled by the environment, never changed; and variables of services
 * that the profile does not use are not even read.
 *
 * @throws Fault `setting` for an unknown name or a value that breaks its rule; the message names path and rule
 */
export function resolveSettings(inputs: SettingInputs): Settings {
  const kind = readKind(inputs.profile)
  const ofProfile = readProfileValues(kind, inputs)
  const ofFlags = readFlags(kind, inputs.flags)
  const resolve = (entry: SettingEntry, usesService: boolean): Resolved => {
    const flag = ofFlags.get(entry.name)
    if (flag !== undefined) return { value: flag, source: 'flag' }
    const own = ofProfile.get(entry.name)
    const isSettled = entry.isAddress && own !== undefined
    const found = usesService && !isSettled ? readEnvironment(entry, inputs.environment) : null
    if (found) {
      const hint = found.isAlias ? `it comes from ${found.variable}` : undefined
      return { value: check(entry, readText(entry, found.text), hint), source: 'environment' }
    }
    return own === undefined
      ? { value: findDefault(kind, entry), source: 'default' }
      : { value: own, source: 'profile' }
  }
  const target = findSetting('archive.target')
  const usesS3 = target !== null && resolve(target, true).value === 's3'
  const uses = (entry: SettingEntry): boolean => (entry.service === 's3' ? usesS3 : acceptsSetting(kind, entry))
  const notes = settingTable
    .filter((entry) => entry.isAddress && uses(entry))
    .flatMap((entry) => {
      const own = ofFlags.has(entry.name) ? undefined : ofProfile.get(entry.name)
      const found = own === undefined ? null : readEnvironment(entry, inputs.environment)
      if (!found || found.text === own) return []
      return [`${found.variable} is not used: the profile has a ${entry.name} of its own`]
    })
  const values = new Map(settingTable.map((entry) => [entry.name, resolve(entry, uses(entry))]))
  return describe(kind, values, notes)
}

/** The default of a setting in a profile of that kind. */
export const findDefault = (kind: ProfileKind, entry: SettingEntry): SettingValue =>
  entry.name === 'generator.enabled' ? kind.generatesByDefault : entry.default

function describe(profile: ProfileKind, values: ReadonlyMap<string, Resolved>, notes: readonly string[]): Settings {
  const find = (name: string): Resolved => {
    const found = values.get(name)
    if (!found) throw refuse(name, 'is not a setting')
    return found
  }
  const wrongKind = (name: string): Fault => new Fault('internal', `setting ${name} is read as another kind`)
  const readSecrecy = (name: string, isSecret: boolean): string => {
    const { value } = find(name)
    if (typeof value !== 'string' || findSetting(name)?.isSecret !== isSecret) throw wrongKind(name)
    return value
  }
  return {
    profile,
    notes,
    number(name) {
      const { value } = find(name)
      if (typeof value !== 'number') throw wrongKind(name)
      return value
    },
    text: (name) => readSecrecy(name, false),
    flag(name) {
      const { value } = find(name)
      if (typeof value !== 'boolean') throw wrongKind(name)
      return value
    },
    secret: (name) => readSecrecy(name, true),
    shown(name) {
      const { value } = find(name)
      return findSetting(name)?.isSecret === true && value !== '' ? secretMask : value
    },
    source: (name) => find(name).source,
  }
}
