import { Fault } from '../base/fault.ts'
import type { OwnerInfo } from '../protocol/commands.ts'
import {
  type AppendRecord,
  openStation,
  type OwnerHold,
  readOwner,
  type Station,
  takeOwnership,
} from '../pipeline/public.ts'
import type { DataPaths } from '../settings/data-directory.ts'
import { type Client, connectToSocket, createLocalClient, type RemoteClient } from './client.ts'
import type { Host } from './host.ts'
import type { OpenInputs } from './open-inputs.ts'
import { mayRun } from './roles.ts'
import { listenOnSocket } from './socket-server.ts'
import { createStationHost } from './station-host.ts'

export type { OpenInputs } from './open-inputs.ts'

/** A data directory this process owns, served to others over its socket. */
export interface OwnedDirectory {
  readonly station: Station
  readonly host: Host
  readonly client: Client
  /** Ends the station (committing for at most `drainMs`), the socket and the ownership, in this order. */
  close(drainMs: number): Promise<void>
}

/** Commands on a data directory, whoever owns it. */
export interface Access {
  readonly client: Client
  append(records: readonly AppendRecord[]): Promise<void>
  sync(): Promise<void>
  /** The opened directory where this process owns it, else null. */
  readonly owned: OwnedDirectory | null
  close(): Promise<void>
}

/** A short command may hold the directory for a moment: waited for this long. */
export const patienceMs = 1_500
export const pauseMs = 50
/** An owner that ends waits at most this long for answers on their way. */
const answersMs = 1_000

/** Returns how to end it. */
async function listenAndAnnounce(
  { clock, command, logger }: OpenInputs,
  hold: OwnerHold,
  host: Host,
): Promise<() => Promise<void>> {
  const stopListening = await listenOnSocket(hold.socket, host, logger)
  try {
    const startedAt = new Date(clock.nowMs()).toISOString()
    await hold.announce({ processId: process.pid, command, socket: hold.socket, startedAt })
    return stopListening
  } catch (error) {
    await stopListening()
    throw error
  }
}

async function serveDirectory(inputs: OpenInputs, hold: OwnerHold): Promise<OwnedDirectory> {
  const { clock } = inputs
  const station = await openStation(inputs)
  const host = createStationHost(inputs, station)
  const stopListening = await listenAndAnnounce(inputs, hold, host).catch(async (error: unknown) => {
    // What is open would keep the process, and nobody could reach it.
    await host.close()
    await station.stop(0)
    throw error
  })
  let closing: Promise<void> | null = null
  const end = async (drainMs: number): Promise<void> => {
    try {
      // A long query of somebody else's must not hold the end up.
      const answered = new AbortController()
      await Promise.race([host.close(), clock.sleep(answersMs, answered.signal)])
      answered.abort()
      await station.stop(drainMs)
    } finally {
      await stopListening()
      await hold.release()
    }
  }
  const close = (drainMs: number): Promise<void> => {
    closing ??= end(drainMs)
    return closing
  }
  return { station, host, client: createLocalClient(host, () => close(0)), close }
}

/** Owns the directory, or gives null where another process does. */
export async function tryToOwn(inputs: OpenInputs): Promise<OwnedDirectory | null> {
  const hold = await takeOwnership(inputs.paths)
  if (!hold) return null
  try {
    return await serveDirectory(inputs, hold)
  } catch (error) {
    await hold.release()
    throw error
  }
}

/** Says who owns the directory. */
export async function refuseOwned(paths: DataPaths): Promise<Fault> {
  const owner = await readOwner(paths)
  const by = owner ? `process ${owner.processId} (${owner.command})` : 'another process'
  return new Fault('owned', `the data directory ${paths.root} is owned by ${by}`, {
    hint: 'stop it first, or choose another with --data-dir',
  })
}

