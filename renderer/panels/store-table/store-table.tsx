import { useTable } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp, Store } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import type { StoreSummary } from '../../../core/protocol/views.ts'
import { storeRoute } from '../../stores/route.ts'
import { goTo } from '../../shell/use-route.ts'
import { classNames } from '../../ui/class-names.ts'
import { Empty, Failed, Loading } from '../../ui/notice.tsx'
import { Scrolled } from '../../ui/scrolled.tsx'
import { useModel, useView } from '../../use-model.ts'
import { words } from '../../words.ts'
import { ascendingFirst, columnSorts, columns, features, numberColumns } from './columns.tsx'
import type { StoreRows } from './use-store-rows.ts'
import './store-table.css'

const text = words.stores
const leastRowPx = 34
/** A few stores share the height; rows higher than that would look lost. */
const mostRowPx = 74
const headerPx = 30
/** From here on a sparkline has room to grow. */
const roomyPx = 46
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
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null)
  const total = rows.total ?? 0
  const heightPx = useHeight(scroller)
  const rowPx = Math.min(mostRowPx, Math.max(leastRowPx, Math.floor((heightPx - headerPx) / Math.max(1, total))))
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller,
    estimateSize: () => rowPx,
    overscan,
  })
  useEffect(() => virtual.measure(), [virtual, rowPx])
  const items = virtual.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? -1
  useEffect(() => onFirst(first), [first, onFirst])
  const { sort, descending, filter } = list
  useEffect(() => {
    scroller?.scrollTo({ top: 0 })
  }, [scroller, sort, descending, filter])
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
    <Scrolled label={text.title} ref={setScroller}>
      <table
        className={classNames('table table-hover stores-table', rowPx > roomyPx && 'stores-roomy')}
        aria-rowcount={total + 1}
        aria-busy={rows.isOutdated}
      >
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
                <tr key={`gap-${index}`} style={{ height: rowPx }} aria-hidden>
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
                style={{ height: rowPx }}
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
    </Scrolled>
  )
}

/** Height of an element, followed as it changes. */
function useHeight(element: HTMLElement | null): number {
  const [height, setHeight] = useState(0)
  useEffect(() => {
    if (element === null) return undefined
    const observer = new ResizeObserver(([entry]) => entry && setHeight(Math.floor(entry.contentRect.height)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return height
}
