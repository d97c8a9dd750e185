import { ChartLine } from 'lucide-react'
import { useMemo } from 'react'
import type { StoreSummary } from '../../../core/protocol/views.ts'
import { ChartFrame } from '../../charts/chart-frame.tsx'
import { describeArea, drawStoreArea, layOutRow, listSteps, type StoreAreaData } from '../../charts/store-area-chart.ts'
import { useSource } from '../../charts/use-source.ts'
import { storeRoute } from '../../stores/route.ts'
import { Change } from '../../ui/change.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Empty, Failed, Loading } from '../../ui/notice.tsx'
import { useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'
import { useStoreMap } from './use-store-map.ts'
import './store-charts.css'

const text = words.stores
const mostStores = 12

function StoreArea({ store, data }: { readonly store: StoreSummary; readonly data: StoreAreaData }) {
  const formats = useFormats()
  const source = useSource(data)
  return (
    <li className={classNames('store-area', store.silentSinceMs !== null && 'store-area-silent')}>
      <a className="store-area-head" href={`#${storeRoute(store.id)}`}>
        <span className="store-name">{store.name}</span>
        <strong>{formats.moneyFit(store.cents, 1_000_000)}</strong>
        <span className="store-area-change">
          {store.comparedCents !== null && <Change value={store.cents} compared={store.comparedCents} />}
        </span>
      </a>
      <ChartFrame
        label={words.sheet.chart(store.name)}
        source={source}
        draw={drawStoreArea}
        describe={(atMs) => describeArea(data, store.name, formats, atMs)}
        steps={() => listSteps(data.span).slice(0, -1)}
      />
    </li>
  )
}

/** The top of the axis that all share: above the highest value, and round. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)))
  return (Math.ceil((value / power) * 2) / 2) * power
}

/** Revenue over time, a chart for each of the first stores of the order, all to one scale. */
export function StoreAreas() {
  const formats = useFormats()
  const { list, stores, data, map } = useStoreMap(mostStores)
  const fault = list.fault ?? map.fault
  const areas = useMemo<ReadonlyMap<number, StoreAreaData>>(() => {
    if (data === null) return new Map()
    const rows = data.map.stores.map((_, row) => layOutRow(data, row))
    const most = roundUp(Math.max(0, ...rows.flat()))
    return new Map(
      data.map.stores.map(({ id }, row) => [id, { span: data.span, storeId: id, values: rows[row] ?? [], most }]),
    )
  }, [data])
  if (data === null) {
    if (list.answer?.total === 0) return <Empty icon={ChartLine} text={text.empty} next={text.emptyNext} />
    return fault === null ? <Loading /> : <Failed fault={fault} onRetry={list.reload} />
  }
  const total = list.answer?.total ?? stores.length
  const isPart = total > stores.length
  const step = words.time.step(data.span.stepMs)
  return (
    <div className="store-areas">
      <h2 className="store-charts-title">
        {isPart ? text.chartTitle(step, formats.count(stores.length), formats.count(total)) : text.chartTitleAll(step)}
      </h2>
      <ul className={classNames('store-area-grid', `store-area-grid-${stores.length % 5 === 0 ? 5 : 4}`)}>
        {stores.map((store) => {
          const area = areas.get(store.id)
          return area && <StoreArea key={store.id} store={store} data={area} />
        })}
      </ul>
    </div>
  )
}
