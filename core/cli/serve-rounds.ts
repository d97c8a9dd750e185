import { toFault } from '../base/fault.ts'
import type { OpenInputs } from '../host/public.ts'
import type { SwitchFailure } from '../protocol/cluster.ts'
import { say } from './output.ts'

/** Settings and paths of another profile, as the command was given. @throws Fault `setting` */
export type Reopen = (profile: string) => OpenInputs

/** What is served, and the profile that was served before it. */
export interface Round {
  readonly inputs: OpenInputs
  readonly before: OpenInputs | null
  readonly failure: SwitchFailure | null
}

export const describeFailure = (profile: string, error: unknown): SwitchFailure => {
  const { hint, message } = toFault(error, 'the profile could not be opened')
  say(`storepulse: profile ${profile} could not be opened: ${message}`)
  return { profile, message, hint: hint ?? null }
}

/** The round after a page asked for another profile. Links, sessions and the port stay as they are. */
export function switchRound(round: Round, profile: string, reopen: Reopen): Round {
  try {
    const next = reopen(profile)
    say(`storepulse: opening profile ${profile}`)
    const inputs = { ...next, paths: { ...next.paths, serve: round.inputs.paths.serve } }
    return { inputs, before: profile === round.inputs.profile ? round.before : round.inputs, failure: null }
  } catch (error) {
    return { ...round, failure: describeFailure(profile, error) }
  }
}
