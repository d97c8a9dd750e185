import { repeatEvery } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Board } from '../protocol/board.ts'
import type { CommandName, Commands } from '../protocol/commands.ts'
import { type Connection, createConnections, type Served } from './connections.ts'
import type { Handlers } from './handlers.ts'
import { requestSchemas } from './requests.ts'

/** Runs commands and publishes feeds for any number of connections. */
export interface Host {
  /** Runs one command for the process itself. */
  run<Name extends CommandName>(
    command: Name,
    payload: Commands[Name]['request'],
    signal?: AbortSignal,
  ): Promise<Commands[Name]['response']>
  /** Starts serving a connection; the returned functions take its messages and its end. */
  connect(connection: Connection): Served
  /** Ends all feeds and takes no more requests; resolves when those that were begun are answered. */
  close(): Promise<void>
}

const feedMs = 250

/** @param board the newest board; asked for at most four times a second, and only while somebody watches */
export function createHost(handlers: Handlers, board: () => Promise<Board>): Host {
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
      connections.publish('board', await board())
    } finally {
      isDrawing = false
    }
  }
  const updateFeed = (): void => {
    const isWatched = connections.isWatched('board')
    if (isWatched && !stopFeed) {
      // A board that cannot be drawn is missing from the feed; the command `status` tells why.
      stopFeed = repeatEvery(feedMs, () => void publish().catch(() => undefined))
    } else if (!isWatched && stopFeed) {
      stopFeed()
      stopFeed = null
    }
  }
  const connections = createConnections({
    run: async (command, payload, signal) => run(command, payload, signal),
    onWatchChange: updateFeed,
  })

  return {
    run: async (command, payload, signal) => run(command, payload, signal),
    connect: (connection) => connections.connect(connection),
    async close() {
      stopFeed?.()
      stopFeed = null
      await connections.close()
    },
  }
}
