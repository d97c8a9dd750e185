import { useMemo } from 'react'
import type { StoreSheet } from '../../../core/protocol/views.ts'
import { ChartFrame } from '../../charts/chart-frame.tsx'
import { listSteps } from '../../charts/store-area-chart.ts'
import { describeStep, drawTrade, type TradeData } from '../../charts/trade-chart.ts'
import { useSource } from '../../charts/use-source.ts'
import { dayMs, type Span } from '../../stores/range.ts'
import { layOut } from '../../stores/series.ts'
import { useBoard, useFormats, useModel, usePoll, useView } from '../../use-model.ts'
import { words } from '../../words.ts'
import { BarLegend } from '../trade/bar-legend.tsx'
import '../trade/trade.css'

const comparedRefreshMs = 60_000

/** The store's own bars over the range. */
export function StoreTrade({ sheet, span }: { readonly sheet: StoreSheet; readonly span: Span }) {
  const model = useModel()
  const formats = useFormats()
  const isCompared = useView((view) => view.compare)
  const watermark = useBoard(({ board }) => board?.watermark ?? null)
  const { id, name, silentSinceMs } = sheet.summary
  const { answer: yesterday } = usePoll(
    'series',
    `${id} ${span.fromMs} ${isCompared}`,
    isCompared
      ? () => ({ fromMs: span.fromMs - dayMs, untilMs: span.untilMs - dayMs, stepMs: span.stepMs, storeId: id })
      : null,
    comparedRefreshMs,
  )
  const data = useMemo<TradeData>(() => {
    const watermarkMs = watermark === null ? null : Date.parse(watermark)
    const before = { ...span, fromMs: span.fromMs - dayMs, untilMs: span.untilMs - dayMs }
    return {
      span,
      steps: layOut([sheet.series], span, watermarkMs),
      compared:
        isCompared && yesterday !== null && yesterday.startMs.length > 0 ? layOut([yesterday], before, null) : null,
      watermarkMs,
      nowMs: model.nowMs(),
      silences: silentSinceMs === null ? [] : [{ atMs: silentSinceMs, text: words.trade.silence }],
    }
    // Drawn anew with each answer; the watermark moves with every board and need not draw by itself.
  }, [sheet, yesterday, isCompared, span.fromMs, span.stepMs])
  const source = useSource(data)
  const step = words.time.step(span.stepMs)
  return (
    <>
      <div className="sheet-chart-header">
        <h3>{words.trade.revenue(step)}</h3>
        <BarLegend isCompared={data.compared !== null} hasSilence={data.silences.length > 0} />
      </div>
      <div className="trade-chart sheet-chart">
        <ChartFrame
          label={words.sheet.chart(name)}
          source={source}
          draw={drawTrade}
          describe={(atMs) => describeStep(data, formats, atMs)}
          steps={() => listSteps(span)}
        />
        <h3 className="trade-second">{words.trade.transactions(step)}</h3>
      </div>
    </>
  )
}
