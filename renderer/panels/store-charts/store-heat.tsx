import { Grid3x3 } from 'lucide-react'
import { ChartFrame } from '../../charts/chart-frame.tsx'
import { describeCell, drawHeatMap, heatOpacity, heatSteps } from '../../charts/heat-map-chart.ts'
import { listSteps } from '../../charts/store-area-chart.ts'
import { useSource } from '../../charts/use-source.ts'
import { Empty, Failed, Loading } from '../../ui/notice.tsx'
import { useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'
import { useStoreMap } from './use-store-map.ts'
import './store-charts.css'

const text = words.stores
const mostStores = 40

/** Store × step: where and when money came in, and where none did. */
export function StoreHeat() {
  const formats = useFormats()
  const { list, stores, data, map } = useStoreMap(mostStores)
  const source = useSource(data)
  const fault = list.fault ?? map.fault
  if (data === null) {
    if (list.answer?.total === 0) return <Empty icon={Grid3x3} text={text.empty} next={text.emptyNext} />
    return fault === null ? <Loading /> : <Failed fault={fault} onRetry={list.reload} />
  }
  const total = list.answer?.total ?? stores.length
  const step = words.time.step(data.span.stepMs)
  const title =
    total > stores.length
      ? text.heatTitle(formats.count(stores.length), formats.count(total), step)
      : text.heatTitleAll(step)
  return (
    <div className="store-heat">
      <header className="store-heat-header">
        <h2 className="store-charts-title">{title}</h2>
        <span className="heat-scale">
          {Array.from({ length: heatSteps }, (_, index) => (
            <span key={index} className="heat-cell">
              <span style={{ opacity: heatOpacity(index) }} />
            </span>
          ))}
          {text.heatScale}
        </span>
      </header>
      <ChartFrame
        label={title}
        source={source}
        draw={(drawn, theme, formatsNow, size) => drawn && drawHeatMap(drawn, theme, formatsNow, size)}
        describe={(atMs, y) => describeCell(data, formats, atMs, y)}
        steps={() => listSteps(data.span)}
      />
    </div>
  )
}
