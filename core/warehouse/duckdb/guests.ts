import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { runGuestQuery } from '../../duckdb/guest-query.ts'
import type { QueryOptions, QueryResult } from '../warehouse.ts'
import type { Holder } from './holder.ts'
import { measureWork } from './memory.ts'

/** User SQL: a few statements at a time, beside everything else, within the warehouse's memory. */
export interface Guests {
  readonly count: number
  query(sql: string, options: QueryOptions): Promise<QueryResult>
  /** Ends all queries. */
  end(): void
}

const lookEveryMs = 20
/** DuckDB does not count long texts on their way to a result; the process does. So many times the limit is too much. */
const mostGrowth = 8
const bytesPerMb = 1_048_576

/**
 * @param clock times the queries
 * @param limitMb memory that all work of the warehouse together may hold while there are queries
 */
export function createGuests(holder: Holder, clock: Clock, limitMb: number): Guests {
  const running = new Set<AbortController>()
  let isWatching = false

  const end = (reason?: Fault): void => {
    for (const stop of running) stop.abort(reason)
  }
  const watch = async (): Promise<void> => {
    if (isWatching) return
    isWatching = true
    const residentMb = process.memoryUsage.rss() / bytesPerMb
    const isTooMuch = async (): Promise<boolean> =>
      process.memoryUsage.rss() / bytesPerMb > residentMb + mostGrowth * limitMb ||
      (await holder.watch(measureWork)) > limitMb
    try {
      while (running.size > 0) {
        await clock.sleep(lookEveryMs)
        if (running.size === 0 || !(await isTooMuch())) continue
        const message = `the query needs more than the ${limitMb} MB of memory that the warehouse may use`
        end(
          new Fault('refused', message, { domain: 'user', hint: 'ask for less at once, or raise warehouse.memoryMb' }),
        )
      }
    } finally {
      isWatching = false
    }
  }

  return {
    get count() {
      return running.size
    },
    async query(sql, { maxRows, signal, timeoutMs }) {
      const stop = new AbortController()
      const abort = (): void => stop.abort()
      if (signal?.aborted) abort()
      signal?.addEventListener('abort', abort, { once: true })
      running.add(stop)
      watch().catch((error: unknown) => end(error instanceof Fault ? error : undefined))
      try {
        return await holder.visit(stop.signal, (session) =>
          runGuestQuery(session, sql, { timeoutMs, maxRows, clock, signal: stop.signal }),
        )
      } finally {
        running.delete(stop)
        signal?.removeEventListener('abort', abort)
      }
    },
    end: () => end(),
  }
}
