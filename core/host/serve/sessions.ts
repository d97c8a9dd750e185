import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Role } from '../../protocol/commands.ts'
import { type Grant, hashSecret, isSecret, openVault, type RandomBytes } from './vault.ts'

/** Who is signed in. */
export interface Session extends Grant {
  /** Names the session without giving it away. */
  readonly id: string
}

export interface Sessions {
  /** Signs somebody in. Returns the cookie's value. */
  open(role: Role): Promise<string>
  /** The session whose cookie has that value, or null when there is none (any more). */
  find(secret: string): Session | null
}

export const sessionLifeMs = 30 * 86_400_000

/** Opens the sessions kept in a folder: those of earlier runs go on. */
export async function openSessions(folder: string, clock: Clock, randomBytes: RandomBytes): Promise<Sessions> {
  const vault = await openVault(join(folder, 'sessions'), clock, randomBytes)
  const grants = new Map(await vault.readAll())
  return {
    async open(role) {
      for (const [id, grant] of grants) if (grant.expiresAtMs <= clock.nowMs()) grants.delete(id)
      const { secret, expiresAtMs } = await vault.add(role, sessionLifeMs)
      grants.set(hashSecret(secret), { role, expiresAtMs })
      return secret
    },
    find(secret) {
      if (!isSecret(secret)) return null
      const id = hashSecret(secret)
      const grant = grants.get(id)
      return grant && grant.expiresAtMs > clock.nowMs() ? { ...grant, id } : null
    },
  }
}
