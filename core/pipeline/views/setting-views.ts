import type { SaveSettingsAnswer, SettingView } from '../../protocol/views.ts'
import { profileFile, readProfile } from '../../settings/profile.ts'
import { checkChanges, saveChanges, type SettingChanges, type SettingError } from '../../settings/save-profile.ts'
import { acceptsSetting, findDefault, resolveSettings, type Settings } from '../../settings/settings.ts'
import { type SettingEntry, settingTable } from '../../settings/table.ts'

export interface SettingViewParts {
  /** What this process runs with. */
  readonly settings: Settings
  readonly profilesDirectory: string
  readonly profile: string
  /** Window size of the rows there are, or null while there are none. */
  readonly storedWindowMs: () => Promise<number | null>
  /** Partitions the log was made with. */
  readonly partitions: number
}

/** The settings as the form shows them, and saving them. */
export interface SettingViews {
  describe(): { readonly settings: readonly SettingView[]; readonly file: string }
  save(changes: SettingChanges): Promise<SaveSettingsAnswer>
}

/** Only the pages use these, and they ask for them each time. */
const appliedLive = ['display.currency']

/**
 * A value is what the profile file says now, which most settings take up at the next start; where a flag or the
 * environment decides, it is theirs.
 */
export function createSettingViews(parts: SettingViewParts): SettingViews {
  const { profile, profilesDirectory, settings } = parts
  const file = profileFile(profilesDirectory, profile)
  const readSaved = (): Settings =>
    resolveSettings({ profile: readProfile(profilesDirectory, profile), environment: {}, flags: [] })

  const describe = (entry: SettingEntry, saved: Settings): SettingView => {
    const running = settings.source(entry.name)
    const isForced = running === 'flag' || running === 'environment'
    const from = isForced ? settings : saved
    return {
      name: entry.name,
      kind: entry.kind,
      choices: entry.choices ?? [],
      value: from.shown(entry.name),
      default: findDefault(settings.profile, entry),
      source: from.source(entry.name),
      doc: entry.doc,
      needsRestart: !appliedLive.includes(entry.name),
    }
  }
  /** What the data directory was made with stays: the next start would refuse anything else. */
  const checkFixed = async (changes: SettingChanges): Promise<readonly SettingError[]> => {
    const sizeMs = await parts.storedWindowMs()
    const fixed = [
      { name: 'window.sizeMs', value: sizeMs, why: 'the warehouse has rows of that size' },
      { name: 'log.partitions', value: parts.partitions, why: 'the log was made with that many' },
    ]
    return fixed.flatMap(({ name, value, why }) => {
      if (value === null || !Object.hasOwn(changes, name)) return []
      const wanted = changes[name] ?? settingTable.find((entry) => entry.name === name)?.default
      return wanted === value ? [] : [{ name, message: `must stay ${value}: ${why}` }]
    })
  }

  return {
    describe() {
      const saved = readSaved()
      // Those of servers have a page of their own.
      const offered = settingTable.filter(
        (entry) =>
          acceptsSetting(settings.profile, entry) && entry.service === null && !entry.name.startsWith('archive.'),
      )
      return { settings: offered.map((entry) => describe(entry, saved)), file }
    },
    async save(changes) {
      const broken = checkChanges(changes, settings.profile)
      const errors = broken.length > 0 ? broken : await checkFixed(changes)
      if (errors.length > 0) return { saved: false, errors }
      saveChanges(profilesDirectory, profile, changes)
      return { saved: true, errors: [] }
    },
  }
}
