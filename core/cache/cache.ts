/**
 * The cache: the latest board and the last hour's series for any number of watchers, so that they need not ask the
 * warehouse. Nobody depends on it: without it a watcher reads its own source.
 *
 * 1. No call ever waits for the cache's server, and none throws. While it is away, publishing does nothing and reading
 *    gives null; it comes back by itself.
 * 2. At most one board a second leaves; of several the newest.
 * 3. A board goes with its publisher: it is held for a time to live, which each one renews.
 * 4. A watcher sees boards in the order they were published, each at most once.
 */
export interface Cache {
  /**
   * Publishes a board.
   *
   * @param board its JSON text; the cache does not look into it
   * @param series JSON text of the last hour's series
   */
  publishBoard(board: string, series: string): void
  /** The newest board, or null when there is none, or nobody who could say. */
  readBoard(): Promise<CachedBoard | null>
  /** Calls `listener` with the newest board there is, and with each later one; returns its undo. */
  subscribe(listener: (cached: CachedBoard) => void): () => void
  readonly state: CacheState
  /** Resolves with the state once the first try to connect has ended. */
  settled(): Promise<CacheState>
  close(): Promise<void>
}

export interface CachedBoard {
  readonly board: string
  readonly series: string
  /** When it was handed over for publishing, by its publisher's clock. */
  readonly publishedAtMs: number
}

export type CacheState =
  | { readonly status: 'on' }
  /** Why, and what to do, each one lower-case sentence. */
  | { readonly status: 'off'; readonly reason: string; readonly hint: string | null }

/** Shortest time between two boards that leave. */
export const leastPauseMs = 1_000
