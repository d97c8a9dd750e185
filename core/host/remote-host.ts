import type { Clock } from '../base/clock.ts'
import { describeError, Fault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { CommandName, Commands, FeedName } from '../protocol/commands.ts'
import { describeUser } from './caller.ts'
import type { RemoteClient } from './client.ts'
import { type AfterAnswer, createConnections } from './connections.ts'
import type { Host } from './host.ts'

export interface RemoteHostParts {
  /** The connection to begin with. */
  readonly first: RemoteClient
  /** A new connection to whoever owns the data directory now, or null while nobody can be reached. */
  readonly attach: () => Promise<RemoteClient | null>
  /** Runs what is this process's own matter; null for what is the owner's. */
  readonly runHere?: (
    command: CommandName,
    payload: unknown,
    afterAnswer: AfterAnswer,
    who: string,
  ) => Promise<unknown> | null
  readonly clock: Clock
  readonly logger: Logger
}

const pauseMs = 250

/**
 * A host in another process, reached through its socket: requests and feeds are passed on.
 *
 * 1. When the owner goes away, what waits for it fails with `unreachable` and may be asked again; feeds fall silent.
 * 2. It is looked for four times a second; once there is one again, feeds go on by themselves.
 */
export function createRemoteHost({ attach, clock, first, logger, runHere }: RemoteHostParts): Host {
  const stopping = new AbortController()
  let client: RemoteClient | null = first
  let watching = new Map<FeedName, () => void>()

  const updateWatch = (): void => {
    const wanted = connections.watchedFeeds()
    for (const [feed, unwatch] of watching) {
      if (wanted.has(feed)) continue
      unwatch()
      watching.delete(feed)
    }
    for (const feed of wanted) {
      if (!client || watching.has(feed)) continue
      watching.set(
        feed,
        client.watch(feed, (value) => connections.publish(feed, value)),
      )
    }
  }
  const run = async <Name extends CommandName>(
    command: Name,
    payload: Commands[Name]['request'],
    signal?: AbortSignal,
    who?: string,
  ): Promise<Commands[Name]['response']> => {
    if (client) return client.run(command, payload, signal, who)
    throw new Fault('unreachable', 'whoever owned the data directory is away', {
      retry: true,
      hint: 'start `storepulse run`, or `storepulse serve` anew',
    })
  }
  const connections = createConnections({
    run: async (command, payload, signal, who, afterAnswer) =>
      runHere?.(command, payload, afterAnswer, who ?? describeUser()) ??
      // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- the owner checks it
      run(command, payload as Commands[CommandName]['request'], signal, who),
    onWatchChange: updateWatch,
  })
  const tryToAttach = async (): Promise<RemoteClient | null> => {
    try {
      return await attach()
    } catch (error) {
      logger.warn('the owner of the data directory cannot be reached', { reason: describeError(error) })
      return null
    }
  }
  const stayAttached = async (): Promise<void> => {
    while (true) {
      await client?.closed
      client = null
      watching = new Map()
      connections.forget()
      if (stopping.signal.aborted) return
      client = await tryToAttach()
      if (stopping.signal.aborted) await client?.close()
      else if (client) updateWatch()
      else await clock.sleep(pauseMs, stopping.signal)
    }
  }
  void stayAttached()

  return {
    run,
    connect: (connection) => connections.connect(connection),
    async close() {
      stopping.abort()
      void client?.close()
      await connections.close()
    },
  }
}
