import { Fault } from '../../base/fault.ts'
import type { Duckdb } from '../../duckdb/connection.ts'
import { isInstanceLost, toDuckdbFault } from '../../duckdb/fault.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'

/**
 * Holds the open database: one session that writes, one that reads, two for user SQL.
 *
 * 1. When DuckDB gives its instance up because the disk was full, the file is opened anew at the next use.
 * 2. When it does for any other reason, the file counts as damaged, and every later use says so.
 */
export interface Holder {
  write<Result>(doing: string, work: (session: DuckdbSession) => Promise<Result>): Promise<Result>
  /** Reads in one transaction. */
  read<Result>(doing: string, work: (session: DuckdbSession) => Promise<Result>): Promise<Result>
  /** Waits for one of the guests' sessions. */
  visit<Result>(signal: AbortSignal, work: (session: DuckdbSession) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

export const sessionCount = 4

const closedFault = (): Fault => new Fault('internal', 'the warehouse is closed')

/** @param first the open database; @param reopen opens it again */
export function createHolder(first: Duckdb, reopen: () => Promise<Duckdb>): Holder {
  let current: Promise<Duckdb> = Promise.resolve(first)
  let lost: Duckdb | null = null
  let damaged: Fault | null = null
  let isClosed = false
  let nextGuest = 0

  const replace = async (database: Duckdb): Promise<Duckdb> => {
    await database.close()
    return await reopen()
  }
  const find = async (): Promise<Duckdb> => {
    if (damaged) throw damaged
    if (isClosed) throw closedFault()
    if (lost) {
      const database = lost
      lost = null
      const next = replace(database)
      current = next
      next.catch(() => {
        lost = database
      })
    }
    return await current
  }
  const judge = (error: unknown, doing: string, database: Duckdb): Fault => {
    const fault = toDuckdbFault(error, doing)
    const cause = fault.cause ?? error
    if (fault.code === 'warehouse-damaged') damaged ??= fault
    else if (isInstanceLost(cause)) lost = database
    return fault
  }
  const use = async <Result>(
    index: number,
    doing: string,
    work: (session: DuckdbSession) => Promise<Result>,
  ): Promise<Result> => {
    const database = await find()
    const session = database.sessions[index]
    if (!session) throw closedFault()
    return await session.turn(async () => {
      if (isClosed) throw closedFault()
      try {
        return await work(session)
      } catch (error) {
        throw judge(error, doing, database)
      }
    })
  }

  return {
    write: (doing, work) => use(0, doing, work),
    read: (doing, work) => use(1, doing, (session) => session.transaction(() => work(session))),
    visit(signal, work) {
      nextGuest = (nextGuest + 1) % 2
      return use(2 + nextGuest, 'the query failed', async (session) => {
        if (signal.aborted) throw new Fault('cancelled', 'the query was cancelled', { domain: 'user' })
        return await work(session)
      })
    },
    async close() {
      if (isClosed) return
      isClosed = true
      const database = lost ?? (await current)
      await database.close()
    },
  }
}
