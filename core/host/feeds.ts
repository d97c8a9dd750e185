import { repeatEvery } from '../base/clock.ts'
import type { FeedName, Feeds } from '../protocol/commands.ts'
import type { Connections } from './connections.ts'

/** Where the values of a feed come from. */
export interface FeedSource<Value> {
  /** How often it is asked, while somebody watches. */
  readonly everyMs: number
  readonly read: () => Promise<Value>
  /** What changes with the value: while it stays, nothing is sent. Without it every reading is sent. */
  readonly version?: () => unknown
}

/** A feed without a source stays silent. */
export type FeedSources = { readonly [Name in FeedName]?: FeedSource<Feeds[Name]> }

/** Publishes the feeds that are watched; the first who watches one gets its value at once. */
export interface FeedPublisher {
  /** To be called when somebody begins or ceases to watch. */
  update(): void
  close(): void
}

type Publish = Pick<Connections, 'isWatched' | 'publish'>

function publishFeed(name: FeedName, source: FeedSource<unknown>, connections: Publish): FeedPublisher {
  let stop: (() => void) | null = null
  let isReading = false
  let sent: { readonly version: unknown } | null = null

  const publish = async (): Promise<void> => {
    const version = source.version?.()
    if (isReading || (source.version && sent?.version === version && sent !== null)) return
    isReading = true
    try {
      connections.publish(name, await source.read())
      sent = { version }
    } finally {
      isReading = false
    }
  }
  // A value that cannot be read is missing from the feed; the command `status` tells why.
  const tryToPublish = (): void => void publish().catch(() => undefined)
  const close = (): void => {
    stop?.()
    stop = null
  }
  return {
    update() {
      const isWatched = connections.isWatched(name)
      if (isWatched && !stop) {
        sent = null
        stop = repeatEvery(source.everyMs, tryToPublish)
        tryToPublish()
      } else if (!isWatched) close()
    },
    close,
  }
}

export function createFeedPublisher(sources: FeedSources, connections: Publish): FeedPublisher {
  const { backfill, board, recent } = sources
  const feeds = [
    ...(board ? [publishFeed('board', board, connections)] : []),
    ...(recent ? [publishFeed('recent', recent, connections)] : []),
    ...(backfill ? [publishFeed('backfill', backfill, connections)] : []),
  ]
  return {
    update: () => feeds.forEach((feed) => feed.update()),
    close: () => feeds.forEach((feed) => feed.close()),
  }
}
