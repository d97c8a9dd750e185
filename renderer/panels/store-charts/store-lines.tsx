import { ChartLine } from 'lucide-react'
import { useState } from 'react'
import { ChartFrame } from '../../charts/chart-frame.tsx'
import { readChartTheme } from '../../charts/chart-theme.ts'
import { describeLines, drawStoreLines } from '../../charts/store-lines-chart.ts'
import { useSource } from '../../charts/use-source.ts'
import { storeRoute } from '../../stores/route.ts'
import { Empty, Failed, Loading } from '../../ui/notice.tsx'
import { useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'
import { StoreSwatch } from './store-swatch.tsx'
import { useStoreMap } from './use-store-map.ts'
import './store-charts.css'

const text = words.stores
const mostStores = 10

/** Revenue over time of the first stores of the order, beside their names and totals. */
export function StoreLines() {
  const formats = useFormats()
  const [marked, setMarked] = useState<number | null>(null)
  const { list, stores, data, map } = useStoreMap(mostStores, marked)
  const source = useSource(data)
  const fault = list.fault ?? map.fault
  if (data === null) {
    if (list.answer?.total === 0) return <Empty icon={ChartLine} text={text.empty} next={text.emptyNext} />
    return fault === null ? <Loading /> : <Failed fault={fault} onRetry={list.reload} />
  }
  const total = list.answer?.total ?? stores.length
  const title =
    total > stores.length ? text.chartTitle(formats.count(stores.length), formats.count(total)) : text.chartTitleAll
  const { span } = data
  return (
    <div className="store-lines">
      <ChartFrame
        label={title}
        source={source}
        draw={(drawn, theme, formatsNow, size) => drawn && drawStoreLines(drawn, theme, formatsNow, size)}
        describe={(atMs) => describeLines(data, readChartTheme(), formats, atMs)}
        steps={() =>
          Array.from(
            { length: Math.round((span.untilMs - span.fromMs) / span.stepMs) - 1 },
            (_, index) => span.fromMs + index * span.stepMs,
          )
        }
      />
      <aside className="store-names" aria-label={title}>
        <h2 className="store-names-title">{title}</h2>
        <ul>
          {stores.map((store) => (
            <li key={store.id}>
              <a
                className="store-names-link"
                href={`#${storeRoute(store.id)}`}
                onPointerEnter={() => setMarked(store.id)}
                onPointerLeave={() => setMarked(null)}
                onFocus={() => setMarked(store.id)}
                onBlur={() => setMarked(null)}
              >
                <StoreSwatch storeId={store.id} />
                <span className="store-name">{store.name}</span>
                <span>{formats.money(store.cents)}</span>
              </a>
            </li>
          ))}
        </ul>
      </aside>
    </div>
  )
}
