import { z } from 'zod'
import type { Service } from './profile-kind.ts'

/** One setting: its dotted name, what it may be, its default and what it is for. */
export interface SettingEntry {
  readonly name: string
  readonly schema: z.ZodType<SettingValue>
  readonly kind: 'number' | 'boolean' | 'text' | 'choice'
  readonly choices?: readonly string[]
  readonly default: SettingValue
  readonly doc: string
  /** Never in a profile file, never printed, never sent to a page: keyring, environment or a secret file. */
  readonly isSecret: boolean
  /** The server it is about; profiles that do not use that refuse it and ignore its variables. */
  readonly service: Service | null
  /** Further environment variables that mean it, in order of precedence. */
  readonly aliases: readonly string[]
  /** The environment only fills it where the profile says nothing: it never turns a profile to another server. */
  readonly isAddress: boolean
}

export type SettingValue = number | boolean | string

interface NumberBounds {
  readonly min: number
  readonly max?: number
  readonly integer?: boolean
}

const plain = { isSecret: false, service: null, aliases: [], isAddress: false } as const

export function numberSetting(name: string, fallback: number, bounds: NumberBounds, doc: string): SettingEntry {
  let schema = z.number({ error: 'must be a number' }).min(bounds.min, { error: `must be at least ${bounds.min}` })
  if (bounds.max !== undefined) schema = schema.max(bounds.max, { error: `must be at most ${bounds.max}` })
  if (bounds.integer ?? true) schema = schema.refine(Number.isSafeInteger, { error: 'must be a whole number' })
  return { ...plain, name, schema, kind: 'number', default: fallback, doc }
}

export const shareSetting = (name: string, doc: string): SettingEntry =>
  numberSetting(name, 0, { min: 0, max: 1, integer: false }, doc)

export function choiceSetting(name: string, choices: readonly [string, ...string[]], doc: string): SettingEntry {
  const schema = z.enum(choices, { error: `must be one of ${choices.join(', ')}` })
  return { ...plain, name, schema, kind: 'choice', choices, default: choices[0], doc }
}

export function booleanSetting(name: string, fallback: boolean, doc: string): SettingEntry {
  const schema = z.boolean({ error: 'must be true or false' })
  return { ...plain, name, schema, kind: 'boolean', default: fallback, doc }
}

export function textSetting(
  name: string,
  fallback: string,
  rule: RegExp | ((text: string) => boolean),
  message: string,
  doc: string,
): SettingEntry {
  const keepsRule = typeof rule === 'function' ? rule : (text: string): boolean => rule.test(text)
  const schema = z.string({ error: 'must be text' }).refine(keepsRule, { error: message })
  return { ...plain, name, schema, kind: 'text', default: fallback, doc }
}

/** Any text; empty where there is none. */
export const anyTextSetting = (name: string, doc: string): SettingEntry =>
  textSetting(name, '', () => true, 'must be text', doc)

/** Texts with commas between them; a profile file may have a JSON array. */
export function listSetting(
  name: string,
  keepsRule: (text: string) => boolean,
  message: string,
  doc: string,
): SettingEntry {
  const list = z.array(z.string()).transform((parts) => parts.join(','))
  const schema = z
    .union([z.string(), list], { error: 'must be text, or a list of texts' })
    .refine(keepsRule, { error: message })
  return { ...plain, name, schema, kind: 'text', default: '', doc }
}

export const secretSetting = (name: string, doc: string): SettingEntry => ({
  ...anyTextSetting(name, `${doc} (secret)`),
  isSecret: true,
})

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

export const zoneSetting = (name: string, doc: string): SettingEntry =>
  textSetting(name, 'UTC', isZone, 'must be an IANA time zone such as Europe/Oslo', doc)

/** The entry as one of a service. */
export const of = (service: Service, entry: SettingEntry): SettingEntry => ({ ...entry, service })

/** The entry as the address of a server, or what opens its door; `aliases` are further variables that mean it. */
export const address = (service: Service, entry: SettingEntry, aliases: readonly string[] = []): SettingEntry => ({
  ...entry,
  service,
  aliases,
  isAddress: true,
})