/** Owns the directory, or says who does. @throws Fault `owned` after at most 1.5 s, naming process and command */
export async function openOwned(inputs: OpenInputs): Promise<OwnedDirectory> {
  const untilMs = inputs.clock.monotonicMs() + patienceMs
  while (true) {
    const owned = await tryToOwn(inputs)
    if (owned) return owned
    if (inputs.clock.monotonicMs() >= untilMs) throw await refuseOwned(inputs.paths)
    await inputs.clock.sleep(pauseMs)
  }
}

/** A connection to whoever owns the directory. */
interface Attached {
  readonly client: RemoteClient
  readonly owner: OwnerInfo
}

/** Connects to the owner, or gives null where there is none to be reached. */
export async function tryToAttach(paths: DataPaths): Promise<Attached | null> {
  const owner = await readOwner(paths)
  if (!owner) return null
  try {
    const client = await connectToSocket(owner.socket)
    return { client, owner: await client.run('hello', {}) }
  } catch (error) {
    // The owner has just gone, or has not begun to listen: the lock decides on the next try.
    if (error instanceof Fault && (error.code === 'unreachable' || error.code === 'closing')) return null
    throw error
  }
}

function describeAttached(client: Client): Access {
  const encode = (bytes: Uint8Array | null): string | null => (bytes ? Buffer.from(bytes).toString('base64') : null)
  return {
    client,
    owned: null,
    async append(records) {
      const wire = records.map(({ topic, key, value }) => ({ topic, key: encode(key), value: encode(value) }))
      await client.run('append', { records: wire })
    },
    async sync() {
      await client.run('sync', {})
    },
    close: () => client.close(),
  }
}

function describeOwned(inputs: OpenInputs, owned: OwnedDirectory): Access {
  const { log } = owned.station
  return {
    client: owned.client,
    owned,
    append: (records) => log.append(records, { appendedAtMs: inputs.clock.nowMs(), origin: 'import' }),
    sync: () => log.sync(),
    close: () => owned.close(0),
  }
}

async function openOnce(inputs: OpenInputs): Promise<Access> {
  const untilMs = inputs.clock.monotonicMs() + patienceMs
  while (true) {
    const attached = await tryToAttach(inputs.paths)
    if (attached) return describeAttached(attached.client)
    const owned = await tryToOwn(inputs)
    if (owned) return describeOwned(inputs, owned)
    if (inputs.clock.monotonicMs() >= untilMs) throw await refuseOwned(inputs.paths)
    await inputs.clock.sleep(pauseMs)
  }
}

/** Owners may come and go under one command for this long before it gives up. */
const followMs = 10_000

/**
 * Goes through the owner where there is one, else owns the directory for as long as the command takes. When the owner
 * ends in between, what it did not do is done over: all it refused, and of what it left unanswered whatever only looks.
 */
export async function openAccess(inputs: OpenInputs): Promise<Access> {
  let current = await openOnce(inputs)
  const follow = async <Result>(onlyLooks: boolean, work: (access: Access) => Promise<Result>): Promise<Result> => {
    const untilMs = inputs.clock.monotonicMs() + followMs
    while (true) {
      try {
        return await work(current)
      } catch (error) {
        const isUndone =
          error instanceof Fault &&
          (error.code === 'closing' || (error.code === 'unreachable' && (onlyLooks || error.detail['undone'] === true)))
        if (!isUndone || inputs.clock.monotonicMs() >= untilMs) throw error
        await current.close()
        // The one that ends is still there for a moment.
        await inputs.clock.sleep(pauseMs)
        current = await openOnce(inputs)
      }
    }
  }
  return {
    client: {
      run: (command, payload, signal) =>
        follow(mayRun('view', command), (access) => access.client.run(command, payload, signal)),
      watchBoard: (listener) => current.client.watchBoard(listener),
      close: () => current.close(),
    },
    append: (records) => follow(false, (access) => access.append(records)),
    sync: () => follow(true, (access) => access.sync()),
    get owned() {
      return current.owned
    },
    close: () => current.close(),
  }
}
