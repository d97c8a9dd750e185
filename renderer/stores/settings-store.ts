import { createStore, type StoreApi } from 'zustand/vanilla'
import type { SettingView } from '../../core/protocol/views.ts'
import type { Client } from '../bridge/client.ts'
import { type CommandFault, toCommandFault } from '../bridge/fault.ts'

/** The engine's settings as the page knows them. */
export interface SettingsState {
  readonly settings: readonly SettingView[]
  readonly file: string
  readonly fault: CommandFault | null
}

export interface SettingsStore extends StoreApi<SettingsState> {
  load(): Promise<void>
  reset(): void
}

export function createSettingsStore(client: Client): SettingsStore {
  const first: SettingsState = { settings: [], file: '', fault: null }
  const store = createStore<SettingsState>(() => first)
  return {
    ...store,
    reset: () => store.setState(first),
    async load() {
      try {
        const { settings, file } = await client.request('describeSettings', {})
        store.setState({ settings, file, fault: null })
      } catch (error) {
        store.setState({ fault: toCommandFault(error) })
      }
    },
  }
}

const valueOf = (state: SettingsState, name: string): SettingView['value'] | undefined =>
  state.settings.find((setting) => setting.name === name)?.value

export const currencyOf = (state: SettingsState): string => {
  const value = valueOf(state, 'display.currency')
  return typeof value === 'string' ? value : 'USD'
}

export const windowMsOf = (state: SettingsState): number => {
  const value = valueOf(state, 'window.sizeMs')
  return typeof value === 'number' && value > 0 ? value : 60_000
}
