import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { formatCents, formatInstant } from '../metrics/board.ts'
import type { WarehouseStats } from '../protocol/board.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** How long a board waits for what it could show of an earlier answer. */
const patienceMs = 1_000
/** The last board of all is worth waiting for, within the time that an end may take. */
const lastPatienceMs = 3_000

async function readWarehouseStats(warehouse: Warehouse): Promise<WarehouseStats> {
  const stats = await warehouse.readStats()
  return {
    windows: stats.windows,
    transactions: stats.transactions,
    revenue: formatCents(stats.cents),
    stores: stats.stores,
    latestWindow: formatInstant(stats.latestWindowMs),
  }
}

/**
 * What a warehouse holds, as a board shows it. A server that does not answer gives what it last said: just then a board
 * is needed, to say why nothing is written.
 */
export function createStoredStats(clock: Clock): (warehouse: Warehouse, isLast?: boolean) => Promise<WarehouseStats> {
  let known: WarehouseStats | null = null
  let isOverdue = false

  /** Null where it may be told later. */
  const ask = async (warehouse: Warehouse): Promise<WarehouseStats | null> => {
    try {
      known = await readWarehouseStats(warehouse)
      return known
    } catch (error) {
      if (known && error instanceof Fault && error.retry) return null
      throw error
    }
  }

  return async (warehouse, isLast = false) => {
    if (known && isOverdue && !isLast) return known
    const waiting = new AbortController()
    const asked = ask(warehouse).finally(() => {
      isOverdue = false
      waiting.abort()
    })
    if (!known) return (await asked) ?? (await readWarehouseStats(warehouse))
    const late = clock.sleep(isLast ? lastPatienceMs : patienceMs, waiting.signal).then(() => {
      isOverdue = !waiting.signal.aborted
      return null
    })
    return (await Promise.race([asked, late.then(() => (isOverdue ? null : asked))])) ?? known
  }
}
