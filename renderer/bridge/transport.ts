import type { PageMessage } from '../../core/protocol/bridge.ts'

/** Why a transport ended: the other side is gone, or it no longer knows us. */
export type CloseReason = 'lost' | 'signed-out'

/** What a transport tells the client. After `onClose` it says nothing more. */
export interface TransportEvents {
  readonly onOpen: () => void
  readonly onMessage: (message: unknown) => void
  readonly onClose: (reason: CloseReason) => void
}

/** One connection to the host. Messages arrive in order, or the connection closes. */
export interface Transport {
  send(message: PageMessage): void
  /** Ends it without `onClose`. */
  close(): void
}

export type OpenTransport = (events: TransportEvents) => Transport
