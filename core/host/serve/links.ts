import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Role } from '../../protocol/commands.ts'
import { readServing } from './serving.ts'
import { openVault, type RandomBytes, type Vault } from './vault.ts'

/** How long a sign-in link may wait to be used. */
export const linkLifeMs = 600_000

/** The one-time tokens of a data directory, whichever of its processes makes or takes them. */
export const openLinks = (folder: string, clock: Clock, randomBytes: RandomBytes): Promise<Vault> =>
  openVault(join(folder, 'links'), clock, randomBytes)

/** A sign-in URL: the token is in the fragment, which no browser sends and no proxy logs. */
export const formatLink = (url: string, token: string): string => `${url}/#token=${token}`

/**
 * Makes a sign-in link of the server that runs on this data directory.
 *
 * @param folder the data directory's folder for serving
 * @throws Fault `not-found` when none runs
 */
export async function mintLink(
  parts: { readonly folder: string; readonly clock: Clock; readonly randomBytes: RandomBytes },
  role: Role,
): Promise<{ readonly url: string; readonly expiresAt: string }> {
  const serving = await readServing(parts.folder)
  if (!serving) {
    throw new Fault('not-found', 'nothing is served from this data directory', {
      domain: 'user',
      hint: 'start `storepulse serve` first; it prints a link of its own',
    })
  }
  const links = await openLinks(parts.folder, parts.clock, parts.randomBytes)
  const { secret, expiresAtMs } = await links.add(role, linkLifeMs)
  return { url: formatLink(serving.url, secret), expiresAt: new Date(expiresAtMs).toISOString() }
}
