import type { Clock } from '../../base/clock.ts'
import type { Cache, CachedBoard, CacheState } from '../cache.ts'
import { createListeners, type Listeners } from '../listeners.ts'
import { createPacer } from '../pacer.ts'

/** What several caches of one process share, as they would a server. */
export interface MemoryHub {
  held: { readonly cached: CachedBoard; readonly untilMs: number } | null
  readonly listeners: Set<Listeners>
}

export const createMemoryHub = (): MemoryHub => ({ held: null, listeners: new Set() })

export interface MemoryCacheOptions {
  readonly hub: MemoryHub
  readonly clock: Clock
  readonly ttlMs: number
}

/** A cache within the process. */
export function createMemoryCache({ clock, hub, ttlMs }: MemoryCacheOptions): Cache {
  const listeners = createListeners()
  hub.listeners.add(listeners)
  let closed = false
  const read = (): CachedBoard | null =>
    hub.held !== null && hub.held.untilMs > clock.monotonicMs() ? hub.held.cached : null
  const pacer = createPacer(clock, async (cached) => {
    hub.held = { cached, untilMs: clock.monotonicMs() + ttlMs }
    for (const others of hub.listeners) others.deliver(cached)
    return true
  })
  const describe = (): CacheState =>
    closed ? { status: 'off', reason: 'the cache is closed', hint: null } : { status: 'on' }
  return {
    publishBoard(board, series) {
      if (!closed) pacer.offer({ board, series, publishedAtMs: clock.nowMs() })
    },
    readBoard: async () => (closed ? null : read()),
    subscribe(listener) {
      const undo = listeners.add(listener)
      const cached = closed ? null : read()
      if (cached !== null) listeners.deliver(cached)
      return undo
    },
    get state() {
      return describe()
    },
    settled: async () => describe(),
    async close() {
      closed = true
      pacer.close()
      hub.listeners.delete(listeners)
    },
  }
}
