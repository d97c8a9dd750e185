import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ProfilesAnswer, ProfileView, SchemaPlanView } from '../../core/protocol/cluster.ts'
import type { Client } from '../bridge/client.ts'
import { type CommandFault, toCommandFault } from '../bridge/fault.ts'

/** The profiles there are, and the way from one to another. */
export interface ProfilesState {
  /** Null before the first answer. */
  readonly answer: ProfilesAnswer | null
  readonly fault: CommandFault | null
  /** The title of the profile that is being opened; null while none is. */
  readonly opening: string | null
  /** The viewer has taken note of the last switch's failure. */
  readonly isFailureRead: boolean
}

export interface ProfilesStore extends StoreApi<ProfilesState> {
  load(): Promise<void>
  /** Asks for another profile. Returns why it was refused, or null. */
  switchTo(profile: ProfileView, isConfirmed: boolean): Promise<CommandFault | null>
  /** What opening it would make in its database first; null where that is nothing, or only opening it can tell. */
  planSchema(profile: ProfileView): Promise<SchemaPlanView | null>
  /** Another profile's host answers: what was known of the profiles is still true, but for which is open. */
  reset(current: string): void
}

export function createProfilesStore(client: Client): ProfilesStore {
  const first: ProfilesState = { answer: null, fault: null, opening: null, isFailureRead: false }
  const store = createStore<ProfilesState>(() => first)
  return {
    ...store,
    async load() {
      try {
        const answer = await client.request('listProfiles', {})
        store.setState({ answer, fault: null, opening: null })
      } catch (error) {
        store.setState({ fault: toCommandFault(error) })
      }
    },
    async switchTo({ name, title }, isConfirmed) {
      try {
        store.setState({ opening: title, isFailureRead: false })
        await client.request('switchProfile', { profile: name, isConfirmed })
        return null
      } catch (error) {
        const fault = toCommandFault(error)
        // The connection may go before the answer: then it has begun.
        if (fault.code === 'disconnected') return null
        store.setState({ opening: null })
        return fault
      }
    },
    async planSchema({ kind, name }) {
      if (kind !== 'process') return null
      try {
        return (await client.request('planSchema', { profile: name })).plan
      } catch {
        // Whatever is in the way is in the way of opening it too, which says so.
        return null
      }
    },
    reset(current) {
      const { answer } = store.getState()
      const profiles = answer?.profiles.map((profile) => ({ ...profile, isCurrent: profile.name === current }))
      store.setState({ ...first, answer: answer && profiles ? { ...answer, profiles, failure: null } : null })
    },
  }
}

/** The profile that is open. */
export const currentProfile = ({ answer }: ProfilesState): ProfileView | null =>
  answer?.profiles.find(({ isCurrent }) => isCurrent) ?? null

/** Opening it asks for a second word: it is locked, or writes to a cluster. */
export const asksTwice = ({ isCurrent, isLocked, kind }: ProfileView): boolean =>
  !isCurrent && (isLocked || kind === 'process')
