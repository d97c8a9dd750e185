import { CommanderError } from 'commander'
import { type Fault, type FaultCode, toFault } from '../base/fault.ts'
import { say } from './output.ts'

const codes: Partial<Readonly<Record<FaultCode, number>>> = {
  usage: 2,
  setting: 2,
  'schema-missing': 2,
  unreachable: 3,
  owned: 4,
  closing: 4,
}

/** The exit code of a fault: 1 failed, 2 wrong usage or setting, 3 cannot reach a server, 4 owned by another. */
export const exitCodeOf = (fault: Fault): number => codes[fault.code] ?? 1

/** Says what went wrong in one or two lines and returns the exit code. */
export function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const fault = toFault(error, 'storepulse')
  say(`storepulse: ${fault.message}`)
  if (fault.hint !== undefined) say(`  ${fault.hint}`)
  if (fault.domain === 'internal' && fault.stack !== undefined) say(fault.stack)
  return exitCodeOf(fault)
}
