import { useTable } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp, Store } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import type { StoreSummary } from '../../../core/protocol/views.ts'
import { storeRoute } from '../../stores/route.ts'
import { goTo } from '../../shell/use-route.ts'
import { classNames } from '../../ui/class-names.ts'
import { Empty, Failed, Loading } from '../../ui/notice.tsx'
import { useModel, useView } from '../../use-model.ts'
import { words } from '../../words.ts'
import { ascendingFirst, columnSorts, columns, features, numberColumns } from './columns.tsx'
import type { StoreRows } from './use-store-rows.ts'
import '../../ui/table.css'
import './store-table.css'

const text = words.stores
const rowPx = 34
const overscan = 8

interface StoreTableProps {
  readonly rows: StoreRows
  /** The store whose sheet is open. */
  readonly openId: number | null
  /** Tells the first row in view. */
  readonly onFirst: (index: number) => void
}

/** A header that sorts: first by the order one expects of its column, then the other way. */
function SortHeader({ id, label }: { readonly id: string; readonly label: string }) {
  const { view } = useModel()
  const list = useView((state) => state.stores)
  const sort = columnSorts[id]
  if (sort === undefined) return label
  const isSorted = list.sort === sort
  const Icon = list.descending ? ArrowDown : ArrowUp
  const choose = (): void => {
    const descending = isSorted ? !list.descending : !ascendingFirst.has(sort)
    view.setState({ stores: { ...list, sort, descending } })
  }
  return (
    <button type="button" className="sort" aria-label={text.sortBy(label)} onClick={choose}>
      {label}
      <Icon size={12} strokeWidth={2} className={classNames('sort-icon', !isSorted && 'sort-off')} aria-hidden />
    </button>
  )
}

/** All stores, however many: only what is in view is drawn, and asked for. */
export function StoreTable({ rows, openId, onFirst }: StoreTableProps) {
  const list = useView((state) => state.stores)
  const scroller = useRef<HTMLDivElement>(null)
  const total = rows.total ?? 0
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan,
  })
  const items = virtual.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? -1
  useEffect(() => onFirst(first), [first, onFirst])
  const { sort, descending, filter } = list
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 })
  }, [sort, descending, filter])
  const shown = useMemo(() => {
    const stores: StoreSummary[] = []
    for (let index = first; index <= last; index += 1) {
      const row = rows.rowAt(index)
      if (row !== null) stores.push(row)
    }
    return stores
  }, [rows, first, last])
  const table = useTable({ features, columns, data: shown, getRowId: (row) => String(row.id) })
  const models = new Map(table.getRowModel().rows.map((row) => [row.original, row]))

  if (rows.total === null) {
    return rows.fault === null ? <Loading /> : <Failed fault={rows.fault} onRetry={rows.reload} />
  }
  if (total === 0) {
    return list.filter === '' ? (
      <Empty icon={Store} text={text.empty} next={text.emptyNext} />
    ) : (
      <Empty icon={Store} text={text.noMatch(list.filter)} next={text.noMatchNext} />
    )
  }
  const top = items[0]?.start ?? 0
  const bottom = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
    <div ref={scroller} className="table-scroll" tabIndex={0} role="region" aria-label={text.title}>
      <table className="table table-hover stores-table" aria-rowcount={total + 1} aria-busy={rows.isOutdated}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={1}>
              {group.headers.map(({ column }) => (
                <th
                  key={column.id}
                  scope="col"
                  className={classNames(`column-${column.id}`, numberColumns.has(column.id) && 'number')}
                  {...(columnSorts[column.id] === list.sort
                    ? { 'aria-sort': list.descending ? ('descending' as const) : ('ascending' as const) }
                    : {})}
                >
                  <SortHeader id={column.id} label={String(column.columnDef.header)} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {top > 0 && <tr className="table-gap" style={{ height: top }} aria-hidden />}
          {items.map(({ index }) => {
            const store = rows.rowAt(index)
            const row = store === null ? undefined : models.get(store)
            if (store === null || row === undefined) {
              return (
                <tr key={`gap-${index}`} aria-hidden>
                  <td colSpan={columns.length}>
                    <span className="row-outline" />
                  </td>
                </tr>
              )
            }
            return (
              <tr
                key={store.id}
                aria-rowindex={index + 2}
                className={classNames(
                  store.silentSinceMs !== null && 'store-silent',
                  store.id === openId && 'store-open',
                )}
                onClick={() => goTo(storeRoute(store.id))}
              >
                {row.getAllCells().map((cell) => (
                  <td key={cell.id} className={classNames(numberColumns.has(cell.column.id) && 'number')}>
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            )
          })}
          {bottom > 0 && <tr className="table-gap" style={{ height: bottom }} aria-hidden />}
        </tbody>
      </table>
    </div>
  )
}
