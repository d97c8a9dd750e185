import type { DistinctKind } from '../base/distinct.ts'
import type { WindowAmendment, WindowRow } from '../events/epoch.ts'

/** Names a window of a store. */
export interface WindowKey {
  readonly storeId: number
  readonly startMs: number
}

export const formatWindowKey = (key: WindowKey): string => `${key.startMs}/${key.storeId}`

/** What an amended row starts from; `sketch` is empty where none was kept. */
export type AmendedFrom = Pick<WindowRow, 'transactions' | 'cents' | 'uniqueCustomers' | 'revision' | 'sketch'>

const nothing: AmendedFrom = {
  transactions: 0,
  cents: 0n,
  uniqueCustomers: 0,
  revision: 0,
  sketch: new Uint8Array(0),
}

function amend(
  from: AmendedFrom,
  amendments: readonly WindowAmendment[],
  kind: DistinctKind,
): Omit<WindowRow, 'storeId' | 'startMs' | 'endMs'> {
  const sketch = from.sketch.length > 0 ? kind.read(from.sketch) : kind.create()
  for (const { customerHashHigh, customerHashLow } of amendments) sketch.addHash(customerHashHigh, customerHashLow)
  return {
    transactions: amendments.reduce((sum, { transactions }) => sum + transactions, from.transactions),
    cents: amendments.reduce((sum, { cents }) => sum + cents, from.cents),
    uniqueCustomers: Math.max(from.uniqueCustomers, sketch.estimate()),
    revision: from.revision + 1,
    final: true,
    sketch: sketch.toBytes(),
  }
}

/**
 * The rows of a commit with its amendments added: each amended window once, one revision above what it starts from,
 * which is the commit's own row, else the stored one, else nothing.
 *
 * @param stored stored windows by {@link formatWindowKey}; only amended ones are looked up
 */
export function applyAmendments(
  rows: readonly WindowRow[],
  amendments: readonly WindowAmendment[],
  stored: ReadonlyMap<string, AmendedFrom>,
  kind: DistinctKind,
): readonly WindowRow[] {
  if (amendments.length === 0) return rows
  const byKey = new Map<string, WindowRow>(rows.map((row) => [formatWindowKey(row), row]))
  const groups = new Map<string, WindowAmendment[]>()
  for (const amendment of amendments) {
    const key = formatWindowKey(amendment)
    groups.set(key, [...(groups.get(key) ?? []), amendment])
  }
  for (const [key, group] of groups) {
    const [first] = group
    if (!first) continue
    const { storeId, startMs, endMs } = first
    const from = byKey.get(key) ?? stored.get(key) ?? nothing
    byKey.set(key, { storeId, startMs, endMs, ...amend(from, group, kind) })
  }
  return [...byKey.values()]
}
