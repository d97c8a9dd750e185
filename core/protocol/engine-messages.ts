import type { Alert } from './board.ts'
import type { SwitchFailure } from './cluster.ts'
import type { PipelineView } from './views.ts'

/** Main process → engine. A `page` comes with the port of a page that wants to be served. */
export type EngineOrder =
  | { readonly kind: 'open'; readonly start: EngineStart }
  | { readonly kind: 'page' }
  | { readonly kind: 'ping' }
  /** The app's other processes, now and then. */
  | { readonly kind: 'processes'; readonly processes: PipelineView['processes'] }
  | { readonly kind: 'stop' }
  /** Answers a `recall`: the secrets that the keyring keeps for a profile, or why it does not give them. */
  | {
      readonly kind: 'recalled'
      readonly id: number
      readonly secrets: Readonly<Record<string, string>>
      readonly refusal: string | null
    }
  /** Answers a `keep`: null, or why nothing was kept. */
  | { readonly kind: 'kept'; readonly id: number; readonly refusal: string | null }

/** What the engine opens. */
export interface EngineStart {
  readonly dataDirectory: string
  readonly profile: string
  /** `name=value`, as given on the command line. */
  readonly flags: readonly string[]
  readonly version: string
  /** The engine before this one, where it ended by itself: why, and when. */
  readonly previous: { readonly reason: string; readonly atMs: number } | null
  /** The profile's secrets by the names of their settings. */
  readonly secrets: Readonly<Record<string, string>>
  /** Why secrets cannot be kept on this computer, or null. */
  readonly cannotKeepSecrets: string | null
  /** It was switched to: flags that mean nothing to it stay behind. */
  readonly isSwitched: boolean
  /** The profile that could not be opened before this one. */
  readonly failure: SwitchFailure | null
}

/** Engine → main process. */
export type EngineNews =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'alert'; readonly alert: Alert }
  | { readonly kind: 'resolved'; readonly id: string }
  /** Asks to be ended, and for an engine with that profile. */
  | { readonly kind: 'switch'; readonly profile: string }
  | { readonly kind: 'recall'; readonly id: number; readonly profile: string }
  /** Secrets to keep, or with null to forget, in the keyring. */
  | {
      readonly kind: 'keep'
      readonly id: number
      readonly profile: string
      readonly changes: Readonly<Record<string, string | null>>
    }
  | { readonly kind: 'failed'; readonly message: string; readonly hint: string | null }
