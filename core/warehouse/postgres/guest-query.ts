import type { Clock } from '../../base/clock.ts'
import { describeError, Fault, systemErrorCode } from '../../base/fault.ts'
import type { Cell, QueryOptions, QueryResult } from '../warehouse.ts'
import { type CellType, findCellType } from './cell.ts'
import { isConnectionLost, toPostgresFault } from './fault.ts'
import { guardSelect, refuseStatement } from './select-guard.ts'
import type { PostgresSession } from './session.ts'
import type { Sessions } from './sessions.ts'
import { beginSql } from './transaction.ts'

/** Results end here even when fewer rows than asked for have been read: they are held in memory, and sent as JSON. */
const longestResult = 64 * 1024 * 1024
/** What one fetch should bring; rows may be of any size. */
const fetchLength = 2 * 1024 * 1024
const firstFetch = 200
const mostFetch = 10_000
const cancelAgainMs = 100

/** Rough length of a cell as text. */
function measure(cell: Cell): number {
  if (typeof cell === 'string') return cell.length + 8
  if (cell === null || typeof cell !== 'object') return 8
  return Object.values(cell).reduce<number>((sum, part) => sum + measure(part), 8)
}

interface Watch {
  /** Why the statement was stopped, or null. */
  stopped(): Fault | null
  end(): void
}

/** Calls `cancel` again and again once the time is up or the caller has had enough, until the end. */
function watch({ signal, timeoutMs }: QueryOptions, clock: Clock, cancel: () => Promise<void>): Watch {
  const ended = new AbortController()
  let stopped: Fault | null = null
  const stop = (fault: Fault): void => {
    if (stopped || ended.signal.aborted) return
    stopped = fault
    const repeat = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        await cancel()
        await clock.sleep(cancelAgainMs, ended.signal)
      }
    }
    // Where the server cannot be asked, its own limit ends the statement.
    repeat().catch(() => undefined)
  }
  const abort = (): void => {
    const reason: unknown = signal?.reason
    stop(reason instanceof Fault ? reason : new Fault('cancelled', 'the query was cancelled', { domain: 'user' }))
  }
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, { once: true })
  void clock.sleep(timeoutMs, ended.signal).then(() => stop(refuseSlow(timeoutMs)))
  return {
    stopped: () => stopped,
    end() {
      ended.abort()
      signal?.removeEventListener('abort', abort)
    },
  }
}

const refuseSlow = (timeoutMs: number): Fault =>
  new Fault('timeout', `the query took longer than ${timeoutMs / 1_000} s`, {
    domain: 'user',
    hint: 'narrow it down, by window_start for example',
  })

const readCells = (types: readonly CellType[], values: readonly (string | null)[]): readonly Cell[] =>
  types.map((type, index) => type.read(values[index] ?? null))

async function readRows(
  session: PostgresSession,
  fetchSql: (count: number) => string,
  maxRows: number,
  watched: Watch,
): Promise<QueryResult> {
  const rows: (readonly Cell[])[] = []
  let length = 0
  let columns: QueryResult['columns'] = []
  let count = firstFetch
  for (;;) {
    const wanted = Math.min(count, maxRows - rows.length + 1)
    const result = await session.readRaw(fetchSql(wanted))
    const types = result.columns.map(({ modifier, type }) => findCellType(type, modifier))
    columns = result.columns.map(({ name }, index) => ({ name, type: types[index]?.name ?? '' }))
    for (const values of result.rows) {
      if (rows.length >= maxRows || length > longestResult) return { columns, rows, truncated: true }
      const cells = readCells(types, values)
      length += cells.reduce<number>((sum, cell) => sum + measure(cell), 0)
      rows.push(cells)
    }
    if (result.rows.length < wanted || watched.stopped()) return { columns, rows, truncated: false }
    const rowLength = Math.max(1, length / rows.length)
    count = Math.max(1, Math.min(mostFetch, Math.floor(fetchLength / rowLength)))
  }
}

/** Who runs the statement: the server's process, and when its transaction began, so that nobody else's is cancelled. */
interface Backend {
  readonly processId: string
  readonly startedAt: string
}

async function findBackend(session: PostgresSession): Promise<Backend> {
  const [backend] = await session.read('SELECT pg_backend_pid(), now()', [], (row) => ({
    processId: row.text(0),
    startedAt: row.text(1),
  }))
  if (!backend) throw new Fault('internal', 'the server does not say who it is')
  return backend
}

