import type { CachedBoard } from './cache.ts'

/** Who wants boards. The same board twice in a row, read and pushed, is delivered once. */
export interface Listeners {
  readonly size: number
  add(listener: (cached: CachedBoard) => void): () => void
  deliver(cached: CachedBoard): void
}

interface Entry {
  readonly listener: (cached: CachedBoard) => void
  seen: CachedBoard | null
}

/** Publishers may have different clocks: a later board can have an earlier time. */
const isSame = (left: CachedBoard, right: CachedBoard | null): boolean =>
  left.publishedAtMs === right?.publishedAtMs && left.board === right.board

export function createListeners(): Listeners {
  const all = new Set<Entry>()
  return {
    get size() {
      return all.size
    },
    add(listener) {
      const entry: Entry = { listener, seen: null }
      all.add(entry)
      return () => {
        all.delete(entry)
      }
    },
    deliver(cached) {
      for (const entry of all) {
        if (isSame(cached, entry.seen)) continue
        entry.seen = cached
        entry.listener(cached)
      }
    },
  }
}
