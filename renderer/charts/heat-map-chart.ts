import type { Formats } from '../format/formats.ts'
import { createTimeAxis } from './axes.ts'
import type { ChartTheme } from './chart-theme.ts'
import type { CustomSeriesRenderItem, EChartsCoreOption } from './echarts.ts'
import type { Description } from './chart-tooltip.tsx'
import { describePeriod, layOutRow, type StoreMapData } from './store-area-chart.ts'
import type { ChartSize } from './use-chart.ts'

const nameWidth = 150
/** Cells above this share of all are as bright as they get: one peak must not darken the rest. */
const brightestShare = 0.98
export const heatSteps = 7

/** Opacity of a step of the scale, from nothing sold to the most. */
export const heatOpacity = (step: number): number => (step === 0 ? 0 : 0.16 + (0.84 * step) / (heatSteps - 1))

/** Which step of the scale a value takes. */
export function scaleHeat(value: number, brightest: number): number {
  if (value <= 0 || brightest <= 0) return 0
  return Math.min(heatSteps - 1, 1 + Math.floor((value / brightest) * (heatSteps - 1)))
}

/** The value from which on a cell is as bright as it gets. */
export function findBrightest(values: readonly number[]): number {
  const sorted = values.filter((value) => value > 0).toSorted((left, right) => left - right)
  return sorted[Math.floor((sorted.length - 1) * brightestShare)] ?? 0
}

/** One element a row: a rectangle for each cell that sold something. */
const createRowRenderer =
  (
    data: StoreMapData,
    rows: readonly (readonly number[])[],
    brightest: number,
    theme: ChartTheme,
  ): CustomSeriesRenderItem =>
  (_params, api) => {
    const row = Number(api.value(0))
    const { fromMs, stepMs } = data.span
    const [, top = 0] = api.coord([fromMs, row])
    const [, bottom = 0] = api.coord([fromMs, row + 1])
    const height = Math.max(1, Math.round(bottom) - Math.round(top) - 1)
    const edges = [...(rows[row] ?? []), 0].map((_, index) =>
      Math.round(api.coord([fromMs + index * stepMs, row])[0] ?? 0),
    )
    const cells = (rows[row] ?? []).map((value, index) => {
      const x = edges[index] ?? 0
      const opacity = heatOpacity(scaleHeat(value, brightest))
      return {
        type: 'rect',
        shape: { x, y: Math.round(top), width: Math.max(1, (edges[index + 1] ?? x) - x - 1), height },
        style: { fill: opacity === 0 ? theme.raised : theme.accent, opacity: opacity === 0 ? 1 : opacity },
      } as const
    })
    return { type: 'group', children: cells }
  }

/** Stores down, steps across, revenue as brightness. */
export function drawHeatMap(
  data: StoreMapData,
  theme: ChartTheme,
  formats: Formats,
  size: ChartSize,
): EChartsCoreOption | null {
  const count = data.map.stores.length
  if (count === 0) return null
  const rows = data.map.stores.map((_, row) => layOutRow(data, row))
  const brightest = findBrightest(rows.flat())
  return {
    grid: { left: nameWidth, right: 10, top: 4, bottom: 22, outerBoundsMode: 'none' },
    xAxis: createTimeAxis(theme, formats, {
      fromMs: data.span.fromMs,
      untilMs: data.span.untilMs,
      width: size.width - nameWidth,
    }),
    yAxis: {
      id: 'stores',
      type: 'value',
      inverse: true,
      min: 0,
      max: count,
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: {
        customValues: rows.map((_, row) => row + 0.5),
        color: theme.dim,
        fontSize: 11,
        fontFamily: theme.font,
        width: nameWidth - 16,
        overflow: 'truncate',
        formatter: (value: number) => data.map.stores[Math.floor(value)]?.name ?? '',
      },
    },
    series: [
      {
        id: 'heat',
        type: 'custom',
        silent: true,
        dimensions: ['row'],
        encode: { y: 0 },
        renderItem: createRowRenderer(data, rows, brightest, theme),
        data: rows.map((_, row) => [row]),
      },
    ],
  }
}

/** The cell under a point. */
export function describeCell(data: StoreMapData, formats: Formats, atMs: number, y: number | null): Description | null {
  const index = Math.floor((atMs - data.span.fromMs) / data.span.stepMs)
  const row = y === null ? 0 : Math.floor(y)
  const store = data.map.stores[row]
  const cents = store === undefined ? undefined : layOutRow(data, row)[index]
  if (store === undefined || cents === undefined) return null
  return {
    title: describePeriod(data.span, index, formats),
    rows: [{ name: store.name, value: formats.moneyExact(cents) }],
  }
}
