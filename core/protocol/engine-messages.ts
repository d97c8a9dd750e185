import type { Alert } from './board.ts'

/** Main process → engine. A `page` comes with the port of a page that wants to be served. */
export type EngineOrder =
  | { readonly kind: 'open'; readonly start: EngineStart }
  | { readonly kind: 'page' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'stop' }

/** What the engine opens. */
export interface EngineStart {
  readonly dataDirectory: string
  readonly profile: string
  /** `name=value`, as given on the command line. */
  readonly flags: readonly string[]
  readonly version: string
  /** The engine before this one, where it ended by itself: why, and when. */
  readonly previous: { readonly reason: string; readonly atMs: number } | null
}

/** Engine → main process. */
export type EngineNews =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'alert'; readonly alert: Alert }
  | { readonly kind: 'resolved'; readonly id: string }
  | { readonly kind: 'failed'; readonly message: string; readonly hint: string | null }
