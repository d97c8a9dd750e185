import type { RecordRef } from '../events/record.ts'
import { type Decimal, readDecimal, subtractDecimals, writeCents } from './decimal.ts'
import { formatKey, type ReplayedWindow } from './replay.ts'
import type { Touched } from './touched.ts'

/** A row of a `transactions_summary`, as it was read. Decimals are texts. */
export interface TableRow {
  readonly startMs: number
  readonly endMs: number | null
  readonly storeId: number
  readonly transactions: number | null
  readonly revenue: string | null
  readonly customers: number | null
  readonly average: string | null
}

/** What a window's money is in the table, in cents; null where its columns cannot hold it. */
export interface Summary {
  readonly revenueCents: bigint | null
  readonly averageCents: bigint | null
}

export const outputModes = ['append', 'update'] as const
/** Whether rows are written once their window is final, or at every change. */
export type OutputMode = (typeof outputModes)[number]

export const comparedColumns = [
  'window_end',
  'total_transactions',
  'total_revenue',
  'unique_customers',
  'avg_transaction_value',
] as const
export type ComparedColumn = (typeof comparedColumns)[number]

/** A column in which a row differs; `by` is the table's value less ours, null where one of them is no number. */
export interface ColumnDifference {
  readonly column: ComparedColumn
  readonly table: string | null
  readonly replayed: string | null
  readonly by: string | null
}

export type RowOutcome = 'same' | 'lateInSpark' | 'missing' | 'extra' | 'differs' | 'rejectedByUs'

/** A row that is not the same. */
export interface RowDifference {
  readonly outcome: Exclude<RowOutcome, 'same' | 'lateInSpark'>
  readonly startMs: number
  readonly storeId: number
  /** The columns in which it differs; every one where one side has no row. */
  readonly columns: readonly ColumnDifference[]
  /** Records that fall into it and that we reject, the first of them. */
  readonly rejected: readonly RecordRef[]
}

export type RowCounts = Readonly<Record<RowOutcome, number>> & { readonly windows: number }

export interface Comparison {
  readonly mode: OutputMode
  readonly counts: RowCounts
  /** By start, then store. */
  readonly differences: readonly RowDifference[]
  /** Windows that no batch has closed, so that append mode has not written them. */
  readonly openWindows: number
}

export interface ComparedParts {
  readonly windows: readonly ReplayedWindow[]
  readonly table: readonly TableRow[]
  readonly touched: ReadonlyMap<string, Touched>
  readonly mode: OutputMode
  readonly summarize: (cents: bigint, transactions: number) => Summary
}

type Cells = Readonly<Record<ComparedColumn, string | null>>

const noCells: Cells = {
  window_end: null,
  total_transactions: null,
  total_revenue: null,
  unique_customers: null,
  avg_transaction_value: null,
}

const formatInstant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
const formatNumber = (value: number | null): string | null => (value === null ? null : String(value))
const formatCents = (cents: bigint | null): string | null => (cents === null ? null : writeCents(cents))
/** 12.5 and 12.50 are one amount. */
const formatMoney = (text: string | null): string | null => (text === null ? null : (readDecimal(text)?.text ?? text))

const readTableCells = (row: TableRow): Cells => ({
  window_end: formatInstant(row.endMs),
  total_transactions: formatNumber(row.transactions),
  total_revenue: formatMoney(row.revenue),
  unique_customers: formatNumber(row.customers),
  avg_transaction_value: formatMoney(row.average),
})

function writeReplayedCells(window: ReplayedWindow, summarize: ComparedParts['summarize']): Cells {
  const { averageCents, revenueCents } = summarize(window.cents, window.transactions)
  return {
    window_end: formatInstant(window.endMs),
    total_transactions: String(window.transactions),
    total_revenue: formatCents(revenueCents),
    unique_customers: String(window.customers),
    avg_transaction_value: formatCents(averageCents),
  }
}

function measure(column: ComparedColumn, table: string | null, replayed: string | null): string | null {
  if (table === null || replayed === null) return null
  if (column === 'window_end') return `${Date.parse(table) - Date.parse(replayed)} ms`
  const [theirs, ours]: readonly (Decimal | null)[] = [readDecimal(table), readDecimal(replayed)]
  return theirs && ours ? subtractDecimals(theirs, ours) : null
}

const findColumns = (table: Cells, replayed: Cells): readonly ColumnDifference[] =>
  comparedColumns.flatMap((column) => {
    const [theirs, ours] = [table[column], replayed[column]]
    return theirs === ours ? [] : [{ column, table: theirs, replayed: ours, by: measure(column, theirs, ours) }]
  })

/**
 * Whether the records we reject explain a row: it counts some of them, and no more than there are. A row that is short of
 * sales, or has as many as ours and other values, is not explained by them.
 */
const isExplained = (touched: Touched | undefined, table: number | null, replayed: number): boolean =>
  touched !== undefined && table !== null && table > replayed && table - replayed <= touched.records

/** Compares what the batches give with a table, row by row. A second row of one window and store is an extra one. */
export function compareRows({ mode, summarize, table, touched, windows }: ComparedParts): Comparison {
  const replayed = new Map(windows.map((window) => [formatKey(window.startMs, window.storeId), window]))
  const isWritten = (window: ReplayedWindow): boolean =>
    window.transactions > 0 && (mode === 'update' || window.isFinal)
  const counts = { windows: 0, same: 0, lateInSpark: 0, missing: 0, extra: 0, differs: 0, rejectedByUs: 0 }
  const differences: RowDifference[] = []
  const seen = new Set<string>()
  const count = (outcome: RowOutcome): void => {
    counts.windows += 1
    counts[outcome] += 1
  }
  const report = (difference: RowDifference): void => {
    count(difference.outcome)
    differences.push(difference)
  }

  for (const row of table) {
    const { startMs, storeId } = row
    const key = formatKey(startMs, storeId)
    const window = seen.has(key) ? undefined : replayed.get(key)
    const ours = window && isWritten(window) ? window : undefined
    seen.add(key)
    const cells = ours ? writeReplayedCells(ours, summarize) : noCells
    const columns = findColumns(readTableCells(row), cells)
    const found = touched.get(key)
    if (ours && columns.length === 0) count('same')
    else {
      const explained = isExplained(found, row.transactions, ours?.transactions ?? 0)
      const outcome = explained ? 'rejectedByUs' : ours ? 'differs' : 'extra'
      report({ outcome, startMs, storeId, columns, rejected: found?.refs ?? [] })
    }
  }
  let openWindows = 0
  for (const [key, window] of replayed) {
    const { startMs, storeId } = window
    if (!window.isFinal && window.transactions > 0) openWindows += 1
    if (seen.has(key)) continue
    if (isWritten(window)) {
      const columns = findColumns(noCells, writeReplayedCells(window, summarize))
      report({ outcome: 'missing', startMs, storeId, columns, rejected: touched.get(key)?.refs ?? [] })
    } else if (window.transactions === 0) count('lateInSpark')
  }
  differences.sort((one, other) => one.startMs - other.startMs || one.storeId - other.storeId)
  return { mode, counts, differences, openWindows }
}

/** Rows that neither side can explain. */
export const countProblems = ({ counts }: Comparison): number => counts.missing + counts.extra + counts.differs

/** The comparison with the fewest problems; the first of equals. */
export const chooseBest = <Compared extends Comparison>(comparisons: readonly Compared[]): Compared | null =>
  comparisons.reduce<Compared | null>(
    (best, one) => (best === null || countProblems(one) < countProblems(best) ? one : best),
    null,
  )
