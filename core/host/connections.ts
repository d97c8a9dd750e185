import { Fault, toFault } from '../base/fault.ts'
import type { CommandName, FeedName } from '../protocol/commands.ts'
import type { ClientMessage, HostMessage, WireFault } from '../protocol/wire.ts'
import type { Caller } from './caller.ts'
import { requestSchemas } from './requests.ts'

/** One side of a transport: plain messages in order. */
export interface Connection {
  /** Who is on the other side; absent = somebody who can reach the data directory, which is its user. */
  readonly caller?: Caller
  send(message: HostMessage): void
  /** Bytes queued and not yet taken by the other side: a viewer that lags gets fewer updates, not a backlog. */
  pendingBytes(): number
}

/** What takes the messages of a connection, and its end. */
export interface Served {
  /** @param who on whose behalf, where that is not who the connection is from */
  receive(message: ClientMessage, who?: string): void
  end(): void
}

/** Answers any number of connections: runs their requests, and remembers which feeds each of them wants. */
export interface Connections {
  connect(connection: Connection): Served
  isWatched(feed: FeedName): boolean
  /** Every feed somebody subscribed to. */
  watchedFeeds(): ReadonlySet<FeedName>
  /** Sends a feed's value to all who subscribed to it and do not lag, and to who subscribes while it is the newest. */
  publish(feed: FeedName, value: unknown): void
  /** What was published is not the newest any more: who subscribes from now on waits for the next. */
  forget(): void
  /** Refuses what comes from now on, as not done; resolves when what was begun is answered. */
  close(): Promise<void>
}

/** Puts off what would end the connection until the answer has gone out. */
export type AfterAnswer = (act: () => void) => void

export interface ConnectionsParts {
  /** `who` is undefined for the user of this process. */
  readonly run: (
    command: CommandName,
    payload: unknown,
    signal: AbortSignal,
    who: string | undefined,
    afterAnswer: AfterAnswer,
  ) => Promise<unknown>
  /** Called after each subscription and its end. */
  readonly onWatchChange: () => void
}

const mostPendingBytes = 1_048_576

export const describeFault = (fault: Fault): WireFault => ({
  code: fault.code,
  message: fault.message,
  hint: fault.hint ?? null,
  retry: fault.retry,
})

/** Whoever answers a greeting does not know what this viewer may do. */
function addRole({ caller }: Connection, command: CommandName, result: unknown): unknown {
  const isGreeting = command === 'hello' && typeof result === 'object'
  return isGreeting && caller ? { ...result, role: caller.role } : result
}

export function createConnections({ run, onWatchChange }: ConnectionsParts): Connections {
  const watchers = new Map<Connection, Set<FeedName>>()
  const newest = new Map<FeedName, unknown>()
  const answering = new Set<Promise<void>>()
  let isClosing = false

  const answer = async (
    connection: Connection,
    message: Extract<ClientMessage, { kind: 'request' }>,
    signal: AbortSignal,
    who: string | undefined,
  ): Promise<void> => {
    try {
      if (isClosing) throw new Fault('closing', 'the owner is about to end', { retry: true })
      if (!Object.hasOwn(requestSchemas, message.command)) {
        throw new Fault('usage', `there is no command "${message.command}"`, { domain: 'user' })
      }
      const acts: (() => void)[] = []
      const result = await run(message.command, message.payload, signal, who, (act) => acts.push(act))
      connection.send({ kind: 'response', id: message.id, result: addRole(connection, message.command, result) })
      for (const act of acts) act()
    } catch (error) {
      connection.send({ kind: 'failure', id: message.id, fault: describeFault(toFault(error, message.command)) })
    }
  }

  const isWatched = (feed: FeedName): boolean => [...watchers.values()].some((feeds) => feeds.has(feed))
  const noteWatchChange = (): void => {
    for (const feed of newest.keys()) if (!isWatched(feed)) newest.delete(feed)
    onWatchChange()
  }
  const subscribe = (connection: Connection, feeds: Set<FeedName>, feed: FeedName): void => {
    feeds.add(feed)
    if (newest.has(feed)) connection.send({ kind: 'feed', feed, value: newest.get(feed) })
  }

  return {
    connect(connection) {
      const feeds = new Set<FeedName>()
      const running = new Map<number, AbortController>()
      watchers.set(connection, feeds)
      return {
        receive(message, who = connection.caller?.who) {
          if (message.kind === 'subscribe') subscribe(connection, feeds, message.feed)
          else if (message.kind === 'unsubscribe') feeds.delete(message.feed)
          else if (message.kind === 'cancel') running.get(message.id)?.abort()
          else {
            const abort = new AbortController()
            running.set(message.id, abort)
            const answered = answer(connection, message, abort.signal, who).finally(() => {
              running.delete(message.id)
              answering.delete(answered)
            })
            answering.add(answered)
          }
          noteWatchChange()
        },
        end() {
          for (const abort of running.values()) abort.abort()
          watchers.delete(connection)
          noteWatchChange()
        },
      }
    },
    isWatched,
    watchedFeeds: () => new Set([...watchers.values()].flatMap((feeds) => [...feeds])),
    publish(feed, value) {
      newest.set(feed, value)
      for (const [connection, feeds] of watchers) {
        if (feeds.has(feed) && connection.pendingBytes() < mostPendingBytes) {
          connection.send({ kind: 'feed', feed, value })
        }
      }
    },
    forget: () => newest.clear(),
    async close() {
      isClosing = true
      for (const connection of watchers.keys()) connection.send({ kind: 'closing' })
      await Promise.all(answering)
      watchers.clear()
    },
  }
}
