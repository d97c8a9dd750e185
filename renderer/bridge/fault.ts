import { makeBrief } from '../../core/protocol/visible-text.ts'
import type { WireFault } from '../../core/protocol/wire.ts'

/** A command that was refused or failed, with what to do next. */
export type CommandFault = Error & WireFault

/** Longest message that is shown: what is refused may be quoted in it. */
const longestMessage = 2_000

export function createCommandFault(fault: WireFault): CommandFault {
  const message = makeBrief(fault.message, longestMessage)
  return Object.assign(new Error(message), { ...fault, message })
}

const isCommandFault = (error: unknown): error is CommandFault => error instanceof Error && 'hint' in error

/** Any thrown value as a fault that can be shown. */
export function toCommandFault(error: unknown): CommandFault {
  if (isCommandFault(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  return createCommandFault({ code: 'internal', message, hint: null, retry: false })
}
