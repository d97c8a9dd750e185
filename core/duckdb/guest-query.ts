import type { DuckDBResult } from '@duckdb/node-api'
import type { Clock } from '../base/clock.ts'
import { describeError, Fault } from '../base/fault.ts'
import { createCellReader, type DuckdbCell } from './cell.ts'
import { isInstanceLost, toDuckdbFault, toOneLine } from './fault.ts'
import { guardSelect } from './select-guard.ts'
import type { DuckdbSession } from './session.ts'

export interface GuestQueryOptions {
  readonly timeoutMs: number
  readonly maxRows: number
  readonly clock: Clock
  /** Cancels; a Fault given as its reason is what the query then ends with. */
  readonly signal: AbortSignal
}

export interface GuestResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly DuckdbCell[])[]
  readonly truncated: boolean
}

/** Results end here even when fewer rows than asked for have been read: they are held in memory, and sent as JSON. */
const longestResult = 64 * 1024 * 1024
/** An interrupt that arrives between two steps is lost, so it is repeated until the statement has ended. */
const interruptAgainMs = 50

/** Rough length of a cell as text. */
function measure(cell: DuckdbCell): number {
  if (typeof cell === 'string') return cell.length + 8
  if (cell === null || typeof cell !== 'object') return 8
  return Object.values(cell).reduce<number>((sum, part) => sum + measure(part), 8)
}

interface Watch {
  /** Why the statement was stopped, or null. */
  stopped(): Fault | null
  end(): void
}

/** Interrupts the session when its time is up or the caller has had enough. */
function watch(session: DuckdbSession, { clock, signal, timeoutMs }: GuestQueryOptions): Watch {
  const ended = new AbortController()
  let stopped: Fault | null = null
  const interrupt = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      session.interrupt()
      await clock.sleep(interruptAgainMs, ended.signal)
    }
  }
  const stop = (fault: Fault): void => {
    if (stopped || ended.signal.aborted) return
    stopped = fault
    void interrupt()
  }
  const cancel = (): void => {
    const reason: unknown = signal.reason
    stop(reason instanceof Fault ? reason : new Fault('cancelled', 'the query was cancelled', { domain: 'user' }))
  }
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel, { once: true })
  void clock.sleep(timeoutMs, ended.signal).then(() => {
    const message = `the query took longer than ${timeoutMs / 1_000} s`
    return stop(new Fault('timeout', message, { domain: 'user', hint: 'narrow it down, by window_start for example' }))
  })
  return {
    stopped: () => stopped,
    end() {
      ended.abort()
      signal.removeEventListener('abort', cancel)
    },
  }
}

/** Reads rows until there are enough. An interrupted result just ends early, so the watch is asked at every chunk. */
async function readRows(
  session: DuckdbSession,
  result: DuckDBResult,
  maxRows: number,
  watched: Watch,
): Promise<Pick<GuestResult, 'rows' | 'truncated'>> {
  const readCell = createCellReader(session.duckdb)
  const rows: (readonly DuckdbCell[])[] = []
  let length = 0
  for (;;) {
    const chunk = await result.fetchChunk()
    if (watched.stopped() || !chunk || chunk.rowCount === 0) return { rows, truncated: false }
    // Row by row: the texts of a whole chunk may be gigabytes.
    for (let index = 0; index < chunk.rowCount; index += 1) {
      if (rows.length >= maxRows || length > longestResult) return { rows, truncated: true }
      const cells = chunk.getRowValues(index).map(readCell)
      length += cells.reduce<number>((sum, cell) => sum + measure(cell), 0)
      rows.push(cells)
    }
  }
}

function refuseStatement(error: unknown): Fault {
  if (error instanceof Fault) return error
  if (isInstanceLost(error)) return toDuckdbFault(error, 'the query failed')
  const message = toOneLine(describeError(error))
  if (/^permission error/i.test(message)) return new Fault('refused', message, { domain: 'user', cause: error })
  return new Fault('sql', message, { domain: 'user', cause: error })
}

/**
 * Runs a statement that somebody typed: guarded, in a read-only transaction, within its time, its rows read in chunks.
 * Needs the session for itself.
 *
 * @throws Fault `sql`, `refused`, `timeout`, `cancelled`
 */
export async function runGuestQuery(
  session: DuckdbSession,
  sql: string,
  options: GuestQueryOptions,
): Promise<GuestResult> {
  const watched = watch(session, options)
  const refuseStopped = (): void => {
    const fault = watched.stopped()
    if (fault) throw fault
  }
  try {
    refuseStopped()
    const statement = await guardSelect(session, sql)
    refuseStopped()
    await session.run('BEGIN TRANSACTION READ ONLY')
    try {
      const result = await session.stream(statement)
      const columns = result.columnNames().map((name, index) => ({ name, type: String(result.columnType(index)) }))
      const read = await readRows(session, result, options.maxRows, watched)
      refuseStopped()
      return { columns, ...read }
    } finally {
      watched.end()
      await session.run('ROLLBACK')
    }
  } catch (error) {
    throw watched.stopped() ?? refuseStatement(error)
  } finally {
    watched.end()
  }
}
