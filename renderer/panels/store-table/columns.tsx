import { createColumnHelper, tableFeatures } from '@tanstack/react-table'
import { TriangleExclamationPoint } from 'lucide-react'
import type { StoreSort, StoreSummary } from '../../../core/protocol/views.ts'
import { Sparkline } from '../../charts/sparkline.tsx'
import { storeRoute } from '../../stores/route.ts'
import { Change } from '../../ui/change.tsx'
import { Instant } from '../../ui/instant.tsx'
import { useFormats, useSession } from '../../use-model.ts'
import { words } from '../../words.ts'

const text = words.stores.columns

export const features = tableFeatures({})
const helper = createColumnHelper<typeof features, StoreSummary>()

/** By what a column is sorted when its header is pressed; columns without are not. */
export const columnSorts: Readonly<Record<string, StoreSort>> = {
  name: 'name',
  revenue: 'revenue',
  change: 'change',
  transactions: 'transactions',
  average: 'average',
  latest: 'latest',
}

/** Columns whose first order is the ascending one. */
export const ascendingFirst: ReadonlySet<StoreSort> = new Set(['name', 'id'])

export const numberColumns: ReadonlySet<string> = new Set(['revenue', 'change', 'transactions', 'average', 'latest'])

function Name({ store }: { readonly store: StoreSummary }) {
  return (
    <a className="store-link" href={`#${storeRoute(store.id)}`}>
      {store.silentSinceMs !== null && (
        <TriangleExclamationPoint size={14} strokeWidth={1.75} className="is-bad" aria-hidden />
      )}
      <span className="store-name">{store.name}</span>
    </a>
  )
}

/** A closed store sells nothing, which is nothing to look at. */
function Closed() {
  return <span className="store-closed">{words.leaderboard.closed}</span>
}

function Money({ cents }: { readonly cents: number }) {
  return useFormats().money(cents)
}

function Average({ store }: { readonly store: StoreSummary }) {
  const formats = useFormats()
  return store.transactions === 0 ? words.none : formats.moneyExact(store.cents / store.transactions)
}

function Count({ value }: { readonly value: number }) {
  return useFormats().count(value)
}

function Latest({ store }: { readonly store: StoreSummary }) {
  const formats = useFormats()
  const nowMs = useSession((session) => session.nowMs)
  const { silentSinceMs, latestMs } = store
  if (silentSinceMs !== null) {
    const silentMs = Math.max(0, (nowMs ?? silentSinceMs) - silentSinceMs)
    return <span className="is-bad">{words.leaderboard.silent(formats.duration(silentMs))}</span>
  }
  return latestMs === null ? words.none : <Instant atMs={latestMs} show="minute" />
}

export const columns = helper.columns([
  helper.accessor('name', { header: text.name, cell: ({ row }) => <Name store={row.original} /> }),
  helper.accessor('city', { header: text.city, cell: ({ row }) => row.original.city ?? words.none }),
  helper.accessor('sparkline', {
    id: 'trend',
    header: text.trend,
    cell: ({ row: { original } }) => (
      <Sparkline values={original.sparkline} tone={original.silentSinceMs === null ? 'accent' : 'bad'} />
    ),
  }),
  helper.accessor('cents', {
    id: 'revenue',
    header: text.revenue,
    cell: ({ row: { original } }) => (original.isClosed ? <Closed /> : <Money cents={original.cents} />),
  }),
  helper.accessor('comparedCents', {
    id: 'change',
    header: text.change,
    cell: ({ row: { original } }) => <Change value={original.cents} compared={original.comparedCents} />,
  }),
  helper.accessor('transactions', {
    header: text.transactions,
    cell: ({ row }) => <Count value={row.original.transactions} />,
  }),
  helper.display({ id: 'average', header: text.average, cell: ({ row }) => <Average store={row.original} /> }),
  helper.accessor('latestMs', {
    id: 'latest',
    header: text.latest,
    cell: ({ row }) => <Latest store={row.original} />,
  }),
])
