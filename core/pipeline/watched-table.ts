import type { Clock } from '../base/clock.ts'
import { describeError } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { AlertBook } from '../metrics/alerts.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/**
 * A table of somebody else's, for looking at. It is opened when somebody first looks, and again after a while where that
 * failed: everything else works without it.
 */
export interface WatchedTable {
  /** Null where there is none, or none that answers. */
  find(): Promise<Warehouse | null>
  close(): Promise<void>
}

export interface WatchedTableParts {
  readonly open: () => Promise<Warehouse | null>
  readonly alerts: AlertBook
  readonly clock: Clock
  readonly logger: Logger
}

const againMs = 10_000
const alertId = 'watched-table'

export function createWatchedTable({ alerts, clock, logger, open }: WatchedTableParts): WatchedTable {
  let opened: Promise<Warehouse | null> | null = null
  let failedAtMs = -Infinity

  const tryToOpen = async (): Promise<Warehouse | null> => {
    try {
      const table = await open()
      alerts.resolve(alertId, clock.nowMs())
      return table
    } catch (error) {
      failedAtMs = clock.monotonicMs()
      opened = null
      const message = `the table in PostgreSQL cannot be read: ${describeError(error)}`
      logger.warn(message)
      alerts.raise({ id: alertId, kind: 'fault', severity: 'warning', message }, clock.nowMs())
      return null
    }
  }
  return {
    async find() {
      if (!opened && clock.monotonicMs() - failedAtMs < againMs) return null
      opened ??= tryToOpen()
      return await opened
    },
    async close() {
      await (await opened)?.close()
    },
  }
}
