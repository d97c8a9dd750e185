import { settingTable } from '../../../core/settings/table.ts'
import type { SaveSettingsAnswer, SettingView } from '../../../core/protocol/views.ts'

type Value = SettingView['value']

/** Settings as the engine describes and checks them, kept in memory. */
export interface DemoSettings {
  describe(): readonly SettingView[]
  save(values: Readonly<Record<string, Value | null>>): SaveSettingsAnswer
}

const atNextStart = /^(log|warehouse|serve)\./

export function createSettings(): DemoSettings {
  const kept = new Map<string, Value>([['generator.stores', 10]])
  return {
    describe: () =>
      // Those of servers are on Connections.
      settingTable
        .filter(({ name, service }) => service === null && !name.startsWith('archive.'))
        .map((entry) => ({
          name: entry.name,
          kind: entry.kind,
          choices: entry.choices ?? [],
          value: kept.get(entry.name) ?? (entry.name === 'generator.seed' ? 7 : entry.default),
          default: entry.default,
          source: entry.name === 'generator.seed' ? 'environment' : kept.has(entry.name) ? 'profile' : 'default',
          doc: entry.doc,
          needsRestart: atNextStart.test(entry.name),
        })),
    save(values) {
      const errors = Object.entries(values).flatMap(([name, value]) => {
        const entry = settingTable.find((known) => known.name === name)
        if (!entry) return [{ name, message: 'is not a setting' }]
        const checked = value === null ? null : entry.schema.safeParse(value)
        return checked === null || checked.success
          ? []
          : [{ name, message: checked.error.issues[0]?.message ?? 'does not keep its rule' }]
      })
      if (errors.length > 0) return { saved: false, errors }
      for (const [name, value] of Object.entries(values)) {
        if (value === null) kept.delete(name)
        else kept.set(name, value)
      }
      return { saved: true, errors: [] }
    },
  }
}
