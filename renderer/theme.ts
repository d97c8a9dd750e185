import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ThemeChoice } from '../core/protocol/bridge.ts'
import type { ViewStore } from './stores/view-store.ts'

/** The theme that is on the screen: the chosen one, or the computer's. */
export interface ShownTheme {
  readonly shown: 'dark' | 'light'
}

export type ThemeStore = StoreApi<ShownTheme>

/** Keeps the document in the chosen theme. `onChoice` hears each choice, for surfaces outside of the page. */
export function followTheme(view: ViewStore, onChoice: (theme: ThemeChoice) => void): ThemeStore {
  const prefersLight = window.matchMedia('(prefers-color-scheme: light)')
  const resolve = (): ShownTheme => {
    const { theme } = view.getState()
    return { shown: theme === 'system' ? (prefersLight.matches ? 'light' : 'dark') : theme }
  }
  const store = createStore<ShownTheme>(resolve)
  const apply = (): void => {
    const next = resolve()
    document.documentElement.dataset['theme'] = next.shown
    store.setState(next)
  }
  apply()
  onChoice(view.getState().theme)
  prefersLight.addEventListener('change', apply)
  view.subscribe(({ theme }, before) => {
    if (theme === before.theme) return
    apply()
    onChoice(theme)
  })
  return store
}

export const nextTheme: Readonly<Record<ThemeChoice, ThemeChoice>> = { system: 'dark', dark: 'light', light: 'system' }
