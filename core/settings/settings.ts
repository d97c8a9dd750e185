import { Fault } from '../base/fault.ts'
import { environmentName, findSetting, type SettingEntry, type SettingValue, settingTable } from './table.ts'

/** Every setting's value, with typed access by dotted name. */
export interface Settings {
  number(name: string): number
  text(name: string): string
  flag(name: string): boolean
  /** Where a value came from. */
  source(name: string): SettingSource
}

export type SettingSource = 'default' | 'profile' | 'environment' | 'flag'

/** Untrusted values by source, lowest precedence first when applied: profile < environment < flag. */
export interface SettingInputs {
  /** Parsed profile file: nested objects by section. */
  readonly profile: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `name=value` pairs of --set. */
  readonly flags: readonly string[]
}

const pointerOf = (name: string): string => `/${name.replaceAll('.', '/')}`

function refuse(name: string, rule: string): Fault {
  return new Fault('setting', `${pointerOf(name)} ${rule}`, { domain: 'user' })
}

/** Checks one value against its rule. @throws Fault `setting` naming path and rule */
function check(entry: SettingEntry, value: unknown): SettingValue {
  const result = entry.schema.safeParse(value)
  if (result.success) return result.data
  throw refuse(entry.name, result.error.issues[0]?.message ?? 'does not keep its rule')
}

/** Reads the text of a flag or an environment variable as the setting's kind. */
function readText(entry: SettingEntry, text: string): unknown {
  if (entry.kind === 'number') return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text.trim()) ? Number(text) : text
  if (entry.kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return text
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Flattens a profile file's nested sections to dotted names. */
function flatten(section: Readonly<Record<string, unknown>>, prefix: string): readonly (readonly [string, unknown])[] {
  return Object.entries(section).flatMap(([key, value]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`
    return isObject(value) && findSetting(name) === null ? flatten(value, name) : [[name, value] as const]
  })
}

function unknownSetting(name: string): Fault {
  return refuse(name, 'is not a setting')
}

/**
 * Resolves all settings: flag > environment > profile file > default.
 *
 * @throws Fault `setting` for an unknown name or a value that breaks its rule; the message names path and rule
 */
export function resolveSettings(inputs: SettingInputs): Settings {
  const values = new Map<string, { value: SettingValue; source: SettingSource }>()
  for (const entry of settingTable) values.set(entry.name, { value: entry.default, source: 'default' })
  for (const [name, value] of flatten(inputs.profile, '')) {
    const entry = findSetting(name)
    if (!entry) throw unknownSetting(name)
    values.set(name, { value: check(entry, value), source: 'profile' })
  }
  for (const entry of settingTable) {
    const text = inputs.environment[environmentName(entry.name)]
    if (text !== undefined)
      values.set(entry.name, { value: check(entry, readText(entry, text)), source: 'environment' })
  }
  for (const pair of inputs.flags) {
    const at = pair.indexOf('=')
    if (at < 1) throw new Fault('usage', `--set takes name=value, not "${pair}"`, { domain: 'user' })
    const entry = findSetting(pair.slice(0, at))
    if (!entry) throw unknownSetting(pair.slice(0, at))
    values.set(entry.name, { value: check(entry, readText(entry, pair.slice(at + 1))), source: 'flag' })
  }
  return describe(values)
}

function describe(values: ReadonlyMap<string, { value: SettingValue; source: SettingSource }>): Settings {
  const find = (name: string): { value: SettingValue; source: SettingSource } => {
    const found = values.get(name)
    if (!found) throw unknownSetting(name)
    return found
  }
  const wrongKind = (name: string): Fault => new Fault('internal', `setting ${name} is read as another kind`)
  return {
    number(name) {
      const { value } = find(name)
      if (typeof value !== 'number') throw wrongKind(name)
      return value
    },
    text(name) {
      const { value } = find(name)
      if (typeof value !== 'string') throw wrongKind(name)
      return value
    },
    flag(name) {
      const { value } = find(name)
      if (typeof value !== 'boolean') throw wrongKind(name)
      return value
    },
    source: (name) => find(name).source,
  }
}
