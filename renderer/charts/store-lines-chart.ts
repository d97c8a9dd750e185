import type { HeatMap } from '../../core/protocol/views.ts'
import type { Formats } from '../format/formats.ts'
import type { Span } from '../stores/range.ts'
import { axisRoom, createTimeAxis, createValueAxis } from './axes.ts'
import { type ChartTheme, styleOfStore } from './chart-theme.ts'
import type { Description } from './chart-tooltip.tsx'
import type { EChartsCoreOption } from './echarts.ts'
import type { ChartSize } from './use-chart.ts'

/** Revenue per store and step. */
export interface StoreChartData {
  readonly span: Span
  readonly map: HeatMap
  /** The store that is pointed at in the list; the others step back. */
  readonly marked: number | null
}

/** Steps that are over: the running one would look like a fall of all. */
const finishedSteps = ({ span }: StoreChartData): number =>
  Math.max(0, Math.round((span.untilMs - span.fromMs) / span.stepMs) - 1)

/** A row of the map laid out over the span, missing steps as zero. */
export function layOutRow(data: StoreChartData, row: number): readonly number[] {
  const { span, map } = data
  const length = Math.round((span.untilMs - span.fromMs) / span.stepMs)
  const values = Array.from({ length }, () => 0)
  map.startMs.forEach((startMs, column) => {
    const index = Math.floor((startMs - span.fromMs) / span.stepMs)
    if (index >= 0 && index < length) values[index] = (values[index] ?? 0) + (map.cents[row]?.[column] ?? 0)
  })
  return values
}

/** One line per store, in its own colour. */
export function drawStoreLines(
  data: StoreChartData,
  theme: ChartTheme,
  formats: Formats,
  size: ChartSize,
): EChartsCoreOption | null {
  if (data.map.stores.length === 0) return null
  const { span } = data
  const count = finishedSteps(data)
  return {
    grid: { ...axisRoom, outerBoundsMode: 'none' },
    xAxis: createTimeAxis(theme, formats, { fromMs: span.fromMs, untilMs: span.untilMs, width: size.width }),
    yAxis: createValueAxis(theme, { format: formats.moneyShort, splitNumber: 5 }),
    series: data.map.stores.map(({ id }, row) => {
      const { colour, dash } = styleOfStore(theme, id)
      const isBehind = data.marked !== null && data.marked !== id
      return {
        id: `store-${id}`,
        type: 'line',
        symbol: 'none',
        silent: true,
        z: data.marked === id ? 5 : 2,
        lineStyle: {
          color: colour,
          width: data.marked === id ? 2.4 : 1.5,
          type: dash.length === 0 ? 'solid' : dash,
          opacity: isBehind ? 0.2 : 1,
        },
        data: layOutRow(data, row)
          .slice(0, count)
          .map((cents, index) => [span.fromMs + (index + 0.5) * span.stepMs, cents]),
      }
    }),
  }
}

const periodOf = ({ fromMs, stepMs }: Span, index: number, formats: Formats): string =>
  `${formats.minute(fromMs + index * stepMs)}–${formats.minute(fromMs + (index + 1) * stepMs)}`

const indexAt = ({ fromMs, stepMs }: Span, atMs: number): number => Math.floor((atMs - fromMs) / stepMs)

/** The stores' revenue at an instant, the largest first. */
export function describeLines(
  data: StoreChartData,
  theme: ChartTheme,
  formats: Formats,
  atMs: number,
): Description | null {
  const index = indexAt(data.span, atMs)
  if (index < 0 || index >= finishedSteps(data)) return null
  const rows = data.map.stores.map(({ id, name }, row) => ({
    name,
    cents: layOutRow(data, row)[index] ?? 0,
    colour: styleOfStore(theme, id).colour,
  }))
  return {
    title: periodOf(data.span, index, formats),
    rows: rows
      .toSorted((left, right) => right.cents - left.cents)
      .map(({ name, cents, colour }) => ({ name, colour, value: formats.moneyExact(cents) })),
  }
}

/** The cell under a point of the heat map. */
export function describeCell(
  data: StoreChartData,
  formats: Formats,
  atMs: number,
  y: number | null,
): Description | null {
  const index = indexAt(data.span, atMs)
  const row = y === null ? 0 : Math.floor(y)
  const store = data.map.stores[row]
  const cents = store === undefined ? undefined : layOutRow(data, row)[index]
  if (store === undefined || cents === undefined) return null
  return { title: periodOf(data.span, index, formats), rows: [{ name: store.name, value: formats.moneyExact(cents) }] }
}
