import type { HeatMap } from '../../core/protocol/views.ts'
import type { Formats } from '../format/formats.ts'
import type { Span } from '../stores/range.ts'
import { createTimeAxis, createValueAxis } from './axes.ts'
import { type ChartTheme, colourOfStore } from './chart-theme.ts'
import type { Description } from './chart-tooltip.tsx'
import type { EChartsCoreOption } from './echarts.ts'
import type { ChartSize } from './use-chart.ts'

/** Revenue per store and step. */
export interface StoreMapData {
  readonly span: Span
  readonly map: HeatMap
}

/** Revenue of one store per step, on a scale that all stores of the page share. */
export interface StoreAreaData {
  readonly span: Span
  readonly storeId: number
  readonly values: readonly number[]
  /** Top of the axis. */
  readonly most: number
}

const room = { left: 40, right: 8, top: 12, bottom: 20 }

/** A row of the map laid out over the span, missing steps as zero. */
export function layOutRow({ span, map }: StoreMapData, row: number): readonly number[] {
  const length = Math.round((span.untilMs - span.fromMs) / span.stepMs)
  const values = Array.from({ length }, () => 0)
  map.startMs.forEach((startMs, column) => {
    const index = Math.floor((startMs - span.fromMs) / span.stepMs)
    if (index >= 0 && index < length) values[index] = (values[index] ?? 0) + (map.cents[row]?.[column] ?? 0)
  })
  return values
}

/** One store's revenue as an area in its own colour. The running step is left out: it would look like a fall. */
export function drawStoreArea(
  data: StoreAreaData,
  theme: ChartTheme,
  formats: Formats,
  size: ChartSize,
): EChartsCoreOption {
  const { span, values, most } = data
  const colour = colourOfStore(theme, data.storeId)
  return {
    grid: { ...room, outerBoundsMode: 'none' },
    xAxis: createTimeAxis(theme, formats, { fromMs: span.fromMs, untilMs: span.untilMs, width: size.width - 20 }),
    yAxis: { ...createValueAxis(theme, { format: formats.moneyShort, splitNumber: 2 }), max: most },
    series: [
      {
        id: 'revenue',
        type: 'line',
        symbol: 'none',
        silent: true,
        lineStyle: { color: colour, width: 1.4 },
        areaStyle: { color: colour, opacity: 0.14 },
        data: values.slice(0, -1).map((cents, index) => [span.fromMs + (index + 0.5) * span.stepMs, cents]),
      },
    ],
  }
}

export const describePeriod = ({ fromMs, stepMs }: Span, index: number, formats: Formats): string =>
  `${formats.minute(fromMs + index * stepMs)}–${formats.minute(fromMs + (index + 1) * stepMs)}`

/** A store's revenue in the step at an instant. */
export function describeArea(data: StoreAreaData, name: string, formats: Formats, atMs: number): Description | null {
  const index = Math.floor((atMs - data.span.fromMs) / data.span.stepMs)
  const cents = data.values.slice(0, -1)[index]
  if (cents === undefined) return null
  return { title: describePeriod(data.span, index, formats), rows: [{ name, value: formats.moneyExact(cents) }] }
}

/** Starts of the steps of a span. */
export const listSteps = ({ fromMs, untilMs, stepMs }: Span): readonly number[] =>
  Array.from({ length: Math.max(0, Math.round((untilMs - fromMs) / stepMs)) }, (_, index) => fromMs + index * stepMs)
