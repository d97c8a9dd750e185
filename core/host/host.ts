import { Fault } from '../base/fault.ts'
import type { CommandName, Commands } from '../protocol/commands.ts'
import { describeUser } from './caller.ts'
import { type AfterAnswer, type Connection, createConnections, type Served } from './connections.ts'
import { createFeedPublisher, type FeedSources } from './feeds.ts'
import type { Handlers } from './handlers.ts'
import { requestSchemas } from './requests.ts'

/** Runs commands and publishes feeds for any number of connections. */
export interface Host {
  /** Runs one command, for the process itself unless `who` says for whom. */
  run<Name extends CommandName>(
    command: Name,
    payload: Commands[Name]['request'],
    signal?: AbortSignal,
    who?: string,
  ): Promise<Commands[Name]['response']>
  /** Starts serving a connection; the returned functions take its messages and its end. */
  connect(connection: Connection): Served
  /** Ends all feeds and takes no more requests; resolves when those that were begun are answered. */
  close(): Promise<void>
}

/** @param sources what is pushed, each read only while somebody watches it */
export function createHost(handlers: Handlers, sources: FeedSources): Host {
  const run = <Name extends CommandName>(
    command: Name,
    payload: unknown,
    signal = new AbortController().signal,
    who = describeUser(),
    afterAnswer: AfterAnswer = (act) => queueMicrotask(act),
  ): Promise<Commands[Name]['response']> => {
    const checked = requestSchemas[command].safeParse(payload)
    if (!checked.success) {
      const [issue] = checked.error.issues
      const at = issue ? `/${issue.path.join('/')}` : '/'
      throw new Fault('usage', `${command}: ${at} ${issue?.message ?? 'does not fit'}`, { domain: 'user' })
    }
    return handlers[command](checked.data, { signal, who, afterAnswer })
  }

  const connections = createConnections({
    run: async (command, payload, signal, who, afterAnswer) => run(command, payload, signal, who, afterAnswer),
    onWatchChange: () => feeds.update(),
  })
  const feeds = createFeedPublisher(sources, connections)

  return {
    run: async (command, payload, signal, who) => run(command, payload, signal, who),
    connect: (connection) => connections.connect(connection),
    async close() {
      feeds.close()
      await connections.close()
    },
  }
}
