import type { Clock } from '../base/clock.ts'
import { repeatEvery } from '../base/clock.ts'
import { describeError } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { Cache } from '../cache/cache.ts'
import type { AlertBook } from '../metrics/alerts.ts'
import type { Board, WarehouseStats } from '../protocol/board.ts'
import type { Series } from '../protocol/views.ts'
import type { Settings } from '../settings/settings.ts'
import { readRedisConnection } from '../settings/redis-connection.ts'

/**
 * The board shared through Redis: whoever processes a cluster publishes it, whoever watches reads it there and leaves the
 * database alone. Without Redis, or while it is gone, everybody looks for themselves.
 */
export interface Sharing {
  /** What the processing instance last said of the table; null while nobody does. */
  findStats(): WarehouseStats | null
  /** Begins to publish. */
  publish(read: () => Promise<{ readonly board: Board; readonly series: Series }>): void
  close(): Promise<void>
}

export interface SharingParts {
  readonly settings: Settings
  readonly clock: Clock
  readonly logger: Logger
  readonly alerts: AlertBook
}

const everyMs = 1_000
const alertId = 'cache'

const nothing: Sharing = { findStats: () => null, publish: () => undefined, close: async () => undefined }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** The part of a published board that is of use to another process. A board of some other version may lack it. */
function readStats(text: string): WarehouseStats | null {
  const board: unknown = JSON.parse(text)
  const stats = isObject(board) ? board['warehouse'] : null
  if (!isObject(stats)) return null
  const { latestWindow, revenue, stores, transactions, windows } = stats
  if (typeof windows !== 'number' || typeof transactions !== 'number' || typeof stores !== 'number') return null
  if (typeof revenue !== 'string' || (typeof latestWindow !== 'string' && latestWindow !== null)) return null
  return { windows, transactions, revenue, stores, latestWindow }
}

/** Opens the connection where the settings name a Redis. */
export async function openSharing({ alerts, clock, logger, settings }: SharingParts): Promise<Sharing> {
  const connection = settings.profile.services.includes('redis') ? readRedisConnection(settings) : null
  if (!connection) return nothing
  const { openRedisCache } = await import('../cache/redis/redis-cache.ts')
  const cache: Cache = openRedisCache(connection, { clock, logger })
  let shared: { readonly stats: WarehouseStats; readonly seenMs: number } | null = null
  const ends = [
    cache.subscribe(({ board }) => {
      const stats = readStats(board)
      shared = stats && { stats, seenMs: clock.monotonicMs() }
    }),
    repeatEvery(everyMs, () => {
      const { state } = cache
      if (state.status === 'on') return alerts.resolve(alertId, clock.nowMs())
      const message = `Redis is not used: ${state.reason}${state.hint === null ? '' : `; ${state.hint}`}`
      alerts.raise({ id: alertId, kind: 'fault', severity: 'warning', message }, clock.nowMs())
    }),
  ]
  return {
    findStats: () => (shared && clock.monotonicMs() - shared.seenMs <= connection.ttlMs ? shared.stats : null),
    publish(read) {
      const share = async (): Promise<void> => {
        const { board, series } = await read()
        cache.publishBoard(JSON.stringify(board), JSON.stringify(series))
      }
      ends.push(
        repeatEvery(everyMs, () => {
          share().catch((error: unknown) => logger.debug('no board to publish', { reason: describeError(error) }))
        }),
      )
    },
    async close() {
      for (const end of ends) end()
      await cache.close()
    },
  }
}
