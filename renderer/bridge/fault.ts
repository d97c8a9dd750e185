import type { WireFault } from '../../core/protocol/wire.ts'

/** A command that was refused or failed, with what to do next. */
export type CommandFault = Error & WireFault

export const createCommandFault = (fault: WireFault): CommandFault => Object.assign(new Error(fault.message), fault)

const isCommandFault = (error: unknown): error is CommandFault => error instanceof Error && 'hint' in error

/** Any thrown value as a fault that can be shown. */
export function toCommandFault(error: unknown): CommandFault {
  if (isCommandFault(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  return createCommandFault({ code: 'internal', message, hint: null, retry: false })
}
