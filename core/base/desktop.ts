/** What the command asks whoever can open the desktop app, and what came of it. */
export interface DesktopRequest {
  /** Opens the window even where the sandbox of its pages cannot start. */
  readonly allowsNoSandbox: boolean
  readonly dataDirectory: string
  readonly profile: string
  /** The profile was asked for by name. */
  readonly isProfileChosen: boolean
  /** `name=value`, as given on the command line. */
  readonly flags: readonly string[]
}

export type DesktopOutcome =
  /** The window was there and is closed. */
  | { readonly kind: 'ended'; readonly exitCode: number }
  /** No window can be; why, as a sentence without a full stop. */
  | { readonly kind: 'none'; readonly reason: string }

/** Opens the desktop app and waits for its end, which `signal` asks for. */
export type OpenDesktop = (request: DesktopRequest, signal: AbortSignal) => Promise<DesktopOutcome>
