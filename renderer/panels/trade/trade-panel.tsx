import { ChartColumn } from 'lucide-react'
import { useCallback } from 'react'
import { ChartFrame } from '../../charts/chart-frame.tsx'
import type { ChartTheme } from '../../charts/chart-theme.ts'
import { describeStep, drawTrade, type TradeData } from '../../charts/trade-chart.ts'
import type { ChartSize } from '../../charts/use-chart.ts'
import type { Formats } from '../../format/formats.ts'
import type { Model } from '../../model.ts'
import type { TradeState } from '../../stores/trade-store.ts'
import { Empty, Failed, Loading, NotRefreshed } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useBoard, useFormats, useModel, useTrade } from '../../use-model.ts'
import { words } from '../../words.ts'
import { BarLegend } from './bar-legend.tsx'
import './trade.css'

const gatherData = (model: Model, trade: TradeState): TradeData => {
  const { board } = model.board.getState()
  const watermark = board?.watermark ?? null
  return {
    span: trade.span,
    steps: trade.steps,
    compared: trade.compared,
    watermarkMs: watermark === null ? null : Date.parse(watermark),
    nowMs: trade.atMs ?? model.nowMs(),
    silences: (board?.alerts ?? [])
      .filter(({ kind }) => kind === 'silent-store')
      // At the last sale, not where it was noticed.
      .map(({ beganAt, message, since }) => ({ atMs: Date.parse(beganAt ?? since), text: message })),
  }
}

/** Revenue and transactions of all stores over the range. */
export function TradePanel() {
  const model = useModel()
  const formats = useFormats()
  const status = useTrade((trade) => trade.status)
  const fault = useTrade((trade) => trade.fault)
  const stepMs = useTrade((trade) => trade.span.stepMs)
  const range = useTrade((trade) => trade.range)
  const isCompared = useTrade((trade) => trade.compared !== null)
  const hasSilence = useBoard(({ board }) => board?.alerts.some(({ kind }) => kind === 'silent-store') ?? false)
  const isEmpty = useTrade((trade) => !trade.steps.transactions.some((count) => count > 0))
  const hasDrawn = useTrade((trade) => trade.atMs !== null)
  const draw = useCallback(
    (trade: TradeState, theme: ChartTheme, formatsNow: Formats, size: ChartSize) =>
      drawTrade(gatherData(model, trade), theme, formatsNow, size),
    [model],
  )
  const describe = (atMs: number) => describeStep(gatherData(model, model.trade.getState()), formats, atMs)
  const steps = (): readonly number[] => {
    const { span, steps: drawn } = model.trade.getState()
    return drawn.cents.map((_, index) => span.fromMs + index * span.stepMs)
  }
  const step = words.time.step(stepMs)
  return (
    <Panel
      className="trade"
      title={words.trade.revenue(step)}
      aside={
        <>
          <NotRefreshed fault={hasDrawn ? fault : null} />
          <BarLegend isCompared={isCompared} hasSilence={hasSilence} />
        </>
      }
    >
      {hasDrawn && !isEmpty && (
        <div className="trade-chart">
          <ChartFrame
            label={words.trade.chart(words.ranges[range].long)}
            source={model.trade}
            draw={draw}
            describe={describe}
            steps={steps}
          />
          <h3 className="trade-second">{words.trade.transactions(step)}</h3>
        </div>
      )}
      {hasDrawn && isEmpty && <Empty icon={ChartColumn} text={words.trade.empty} next={words.trade.emptyNext} />}
      {!hasDrawn && status === 'failed' && fault !== null && (
        <Failed fault={fault} onRetry={() => void model.trade.load()} />
      )}
      {!hasDrawn && status !== 'failed' && <Loading />}
    </Panel>
  )
}
