import type { OwnerInfo } from '../protocol/commands.ts'
import type { RemoteClient } from './client.ts'
import { createProfileHandlers, createProfileRunner } from './cluster-handlers.ts'
import type { Host } from './host.ts'
import { type OwnedDirectory, patienceMs, pauseMs, refuseOwned, tryToAttach, tryToOwn } from './open.ts'
import type { OpenInputs } from './open-inputs.ts'
import { createRemoteHost } from './remote-host.ts'
import { describeProfileParts } from './station-host.ts'

/** A data directory another process owns, seen through that process. */
export interface SharedDirectory {
  readonly host: Host
  /** Who owned it when this was opened. */
  readonly owner: OwnerInfo
  /** Resolves when that process has gone, or this was closed. */
  readonly ownerLeft: Promise<void>
  close(): Promise<void>
}

/** A short command may hold the directory for a moment: to own it is better than to look through that. */
const sharePatienceMs = 750

/**
 * Owns the directory, or looks at it through whoever does.
 *
 * @throws Fault `owned` after at most 1.5 s when the owner cannot be reached, naming process and command
 */
export async function openShared(inputs: OpenInputs): Promise<OwnedDirectory | SharedDirectory> {
  const { clock, logger, paths } = inputs
  const sinceMs = clock.monotonicMs()
  while (true) {
    const owned = await tryToOwn(inputs)
    if (owned) return owned
    const waitedMs = clock.monotonicMs() - sinceMs
    const first = waitedMs >= sharePatienceMs ? await tryToAttach(paths) : null
    if (first) {
      const attach = async (): Promise<RemoteClient | null> => (await tryToAttach(paths))?.client ?? null
      const runHere = createProfileRunner(createProfileHandlers(describeProfileParts(inputs)))
      const host = createRemoteHost({ first: first.client, attach, runHere, clock, logger })
      return { host, owner: first.owner, ownerLeft: first.client.closed, close: () => host.close() }
    }
    if (waitedMs >= patienceMs) throw await refuseOwned(paths)
    await clock.sleep(pauseMs)
  }
}
