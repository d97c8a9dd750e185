import type { Formats } from '../format/formats.ts'
import type { ChartTheme } from './chart-theme.ts'
import { chooseTicks } from './time-axis.ts'

const labelSize = 10.5

/** Room for labels; the same for all charts, so that nothing shifts when figures grow. */
export const axisRoom = { left: 54, right: 10, bottom: 22, top: 8 }

/** Width that the label of an instant takes. */
const labelWidth = 34

const labelOf = (theme: ChartTheme) => ({ color: theme.faint, fontSize: labelSize, fontFamily: theme.font })

interface TimeAxisInputs {
  readonly fromMs: number
  readonly untilMs: number
  readonly width: number
  readonly gridIndex?: number
  /** Without labels: another axis under it has them. */
  readonly isBare?: boolean
}

/** A time axis over a span, labelled at round instants of the viewer's zone. */
export function createTimeAxis(theme: ChartTheme, formats: Formats, inputs: TimeAxisInputs) {
  const { fromMs, untilMs, width, gridIndex = 0, isBare = false } = inputs
  const { atMs, areDays } = chooseTicks(fromMs, untilMs, Math.max(2, Math.min(8, Math.floor(width / 80))))
  return {
    id: `time-${gridIndex}`,
    type: 'value',
    gridIndex,
    min: fromMs,
    max: untilMs,
    axisLine: { show: true, onZero: true, lineStyle: { color: theme.line } },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      show: !isBare,
      ...labelOf(theme),
      customValues: dropCut(atMs, { fromMs, untilMs, width: width - axisRoom.left - axisRoom.right }, labelWidth),
      hideOverlap: true,
      formatter: (value: number) => (areDays ? formats.day(value) : formats.minute(value)),
    },
  }
}

/** Instants whose labels have room before the edge of the chart. */
export function dropCut(
  atMs: readonly number[],
  axis: { readonly fromMs: number; readonly untilMs: number; readonly width: number },
  label: number,
): readonly number[] {
  const perPixel = (axis.untilMs - axis.fromMs) / Math.max(1, axis.width)
  return atMs.filter((at) => (axis.untilMs - at) / perPixel >= label / 2 - axisRoom.right)
}

interface ValueAxisInputs {
  readonly format: (value: number) => string
  readonly gridIndex?: number
  readonly splitNumber?: number
  readonly minInterval?: number
}

/** A value axis from zero. */
export function createValueAxis(
  theme: ChartTheme,
  { format, gridIndex = 0, splitNumber = 3, minInterval = 0 }: ValueAxisInputs,
) {
  return {
    id: `value-${gridIndex}`,
    type: 'value',
    gridIndex,
    min: 0,
    splitNumber,
    minInterval,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.line } },
    axisLabel: { ...labelOf(theme), formatter: format },
  }
}
