import type { Formats } from '../format/formats.ts'
import type { Span } from '../stores/range.ts'
import { expectLast, type Steps } from '../stores/series.ts'
import { words } from '../words.ts'
import { axisRoom, createTimeAxis, createValueAxis } from './axes.ts'
import { type Bar, barKinds, createBarRenderer, createSilenceRenderer, createWatermarkRenderer } from './bars.ts'
import type { ChartTheme } from './chart-theme.ts'
import type { Description } from './chart-tooltip.tsx'
import type { EChartsCoreOption } from './echarts.ts'
import type { ChartSize } from './use-chart.ts'

/** What the chart of sales over time is drawn from. */
export interface TradeData {
  readonly span: Span
  readonly steps: Steps
  readonly compared: Steps | null
  readonly watermarkMs: number | null
  readonly nowMs: number
  /** Stores that are silent now: since when, and in which words. */
  readonly silences: readonly { readonly atMs: number; readonly text: string }[]
}

type Figure = 'cents' | 'transactions'

const kindOf = (data: TradeData, index: number): number => {
  const endMs = data.span.fromMs + (index + 1) * data.span.stepMs
  if (endMs > data.nowMs) return barKinds.running
  return data.steps.final[index] ? barKinds.final : barKinds.provisional
}

const elapsedShare = ({ span, nowMs }: TradeData): number => 1 - (span.untilMs - nowMs) / span.stepMs

/** The bars of one figure, and what the running one may come to. */
export function createBars(data: TradeData, figure: Figure): readonly Bar[] {
  const values = data.steps[figure]
  const expected = expectLast(values, elapsedShare(data))
  return values.map((value, index) => {
    const startMs = data.span.fromMs + index * data.span.stepMs
    const kind = kindOf(data, index)
    const outline = kind === barKinds.running && expected !== null ? expected : -1
    return [startMs, startMs + data.span.stepMs, value, kind, outline]
  })
}

function createComparedLine(data: TradeData, figure: Figure, grid: number, theme: ChartTheme) {
  if (data.compared === null) return []
  const values = data.compared[figure]
  const points = values.map((value, index) => [data.span.fromMs + index * data.span.stepMs, value])
  points.push([data.span.untilMs, values.at(-1) ?? 0])
  const line = {
    type: 'line',
    step: 'end',
    symbol: 'none',
    silent: true,
    xAxisIndex: grid,
    yAxisIndex: grid,
    data: points,
  }
  return [
    { ...line, id: `halo-${figure}`, z: 3, lineStyle: { color: theme.panel, width: 3.5, join: 'miter' } },
    {
      ...line,
      id: `compared-${figure}`,
      z: 4,
      lineStyle: { color: theme.text, width: 1.2, opacity: 0.85, join: 'miter' },
    },
  ]
}

function createSeries(data: TradeData, figure: Figure, grid: number, theme: ChartTheme) {
  const { watermarkMs, span } = data
  const isInside = watermarkMs !== null && watermarkMs > span.fromMs && watermarkMs <= span.untilMs
  const custom = { type: 'custom', silent: true, clip: true, xAxisIndex: grid, yAxisIndex: grid }
  return [
    {
      ...custom,
      id: `bars-${figure}`,
      dimensions: ['start', 'end', 'value', 'kind', 'expected'],
      encode: { x: [0, 1], y: [2, 4] },
      renderItem: createBarRenderer(theme),
      data: createBars(data, figure),
      z: 2,
    },
    ...createComparedLine(data, figure, grid, theme),
    {
      ...custom,
      // Its word stands above the axes.
      clip: false,
      id: `watermark-${figure}`,
      dimensions: ['at'],
      encode: { x: 0 },
      renderItem: createWatermarkRenderer(theme, grid === 0 ? words.trade.watermark : null),
      data: isInside ? [[watermarkMs]] : [],
      z: 5,
    },
    {
      ...custom,
      clip: false,
      id: `silence-${figure}`,
      dimensions: ['at'],
      encode: { x: 0 },
      renderItem: createSilenceRenderer(theme),
      data: data.silences.filter(({ atMs }) => atMs >= span.fromMs && atMs <= span.untilMs).map(({ atMs }) => [atMs]),
      z: 6,
    },
  ]
}

/** Over the bars, for the word at the watermark. */
const watermarkRoom = 20

const figures: readonly Figure[] = ['cents', 'transactions']

/** Revenue over sales, one above the other on one time axis; revenue alone in a low chart. */
export function drawTrade(
  data: TradeData,
  theme: ChartTheme,
  formats: Formats,
  size: ChartSize,
): EChartsCoreOption | null {
  if (data.steps.cents.length === 0) return null
  const both = size.height >= 240
  const shown = both ? figures : figures.slice(0, 1)
  const usable = size.height - axisRoom.bottom
  const salesTop = Math.round(usable * 0.68)
  const sideways = { left: axisRoom.left, right: axisRoom.right, outerBoundsMode: 'none' }
  const time = { fromMs: data.span.fromMs, untilMs: data.span.untilMs, width: size.width }
  return {
    grid: both
      ? [
          { id: 'grid-0', ...sideways, top: watermarkRoom, height: salesTop - watermarkRoom - 34 },
          { id: 'grid-1', ...sideways, top: salesTop, bottom: axisRoom.bottom },
        ]
      : [{ id: 'grid-0', ...sideways, top: watermarkRoom, bottom: axisRoom.bottom }],
    xAxis: shown.map((_, grid) =>
      createTimeAxis(theme, formats, { ...time, gridIndex: grid, isBare: grid < shown.length - 1 }),
    ),
    yAxis: shown.map((figure, grid) =>
      figure === 'cents'
        ? createValueAxis(theme, { gridIndex: grid, format: formats.moneyShort })
        : createValueAxis(theme, { gridIndex: grid, format: formats.countShort, splitNumber: 2, minInterval: 1 }),
    ),
    series: shown.flatMap((figure, grid) => createSeries(data, figure, grid, theme)),
  }
}

/** The step at an instant, in words and figures. */
export function describeStep(data: TradeData, formats: Formats, atMs: number): Description | null {
  const index = Math.floor((atMs - data.span.fromMs) / data.span.stepMs)
  const cents = data.steps.cents[index]
  const sales = data.steps.transactions[index]
  if (cents === undefined || sales === undefined) return null
  const startMs = data.span.fromMs + index * data.span.stepMs
  const notes = [words.trade.isFinal, words.trade.isProvisional, words.trade.isRunning]
  const compared = data.compared?.cents[index]
  const day = data.span.untilMs - data.span.fromMs > 86_400_000 ? `${formats.day(startMs)} ` : ''
  return {
    title: `${day}${formats.minute(startMs)}–${formats.minute(startMs + data.span.stepMs)}`,
    note: notes[kindOf(data, index)] ?? '',
    rows: [
      { name: words.trade.revenueRow, value: formats.moneyExact(cents) },
      { name: words.trade.transactionsRow, value: formats.count(sales) },
      ...(sales > 0 ? [{ name: words.trade.averageRow, value: formats.moneyExact(cents / sales) }] : []),
      ...(compared === undefined ? [] : [{ name: words.trade.yesterdayRow, value: formats.moneyExact(compared) }]),
      ...data.silences
        .filter(({ atMs: at }) => at >= startMs && at < startMs + data.span.stepMs)
        .map(({ atMs: at, text }) => ({ name: text, value: formats.minute(at) })),
    ],
  }
}
