import type { CommandName, FeedName } from './commands.ts'

/** A fault as it crosses a border. */
export interface WireFault {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly retry: boolean
}

/** Client → host. */
export type ClientMessage =
  | {
      readonly kind: 'request'
      readonly id: number
      readonly command: CommandName
      readonly payload: unknown
      /** On whose behalf; only believed of who can reach the data directory itself. */
      readonly who?: string
    }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'subscribe'; readonly feed: FeedName }
  | { readonly kind: 'unsubscribe'; readonly feed: FeedName }

/** Host → client. */
export type HostMessage =
  | { readonly kind: 'response'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly fault: WireFault }
  | { readonly kind: 'feed'; readonly feed: FeedName; readonly value: unknown }
  /** The host is about to end: what it has not answered when the connection closes it has not done. */
  | { readonly kind: 'closing' }
