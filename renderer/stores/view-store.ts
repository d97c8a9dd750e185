import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ThemeChoice } from '../../core/protocol/bridge.ts'
import type { StoreSort } from '../../core/protocol/views.ts'
import { isRange, type Range } from './range.ts'

export const storeModes = ['table', 'chart', 'heat'] as const
export type StoreMode = (typeof storeModes)[number]

/** How the stores are listed. */
export interface StoreList {
  readonly mode: StoreMode
  readonly sort: StoreSort
  readonly descending: boolean
  readonly filter: string
}

/** How the viewer has set up the screen. Kept across starts, but for the pause. */
export interface View {
  readonly range: Range
  readonly compare: boolean
  readonly theme: ThemeChoice
  /** Single keys act. */
  readonly keys: boolean
  /** Alerts become notifications, where the browser was allowed to show them. */
  readonly notify: boolean
  /** The three lines of the first run were read. */
  readonly introduced: boolean
  readonly stores: StoreList
  /** The last place, as it stands behind the # of the address. */
  readonly route: string
}

/** What of `localStorage` is used. */
export interface KeyValueStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

export type ViewStore = StoreApi<View>

const storageKey = 'storepulse.view'
const themes: readonly ThemeChoice[] = ['system', 'dark', 'light']

export const firstView: View = {
  range: '1h',
  compare: false,
  theme: 'system',
  keys: true,
  notify: true,
  introduced: false,
  stores: { mode: 'table', sort: 'revenue', descending: true, filter: '' },
  route: '/overview',
}

const toObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

function readObject(text: string | null): Readonly<Record<string, unknown>> {
  try {
    return text === null ? {} : toObject(JSON.parse(text))
  } catch {
    // Something else wrote there: start afresh.
    return {}
  }
}

const storeSorts: readonly StoreSort[] = ['revenue', 'transactions', 'average', 'change', 'name', 'id', 'latest']

function readStoreList(value: unknown): StoreList {
  const { mode, sort, descending, filter } = toObject(value)
  const first = firstView.stores
  return {
    mode: storeModes.find((known) => known === mode) ?? first.mode,
    sort: storeSorts.find((known) => known === sort) ?? first.sort,
    descending: typeof descending === 'boolean' ? descending : first.descending,
    filter: typeof filter === 'string' ? filter : first.filter,
  }
}

/** A view from what was kept; whatever does not fit is as at the first start. */
export function readView(text: string | null): View {
  const kept = readObject(text)
  const flag = (name: 'compare' | 'keys' | 'notify' | 'introduced'): boolean => {
    const value = kept[name]
    return typeof value === 'boolean' ? value : firstView[name]
  }
  const { range, theme, route } = kept
  return {
    range: isRange(range) ? range : firstView.range,
    compare: flag('compare'),
    theme: themes.find((known) => known === theme) ?? firstView.theme,
    keys: flag('keys'),
    notify: flag('notify'),
    introduced: flag('introduced'),
    stores: readStoreList(kept['stores']),
    route: typeof route === 'string' && route.startsWith('/') ? route : firstView.route,
  }
}

/** Creates the store from what was kept, and keeps every change. */
export function createViewStore(storage: KeyValueStorage): ViewStore {
  const store = createStore<View>(() => readView(storage.getItem(storageKey)))
  store.subscribe((view) => storage.setItem(storageKey, JSON.stringify(view)))
  return store
}
