import { maskSecrets } from '../base/redact.ts'
import { describeProfile, type ProfileDescription } from '../settings/profiles.ts'
import { listLacks, listNotes } from '../settings/lacks.ts'
import { readProfile } from '../settings/profile.ts'
import { resolveSettings } from '../settings/settings.ts'
import { type SettingValue, settingTable } from '../settings/table.ts'
import { formatTable, writeJson, writeOut } from './output.ts'

const placeNames = {
  'local-log': 'the local log',
  kafka: 'Kafka',
  duckdb: 'the embedded warehouse',
  postgres: 'PostgreSQL',
  memory: 'memory',
} as const

const longestValue = 80

/** On one line, and no longer than a line. */
function shorten(value: SettingValue): string {
  const text = maskSecrets(String(value)).replaceAll(/\s+/g, ' ')
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text
}

/** What a profile is, by what `profile show --json` calls it. */
export const summariseProfile = (description: ProfileDescription): object => {
  const { colour, extends: parent, isLocked, kind, name, title } = description
  const { eventsFrom, rowsTo } = kind
  return { name, title, kind: kind.kind, extends: parent, colour, locked: isLocked, eventsFrom, rowsTo }
}

const describeFacts = ({ extends: parent, file, isLocked, kind, paths, title }: ProfileDescription): string =>
  [
    ['title', title],
    ['kind', `${kind.kind}${parent === null ? '' : ` (extends ${parent})`}${isLocked ? ', locked' : ''}`],
    ['events from', placeNames[kind.eventsFrom]],
    ['rows to', placeNames[kind.rowsTo]],
    ['file', file],
    ['data', paths.root],
  ]
    .map(([label = '', text = '']) => `${label.padEnd(12)}${text}\n`)
    .join('')

/** Prints what a profile is, its settings that are no defaults, and what it lacks; a secret only as dots. */
export async function showProfile(
  home: string,
  name: string,
  options: { readonly set: readonly string[]; readonly json?: boolean },
): Promise<void> {
  const description = describeProfile(home, name)
  const { file, kind, paths } = description
  const profile = readProfile(paths.profiles, name)
  const settings = resolveSettings({ profile, environment: process.env, flags: options.set })
  const changed = settingTable
    .map((entry) => ({ name: entry.name, value: settings.shown(entry.name), source: settings.source(entry.name) }))
    .filter(({ source }) => source !== 'default')
  const lacks = listLacks(settings, process.env)
  const notes = listNotes(settings, process.env)
  if (options.json) {
    await writeJson({
      ...summariseProfile(description),
      writes: kind.writes,
      file,
      directory: paths.root,
      settings: Object.fromEntries(changed.map((one) => [one.name, { value: one.value, source: one.source }])),
      notes,
      lacks: lacks.map(({ hint, message }) => ({ message, hint: hint ?? null })),
    })
    return
  }
  await writeOut(describeFacts(description))
  const rows = changed.map((one) => [one.name, shorten(one.value), one.source])
  if (rows.length > 0) await writeOut(`\n${formatTable(['setting', 'value', 'from'], rows)}\n`)
  for (const note of notes) await writeOut(`\n${note}\n`)
  for (const { hint, message } of lacks) await writeOut(`\n${message}\n${hint === undefined ? '' : `  ${hint}\n`}`)
}
