import { type RefObject, useContext, useEffect, useRef } from 'react'
import type { Formats } from '../format/formats.ts'
import { useFormats } from '../use-model.ts'
import { type ChartTheme, readChartTheme } from './chart-theme.ts'
import { type ECharts, type EChartsCoreOption, init } from './echarts.ts'
import { ThemeContext } from './theme-context.ts'

/** Data that changes outside of React: any vanilla store. */
export interface ChartSource<Data> {
  getState(): Data
  subscribe(listener: () => void): () => void
}

export interface ChartSize {
  readonly width: number
  readonly height: number
}

/** The option for some data; null draws nothing yet. Series carry an id, so that they are updated and not replaced. */
export type DrawChart<Data> = (
  data: Data,
  theme: ChartTheme,
  formats: Formats,
  size: ChartSize,
) => EChartsCoreOption | null

/** Shortest time between two drawings of one chart. */
const drawEveryMs = 450

/**
 * A chart in an element, drawn when its data, theme or size changes and never because React renders.
 *
 * @returns the chart once its element has a size
 */
export function useChart<Data>(
  element: RefObject<HTMLElement | null>,
  source: ChartSource<Data>,
  draw: DrawChart<Data>,
): RefObject<ECharts | null> {
  const chart = useRef<ECharts | null>(null)
  const themeStore = useContext(ThemeContext)
  const formats = useFormats()
  const latest = useRef(draw)
  useEffect(() => {
    latest.current = draw
  })
  useEffect(() => {
    const host = element.current
    if (host === null || themeStore === null) return undefined
    let theme = readChartTheme()
    let drawnAtMs = Number.NEGATIVE_INFINITY
    let waiting: ReturnType<typeof setTimeout> | null = null

    const drawNow = (): void => {
      waiting = null
      if (chart.current === null) return
      drawnAtMs = performance.now()
      const size = { width: chart.current.getWidth(), height: chart.current.getHeight() }
      const option = latest.current(source.getState(), theme, formats, size)
      if (option === null) chart.current.clear()
      else chart.current.setOption({ animation: false, ...option }, { replaceMerge: ['series'] })
    }
    const drawSoon = (): void => {
      const dueInMs = drawnAtMs + drawEveryMs - performance.now()
      if (dueInMs <= 0) drawNow()
      else waiting ??= setTimeout(drawNow, dueInMs)
    }
    const fit = ({ width, height }: ChartSize): void => {
      if (width === 0 || height === 0) return
      if (chart.current === null) chart.current = init(host, null, { renderer: 'canvas', width, height })
      else chart.current.resize({ width, height, silent: true })
      drawNow()
    }
    const observer = new ResizeObserver(([entry]) => {
      if (entry) fit({ width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) })
    })
    observer.observe(host)
    const undoSource = source.subscribe(drawSoon)
    const undoTheme = themeStore.subscribe(() => {
      theme = readChartTheme()
      drawNow()
    })
    return () => {
      if (waiting !== null) clearTimeout(waiting)
      observer.disconnect()
      undoSource()
      undoTheme()
      chart.current?.dispose()
      chart.current = null
    }
  }, [element, source, formats, themeStore])
  return chart
}
