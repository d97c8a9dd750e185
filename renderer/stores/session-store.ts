import { createStore, type StoreApi } from 'zustand/vanilla'
import type { OwnerInfo } from '../../core/protocol/commands.ts'
import type { BackfillView } from '../../core/protocol/views.ts'
import type { Client, ClientStatus } from '../bridge/client.ts'

/** The connection, who answers on it, and the host's time. */
export interface Session {
  readonly status: ClientStatus
  readonly owner: OwnerInfo | null
  readonly backfill: BackfillView | null
  /** The host's wall clock, a second at a time; null before the first board. */
  readonly nowMs: number | null
  /** Counts the profiles this page has shown: what was on screen for one is none of the next one's. */
  readonly generation: number
}

export type SessionStore = StoreApi<Session>

export const createSessionStore = (client: Client): SessionStore =>
  createStore<Session>(() => ({ status: client.status(), owner: null, backfill: null, nowMs: null, generation: 0 }))

/** Whether commands that write are refused to this viewer. */
export const isViewOnly = (session: Session): boolean => session.owner?.role === 'view'
