import type { Keyring } from '../pipeline/public.ts'
import type { SwitchFailure } from '../protocol/cluster.ts'
import type { PipelineView } from '../protocol/views.ts'

/** What the program around an opened directory can do about profiles. */
export interface Shell {
  /** Why profiles cannot be switched here, or null where they can. */
  readonly cannotSwitch: string | null
  /** Ends what is open and opens that profile's directory instead. Returns before it does. */
  switchTo(profile: string): void
  /** What became of the last switch, where it failed. */
  readonly failure: SwitchFailure | null
  readonly keyring: Keyring | null
  /** The program's other processes. */
  readonly listProcesses?: () => PipelineView['processes']
}

/** A command that opens one profile and ends with it. */
export const fixedShell = (command: string): Shell => ({
  cannotSwitch: `\`${command}\` keeps the profile it was started with: end it and start it with --profile`,
  switchTo: () => undefined,
  failure: null,
  keyring: null,
})
