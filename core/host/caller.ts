import { userInfo } from 'node:os'
import type { Role } from '../protocol/commands.ts'

/** Who is on the other side of a connection. */
export interface Caller {
  /** As the audit trail names it. */
  readonly who: string
  readonly role: Role
}

/** The user of this process, by the name the system knows. */
export function describeUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a user that its system has no name for.
    return `user ${process.getuid?.() ?? 'of this computer'}`
  }
}
