import type { SettingView } from '../../../core/protocol/views.ts'

type Value = SettingView['value']

/** Values typed and not saved, by name. */
export type Edits = Readonly<Record<string, Value>>

/** What is typed in a number's field as the number it means, or as it is, so that the engine's own rule refuses it. */
function readTyped(setting: SettingView, value: Value): Value {
  if (setting.kind !== 'number' || typeof value !== 'string') return value
  const text = value.trim()
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : text
}

/** With one value typed; typed back to what it is, it is no edit any more. */
export function edit(edits: Edits, setting: SettingView, value: Value): Edits {
  const { [setting.name]: _before, ...others } = edits
  return String(value) === String(setting.value) ? others : { ...others, [setting.name]: value }
}

/** What to save: values as the engine takes them, null where the default is meant, which leaves the file. */
export function toSave(
  edits: Edits,
  settings: readonly SettingView[],
): Readonly<Record<string, number | boolean | string | null>> {
  return Object.fromEntries(
    settings.flatMap((setting) => {
      const value = edits[setting.name]
      if (value === undefined) return []
      const typed = readTyped(setting, value)
      return [[setting.name, typed === setting.default ? null : typed]]
    }),
  )
}

/** Settings whose name or purpose holds every word of the search. */
export function findSettings(settings: readonly SettingView[], search: string): readonly SettingView[] {
  const parts = search.toLowerCase().split(/\s+/).filter(Boolean)
  return settings.filter(({ name, doc }) => parts.every((part) => `${name} ${doc}`.toLowerCase().includes(part)))
}

/** Settings by the first part of their names, in the order of the table. */
export function groupSettings(settings: readonly SettingView[]): ReadonlyMap<string, readonly SettingView[]> {
  const groups = new Map<string, readonly SettingView[]>()
  for (const setting of settings) {
    const section = setting.name.split('.')[0] ?? ''
    groups.set(section, [...(groups.get(section) ?? []), setting])
  }
  return groups
}
