import { Fault } from '../../base/fault.ts'
import type { Duckdb } from '../../duckdb/connection.ts'
import { isInstanceLost, isOutOfMemory, toDuckdbFault } from '../../duckdb/fault.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'

/**
 * Holds the open database: one session that writes, one that reads, one that watches, two for user SQL.
 *
 * 1. When DuckDB gives its instance up because the disk was full or memory ran out, or memory ran out while it wrote,
 *    the file is opened anew at the next use: what is in memory may no longer be what was committed.
 * 2. When it does for any other reason, the file counts as damaged, and every later use says so.
 */
export interface Holder {
  write<Result>(doing: string, work: (session: DuckdbSession) => Promise<Result>): Promise<Result>
  /** Reads in one transaction. */
  read<Result>(doing: string, work: (session: DuckdbSession) => Promise<Result>): Promise<Result>
  /** Looks at the instance itself, not at what it holds. */
  watch<Result>(work: (session: DuckdbSession) => Promise<Result>): Promise<Result>
  /** Writes while nobody reads. */
  workAlone<Result>(doing: string, work: (session: DuckdbSession) => Promise<Result>): Promise<Result>
  /** Waits for one of the guests' sessions. */
  visit<Result>(signal: AbortSignal, work: (session: DuckdbSession) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

export const sessionCount = 5
const writer = 0
const reader = 1
const watcher = 2
const guests = [3, 4] as const

const closedFault = (): Fault => new Fault('internal', 'the warehouse is closed')

/** @param first the open database; @param reopen opens it again */
export function createHolder(first: Duckdb, reopen: () => Promise<Duckdb>): Holder {
  let current: Promise<Duckdb> = Promise.resolve(first)
  let lost: Duckdb | null = null
  let damaged: Fault | null = null
  let isClosed = false
  let visits = 0

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
  const judge = (error: unknown, doing: string, index: number, database: Duckdb): Fault => {
    const fault = toDuckdbFault(error, doing)
    const cause = fault.cause ?? error
    if (fault.code === 'warehouse-damaged') damaged ??= fault
    else if (isInstanceLost(cause) || (index === writer && isOutOfMemory(fault))) lost = database
    return fault
  }
  const take = async <Result>(
    database: Duckdb,
    index: number,
    doing: string,
    work: (session: DuckdbSession) => Promise<Result>,
  ): Promise<Result> => {
    const session = database.sessions[index]
    if (!session) throw closedFault()
    return await session.turn(async () => {
      if (isClosed) throw closedFault()
      try {
        return await work(session)
      } catch (error) {
        throw judge(error, doing, index, database)
      }
    })
  }
  const use = async <Result>(
    index: number,
    doing: string,
    work: (session: DuckdbSession) => Promise<Result>,
  ): Promise<Result> => await take(await find(), index, doing, work)

  return {
    write: (doing, work) => use(writer, doing, work),
    read: (doing, work) => use(reader, doing, (session) => session.transaction(() => work(session))),
    watch: (work) => use(watcher, 'the memory in use could not be measured', work),
    async workAlone(doing, work) {
      const database = await find()
      return await take(database, reader, doing, () => take(database, writer, doing, work))
    },
    visit(signal, work) {
      visits += 1
      return use(guests[visits % guests.length] ?? 0, 'the query failed', async (session) => {
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
