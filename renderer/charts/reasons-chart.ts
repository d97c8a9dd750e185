import type { QualitySeries } from '../../core/protocol/views.ts'
import type { Formats } from '../format/formats.ts'
import type { Span } from '../stores/range.ts'
import { words } from '../words.ts'
import { axisRoom, createTimeAxis, createValueAxis } from './axes.ts'
import type { ChartTheme } from './chart-theme.ts'
import type { Description } from './chart-tooltip.tsx'
import type { CustomSeriesRenderItem, EChartsCoreOption } from './echarts.ts'
import type { ChartSize } from './use-chart.ts'

/** Rejected and late records over time. */
export interface ReasonsData {
  readonly span: Span
  readonly series: QualitySeries
}

interface Layer {
  readonly reason: string
  readonly values: readonly number[]
  readonly total: number
}

/** Place in the palette, so that a reason keeps its colour whatever else occurs. */
const places = [
  'missing_field',
  'not_json',
  'bad_amount',
  'future_time',
  'wrong_type',
  'bad_time',
  'not_utf8',
  'not_object',
  'too_deep',
  'schema_framed',
  'too_large',
]

export const colourOfReason = (theme: ChartTheme, reason: string): string =>
  reason === 'late' ? theme.warn : (theme.reasons[places.indexOf(reason)] ?? theme.bad)

/** One layer per reason that occurs, laid out over the span, the largest first. */
export function layOutReasons({ span, series }: ReasonsData): readonly Layer[] {
  const length = Math.round((span.untilMs - span.fromMs) / span.stepMs)
  const all: readonly (readonly [string, readonly number[]])[] = [
    ['late', series.late],
    ...Object.entries(series.reasons),
  ]
  const layers = all.map(([reason, counts]) => {
    const values = Array.from({ length }, () => 0)
    series.startMs.forEach((startMs, column) => {
      const index = Math.floor((startMs - span.fromMs) / span.stepMs)
      if (index >= 0 && index < length) values[index] = (values[index] ?? 0) + (counts[column] ?? 0)
    })
    return { reason, values, total: values.reduce((sum, value) => sum + value, 0) }
  })
  return layers.filter(({ total }) => total > 0).toSorted((left, right) => right.total - left.total)
}

const createStackRenderer =
  (colour: string): CustomSeriesRenderItem =>
  (_params, api) => {
    const [startMs = 0, endMs = 0, bottom = 0, top = 0] = [0, 1, 2, 3].map((dimension) => Number(api.value(dimension)))
    const [left = 0, bottomY = 0] = api.coord([startMs, bottom])
    const [right = 0, topY = 0] = api.coord([endMs, top])
    const gap = right - left > 6 ? 2 : 0.5
    const x = Math.round(left + gap / 2)
    const y = Math.round(topY)
    return {
      type: 'rect',
      shape: {
        x,
        y,
        width: Math.max(1, Math.round(right - gap / 2) - x),
        height: Math.max(0, Math.round(bottomY) - y),
      },
      style: { fill: colour },
    }
  }

/** Reasons stacked by step. */
export function drawReasons(
  data: ReasonsData,
  theme: ChartTheme,
  formats: Formats,
  size: ChartSize,
): EChartsCoreOption | null {
  const layers = layOutReasons(data)
  const { span } = data
  const height = Array.from({ length: Math.round((span.untilMs - span.fromMs) / span.stepMs) }, () => 0)
  return {
    grid: { ...axisRoom, left: 40, outerBoundsMode: 'none' },
    xAxis: createTimeAxis(theme, formats, { fromMs: span.fromMs, untilMs: span.untilMs, width: size.width }),
    yAxis: createValueAxis(theme, { format: formats.countShort, minInterval: 1 }),
    series: layers.map(({ reason, values }) => ({
      id: reason,
      type: 'custom',
      silent: true,
      dimensions: ['start', 'end', 'bottom', 'top'],
      encode: { x: [0, 1], y: [2, 3] },
      renderItem: createStackRenderer(colourOfReason(theme, reason)),
      data: values.flatMap((value, index) => {
        const bottom = height[index] ?? 0
        height[index] = bottom + value
        const startMs = span.fromMs + index * span.stepMs
        return value === 0 ? [] : [[startMs, startMs + span.stepMs, bottom, bottom + value]]
      }),
    })),
  }
}

/** What was rejected or late in the step at an instant. */
export function describeReasons(
  data: ReasonsData,
  theme: ChartTheme,
  formats: Formats,
  atMs: number,
): Description | null {
  const { span } = data
  const index = Math.floor((atMs - span.fromMs) / span.stepMs)
  const startMs = span.fromMs + index * span.stepMs
  const rows = layOutReasons(data).flatMap(({ reason, values }) => {
    const value = values[index] ?? 0
    return value === 0
      ? []
      : [{ name: words.reasonOf(reason), value: formats.count(value), colour: colourOfReason(theme, reason) }]
  })
  if (rows.length === 0) return null
  return { title: `${formats.minute(startMs)}–${formats.minute(startMs + span.stepMs)}`, rows }
}
