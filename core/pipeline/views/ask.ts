import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Cell, Warehouse } from '../../warehouse/warehouse.ts'

/**
 * Reads rows for the pages. Statements are made here, of whole numbers alone: nothing a viewer typed gets into one; and
 * of what DuckDB and PostgreSQL both know, so that they give the same.
 */
export type Ask = (sql: string) => Promise<readonly (readonly Cell[])[]>

const timeoutMs = 10_000
const mostRows = 1_000_000

/**
 * Asks the warehouse beside its commits, in the sessions of user SQL. Where another has taken its place meanwhile (the
 * pipeline started, or a damaged one was replaced), that one is asked.
 */
export function createAsk(openWarehouse: () => Promise<Warehouse>): Ask {
  const read = async (warehouse: Warehouse, sql: string): ReturnType<Ask> =>
    (await warehouse.query(sql, { timeoutMs, maxRows: mostRows })).rows
  return async (sql) => {
    const warehouse = await openWarehouse()
    try {
      return await read(warehouse, sql)
    } catch (error) {
      const next = await openWarehouse()
      if (next === warehouse) throw error
      return read(next, sql)
    }
  }
}

/** A cell that holds a number; null counts as 0. */
export function numberAt(row: readonly Cell[], index: number): number {
  const cell = row[index] ?? 0
  if (typeof cell === 'number') return cell
  throw new Fault('internal', `column ${index} holds no number`)
}

/** A cell that holds a number, or null. */
export const numberOrNullAt = (row: readonly Cell[], index: number): number | null =>
  row[index] === null ? null : numberAt(row, index)

export function textAt(row: readonly Cell[], index: number): string {
  const cell = row[index]
  if (typeof cell === 'string') return cell
  throw new Fault('internal', `column ${index} holds no text`)
}

/** A whole number as SQL. @throws Fault `internal` for anything else */
export function sqlNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value)
  throw new Fault('internal', `${value} is no whole number`)
}

const earliestMs = -62_135_596_800_000
const latestMs = Date.UTC(9999, 11, 31)

/** An instant as a timestamp in SQL; those beyond every calendar are its ends. */
export function sqlInstant(ms: number): string {
  const known = Math.min(latestMs, Math.max(earliestMs, Number(sqlNumber(ms))))
  return `TIMESTAMP '${new Date(known).toISOString().replace('T', ' ').replace('Z', '')}'`
}

/** A timestamp as milliseconds, a float that holds them exactly. In words that DuckDB and PostgreSQL share. */
export const sqlMs = (timestamp: string): string => `round(extract(epoch FROM ${timestamp})::DOUBLE PRECISION * 1000)`

/**
 * What was sold, by window: `window_start`, `store_id`, `transactions`, `cents`. Where the user's table has provisional
 * rows too it is read from there, a hundred times faster than the exact sums beside it; a revenue that table cannot hold
 * is alerted, and counts as nothing here.
 */
export type TradeSource = string

export const chooseTrade = (finalRowsOnly: boolean): TradeSource =>
  finalRowsOnly
    ? '(SELECT window_start, store_id, transactions, cents FROM storepulse.windows) trade'
    : `(SELECT window_start, store_id, total_transactions AS transactions, (total_revenue * 100)::BIGINT AS cents
      FROM public.transactions_summary) trade`

/** Windows that start in [fromMs, untilMs). */
export const sqlStartsIn = (fromMs: number, untilMs: number): string =>
  `window_start >= ${sqlInstant(fromMs)} AND window_start < ${sqlInstant(untilMs)}`

/** Number of the step since `fromMs` that a timestamp column lies in. */
export const sqlStep = (column: string, fromMs: number, stepMs: number): string =>
  `floor((${sqlMs(column)} - ${sqlNumber(fromMs)}) / ${sqlNumber(stepMs)})`

/** Answers kept for a moment, by what was asked: any number of viewers cost one look at the warehouse. */
export type Remember<Answer> = (key: string, make: () => Promise<Answer>) => Promise<Answer>

const mostKept = 64

/** @param freshMs how long an answer may be given again */
export function createMemory<Answer>(clock: Clock, freshMs: number): Remember<Answer> {
  const kept = new Map<string, { readonly atMs: number; readonly answer: Promise<Answer> }>()
  return (key, make) => {
    const nowMs = clock.monotonicMs()
    const found = kept.get(key)
    if (found && nowMs - found.atMs < freshMs) return found.answer
    if (kept.size >= mostKept) {
      for (const [other, { atMs }] of kept) if (nowMs - atMs >= freshMs) kept.delete(other)
      for (const other of kept.keys()) if (kept.size >= mostKept) kept.delete(other)
    }
    const answer = make()
    kept.set(key, { atMs: nowMs, answer })
    answer.catch(() => {
      if (kept.get(key)?.answer === answer) kept.delete(key)
    })
    return answer
  }
}
