import { type KeyboardEvent, useEffect, useId, useRef } from 'react'
import { ChartTooltip, type Description } from './chart-tooltip.tsx'
import { hoverStore, leaveChart } from './hover-store.ts'
import { type ChartSource, type DrawChart, useChart } from './use-chart.ts'
import './chart-frame.css'

interface ChartFrameProps<Data> {
  /** What the chart shows, in words. */
  readonly label: string
  readonly source: ChartSource<Data>
  readonly draw: DrawChart<Data>
  /** What lies at a point of the axes; null = nothing. */
  readonly describe: (x: number, y: number | null) => Description | null
  /** The values of the x axis that the arrow keys step through. */
  readonly steps: () => readonly number[]
}

/** A chart with its crosshair and tooltip, for pointer and keys. */
export function ChartFrame<Data>({ label, source, draw, describe, steps }: ChartFrameProps<Data>) {
  const chartId = useId()
  const canvas = useRef<HTMLDivElement>(null)
  const crosshair = useRef<HTMLDivElement>(null)
  const chart = useChart(canvas, source, draw)

  useEffect(
    () =>
      hoverStore.subscribe(({ chartId: owner, x }) => {
        const line = crosshair.current
        if (line === null) return
        const pixel = owner === null || chart.current === null ? null : locate(chart.current, x)
        line.hidden = pixel === null
        if (pixel !== null) line.style.transform = `translateX(${Math.round(pixel)}px)`
      }),
    [chart],
  )
  useEffect(() => () => leaveChart(chartId), [chartId])

  const point = (offsetX: number, offsetY: number): void => {
    const found: unknown = chart.current?.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY])
    if (!Array.isArray(found)) return
    const [x, y] = found
    if (describe(x, y) === null) leaveChart(chartId)
    else hoverStore.setState({ chartId, x, y })
  }
  const step = (event: KeyboardEvent): void => {
    const at = steps()
    const { chartId: owner, x } = hoverStore.getState()
    const found = at.findLastIndex((value) => value <= x)
    const index = owner === chartId && found >= 0 ? found : at.length - 1
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      Home: 0,
      End: at.length - 1,
    }
    const next = moves[event.key]
    if (event.key === 'Escape') leaveChart(chartId)
    const value = next === undefined ? undefined : at[Math.min(at.length - 1, Math.max(0, next))]
    if (value === undefined) return
    event.preventDefault()
    hoverStore.setState({ chartId, x: value, y: null })
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the arrow keys step through its values
    <div
      className="chart"
      role="group"
      aria-label={label}
      tabIndex={0}
      onKeyDown={step}
      onBlur={() => leaveChart(chartId)}
    >
      <div
        ref={canvas}
        className="chart-canvas"
        onPointerMove={({ nativeEvent }) => point(nativeEvent.offsetX, nativeEvent.offsetY)}
        onPointerLeave={() => leaveChart(chartId)}
      />
      <div ref={crosshair} className="chart-crosshair" hidden />
      <ChartTooltip chartId={chartId} chart={chart} describe={describe} />
    </div>
  )
}

/** Pixel of a value on the x axis; null outside of the axis. */
function locate(chart: NonNullable<ReturnType<typeof useChart>['current']>, x: number): number | null {
  const found: unknown = chart.convertToPixel({ xAxisIndex: 0 }, x)
  const isInside = typeof found === 'number' && found >= 0 && found <= chart.getWidth()
  return isInside ? found : null
}
