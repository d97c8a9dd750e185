import type { DifferenceColumn, DifferenceRow, TableDifference } from '../../protocol/cluster.ts'
import type { StoredWindow } from '../../warehouse/warehouse.ts'

/** A window as any table of windows has it. */
export type ComparedWindow = Pick<
  StoredWindow,
  'storeId' | 'startMs' | 'endMs' | 'transactions' | 'cents' | 'uniqueCustomers'
>

/** Our windows and somebody else's of one span, and up to when ours are final. */
export interface ComparedTables {
  readonly here: readonly ComparedWindow[]
  readonly there: readonly ComparedWindow[]
  /** Windows that end after it may still change: they are not judged. Null = all may. */
  readonly finalUntilMs: number | null
}

export type Difference = Omit<TableDifference, 'table'>

const mostRows = 200

const formatCents = (cents: bigint): string => {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

const columns: readonly (readonly [DifferenceColumn, (window: ComparedWindow) => string])[] = [
  ['transactions', ({ transactions }) => String(transactions)],
  ['revenue', ({ cents }) => formatCents(cents)],
  ['customers', ({ uniqueCustomers }) => String(uniqueCustomers)],
]

const keyOf = ({ startMs, storeId }: ComparedWindow): string => `${startMs}/${storeId}`

/** The columns in which two sides differ; all of them where one is missing. */
function findColumns(here: ComparedWindow | undefined, there: ComparedWindow | undefined): DifferenceRow['columns'] {
  return columns.flatMap(([column, read]) => {
    const ours = here ? read(here) : null
    const theirs = there ? read(there) : null
    return ours === theirs ? [] : [{ column, here: ours, there: theirs }]
  })
}

/** Compares two tables of windows, by store and start. */
export function compareWindows({ finalUntilMs, here, there }: ComparedTables): Difference {
  const ours = new Map(here.map((window) => [keyOf(window), window]))
  const theirs = new Map(there.map((window) => [keyOf(window), window]))
  const all = [...new Map([...theirs, ...ours]).values()].sort(
    (one, other) => other.startMs - one.startMs || one.storeId - other.storeId,
  )
  const settled = all.filter(({ endMs }) => finalUntilMs !== null && endMs <= finalUntilMs)
  const rows = settled.flatMap((window): readonly DifferenceRow[] => {
    const [mine, other] = [ours.get(keyOf(window)), theirs.get(keyOf(window))]
    const found = findColumns(mine, other)
    if (found.length === 0) return []
    const outcome = mine === undefined ? 'only-there' : other === undefined ? 'only-here' : 'differs'
    return [{ storeId: window.storeId, startMs: window.startMs, outcome, columns: found }]
  })
  const count = (outcome: DifferenceRow['outcome']): number => rows.filter((row) => row.outcome === outcome).length
  return {
    same: settled.length - rows.length,
    differs: count('differs'),
    onlyThere: count('only-there'),
    onlyHere: count('only-here'),
    open: all.length - settled.length,
    latestThereMs: there.reduce<number | null>((latest, { startMs }) => Math.max(latest ?? startMs, startMs), null),
    rows: rows.slice(0, mostRows),
  }
}