const cancelSql = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
  WHERE pid = $1::integer AND xact_start = $2::timestamptz AND state = 'active'`

/** A query leaves nothing behind, whatever it has called. */
const endSql = 'ROLLBACK; SELECT pg_advisory_unlock_all()'

async function runGuarded(
  session: PostgresSession,
  sql: string,
  maxRows: number,
  watched: Watch,
): Promise<QueryResult> {
  const guarded = guardSelect(sql)
  await session.readRaw(`DECLARE guest NO SCROLL CURSOR FOR ${guarded.select}`)
  if (guarded.explain === null) return await readRows(session, (count) => `FETCH ${count} FROM guest`, maxRows, watched)
  let isAsked = false
  return await readRows(
    session,
    () => {
      if (isAsked) throw new Fault('internal', 'a plan comes in one piece')
      isAsked = true
      return `${guarded.explain} ${guarded.select}`
    },
    maxRows,
    watched,
  )
}

/**
 * Runs a statement that somebody typed: guarded, in a read-only transaction, within its time, its rows fetched in pieces.
 *
 * @param cancelling connections to the same server, to cancel with
 * @throws Fault `sql`, `refused`, `timeout`, `cancelled`; `unreachable`
 */
async function runGuestQuery(
  sessions: Sessions,
  cancelling: Sessions,
  clock: Clock,
  sql: string,
  options: QueryOptions,
): Promise<QueryResult> {
  guardSelect(sql)
  const doing = 'the query failed'
  const begin = beginSql('READ ONLY', { statementMs: options.timeoutMs + 1_000, lockMs: 5_000, idleMs: 60_000 })
  const runOnce = (): Promise<QueryResult | 'stale'> =>
    sessions.use(async (session, hasIdled) => {
      let backend: Backend | null = null
      const watched = watch(options, clock, async () => {
        const target = backend
        if (!target) return
        await cancelling.use((other) => other.read(cancelSql, [target.processId, target.startedAt], () => null))
      })
      try {
        try {
          await session.script(begin)
          backend = await findBackend(session)
        } catch (error) {
          if (hasIdled && isConnectionLost(error)) return 'stale'
          throw toPostgresFault(error, doing)
        }
        const stopped = watched.stopped()
        if (stopped) throw stopped
        const result = await runGuarded(session, sql, options.maxRows, watched)
        return result
      } catch (error) {
        throw watched.stopped() ?? explainFailure(error, options.timeoutMs)
      } finally {
        watched.end()
        await endGuest(session)
      }
    })
  const result = await runOnce()
  if (result !== 'stale') return result
  await sessions.refresh()
  const again = await runOnce()
  if (again !== 'stale') return again
  throw new Fault('unreachable', 'the connection to the server was lost', { retry: true })
}

function explainFailure(error: unknown, timeoutMs: number): Fault {
  if (error instanceof Fault) return error
  const sqlState = systemErrorCode(error) ?? ''
  if (sqlState === '57014') return refuseSlow(timeoutMs)
  if (isConnectionLost(error) && sqlState !== '25006') return toPostgresFault(error, 'the query failed')
  if (/^(?:53|58|40|XX|55)/.test(sqlState)) return toPostgresFault(error, 'the query failed')
  return refuseStatement(error, sqlState, describeError(error))
}

async function endGuest(session: PostgresSession): Promise<void> {
  if (!session.isUsable) return
  try {
    await session.script(endSql)
  } catch {
    await session.close()
  }
}

/** User SQL: a few statements at a time, beside everything else. */
export interface Guests {
  query(sql: string, options: QueryOptions): Promise<QueryResult>
  /** Ends all queries. */
  end(): void
}

/** @param cancelling connections to the same server, to cancel with */
export function createGuests(sessions: Sessions, cancelling: Sessions, clock: Clock): Guests {
  const running = new Set<AbortController>()
  return {
    async query(sql, options) {
      const stop = new AbortController()
      const abort = (): void => stop.abort()
      if (options.signal?.aborted) abort()
      options.signal?.addEventListener('abort', abort, { once: true })
      running.add(stop)
      try {
        return await runGuestQuery(sessions, cancelling, clock, sql, { ...options, signal: stop.signal })
      } finally {
        running.delete(stop)
        options.signal?.removeEventListener('abort', abort)
      }
    },
    end() {
      for (const stop of running) stop.abort()
    },
  }
}
