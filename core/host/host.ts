import { Fault, toFault } from '../base/fault.ts'
import { repeatEvery } from '../base/clock.ts'
import type { Board } from '../protocol/board.ts'
import type { CommandName, Commands, FeedName } from '../protocol/commands.ts'
import type { ClientMessage, HostMessage, WireFault } from '../protocol/wire.ts'
import type { Handlers } from './handlers.ts'
import { requestSchemas } from './requests.ts'

/** One side of a transport: plain messages in order. */
export interface Connection {
  send(message: HostMessage): void
  /** Bytes queued and not yet taken by the other side: a viewer that lags gets fewer updates, not a backlog. */
  pendingBytes(): number
}

/** Runs commands and publishes feeds for any number of connections. */
export interface Host {
  /** Runs one command for the process itself. */
  run<Name extends CommandName>(
    command: Name,
    payload: Commands[Name]['request'],
    signal?: AbortSignal,
  ): Promise<Commands[Name]['response']>
  /** Starts serving a connection; the returned functions take its messages and its end. */
  connect(connection: Connection): { receive(message: ClientMessage): void; end(): void }
  /** Pushes a board at once, and ends all feeds. */
  close(): void
}

const feedMs = 250
const mostPendingBytes = 1_048_576

export const describeFault = (fault: Fault): WireFault => ({
  code: fault.code,
  message: fault.message,
  hint: fault.hint ?? null,
  retry: fault.retry,
})

/** @param board the newest board; asked for at most four times a second, and only while somebody watches */
export function createHost(handlers: Handlers, board: () => Promise<Board>): Host {
  const watchers = new Map<Connection, Set<FeedName>>()
  let isDrawing = false
  let stopFeed: (() => void) | null = null

  const run = <Name extends CommandName>(
    command: Name,
    payload: unknown,
    signal = new AbortController().signal,
  ): Promise<Commands[Name]['response']> => {
    const checked = requestSchemas[command].safeParse(payload)
    if (!checked.success) {
      const [issue] = checked.error.issues
      const at = issue ? `/${issue.path.join('/')}` : '/'
      throw new Fault('usage', `${command}: ${at} ${issue?.message ?? 'does not fit'}`, { domain: 'user' })
    }
    return handlers[command](checked.data, { signal })
  }

  const publish = async (): Promise<void> => {
    if (isDrawing) return
    isDrawing = true
    try {
      const value = await board()
      for (const [connection, feeds] of watchers) {
        if (feeds.has('board') && connection.pendingBytes() < mostPendingBytes) {
          connection.send({ kind: 'feed', feed: 'board', value })
        }
      }
    } finally {
      isDrawing = false
    }
  }
  const updateFeed = (): void => {
    const isWatched = [...watchers.values()].some((feeds) => feeds.size > 0)
    if (isWatched && !stopFeed) {
      // A board that cannot be drawn is missing from the feed; the command `status` tells why.
      stopFeed = repeatEvery(feedMs, () => void publish().catch(() => undefined))
    } else if (!isWatched && stopFeed) {
      stopFeed()
      stopFeed = null
    }
  }

  const answer = async (
    connection: Connection,
    message: Extract<ClientMessage, { kind: 'request' }>,
    signal: AbortSignal,
  ): Promise<void> => {
    try {
      if (!Object.hasOwn(requestSchemas, message.command)) {
        throw new Fault('usage', `there is no command "${String(message.command)}"`, { domain: 'user' })
      }
      const result = await run(message.command, message.payload, signal)
      connection.send({ kind: 'response', id: message.id, result })
    } catch (error) {
      connection.send({ kind: 'failure', id: message.id, fault: describeFault(toFault(error, message.command)) })
    }
  }

  return {
    run: async (command, payload, signal) => run(command, payload, signal),
    connect(connection) {
      const feeds = new Set<FeedName>()
      const running = new Map<number, AbortController>()
      watchers.set(connection, feeds)
      return {
        receive(message) {
          if (message.kind === 'subscribe') feeds.add(message.feed)
          else if (message.kind === 'unsubscribe') feeds.delete(message.feed)
          else if (message.kind === 'cancel') running.get(message.id)?.abort()
          else {
            const abort = new AbortController()
            running.set(message.id, abort)
            void answer(connection, message, abort.signal).finally(() => running.delete(message.id))
          }
          updateFeed()
        },
        end() {
          for (const abort of running.values()) abort.abort()
          watchers.delete(connection)
          updateFeed()
        },
      }
    },
    close() {
      stopFeed?.()
      stopFeed = null
      watchers.clear()
    },
  }
}
