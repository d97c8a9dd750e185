import { createContext, useContext, useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { PageCommandName, PageCommands } from '../core/protocol/bridge.ts'
import type { ProfileView } from '../core/protocol/cluster.ts'
import { createFormats, type Formats } from './format/formats.ts'
import type { Model } from './model.ts'
import type { BoardState } from './stores/board-store.ts'
import { createPoller, type PollState } from './stores/poller.ts'
import { currentProfile, type ProfilesState } from './stores/profiles-store.ts'
import { isViewOnly, type Session } from './stores/session-store.ts'
import { currencyOf } from './stores/settings-store.ts'
import type { TradeState } from './stores/trade-store.ts'
import type { View } from './stores/view-store.ts'
import { words } from './words.ts'

export const ModelContext = createContext<Model | null>(null)
export const FormatsContext = createContext<Formats | null>(null)

function useGiven<Value>(value: Value | null): Value {
  if (value === null) throw new Error('rendered outside of the app')
  return value
}

export const useModel = (): Model => useGiven(useContext(ModelContext))
export const useFormats = (): Formats => useGiven(useContext(FormatsContext))

export const useView = <Part>(select: (view: View) => Part): Part => useStore(useModel().view, select)
export const useBoard = <Part>(select: (state: BoardState) => Part): Part => useStore(useModel().board, select)
export const useSession = <Part>(select: (session: Session) => Part): Part => useStore(useModel().session, select)
export const useProfiles = <Part>(select: (state: ProfilesState) => Part): Part => useStore(useModel().profiles, select)
/** The profile that is open, or null while it is not known. */
export const useCurrentProfile = (): ProfileView | null => useProfiles(currentProfile)
/** Why nothing can be written here, in words; null where it can. */
export function useWriteRefusal(): string | null {
  const mayOnlyLook = useSession(isViewOnly)
  const isWatching = useCurrentProfile()?.kind === 'watch'
  if (mayOnlyLook) return words.quality.viewOnly
  return isWatching ? words.profile.readOnlyNote : null
}
export const useTrade = <Part>(select: (trade: TradeState) => Part): Part => useStore(useModel().trade, select)

/** Formats for the viewer's locale and zone and the engine's display currency. */
export function useCurrentFormats(model: Model): Formats {
  const currency = useStore(model.settings, currencyOf)
  return useMemo(() => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
    return createFormats({ locale: navigator.language, zone: timeZone, currency })
  }, [currency])
}

export interface Polled<Answer> extends PollState<Answer> {
  readonly reload: () => void
}

/**
 * Asks a command while the component is there, and again every so often.
 *
 * @param key names the question: when it changes it is asked anew, and the last answer stays until the next one
 * @param make the request as of now, or null while there is nothing to ask
 */
export function usePoll<Name extends PageCommandName>(
  command: Name,
  key: string,
  make: (() => PageCommands[Name]['request']) | null,
  everyMs: number | null,
): Polled<PageCommands[Name]['response']> {
  const { pollerWorld } = useModel()
  const [poller] = useState(() => createPoller(command, pollerWorld))
  useEffect(() => poller.stop, [poller])
  useEffect(() => {
    poller.ask(make, everyMs)
    // `make` is another function at each render; what it asks is in the key.
  }, [poller, key, everyMs])
  const state = useStore(poller)
  return { ...state, reload: poller.reload }
}
