import { type RefObject, useLayoutEffect, useRef } from 'react'
import { useStore } from 'zustand'
import type { ECharts } from './echarts.ts'
import { hoverStore } from './hover-store.ts'

/** What lies at a point of a chart, in words and figures. */
export interface Description {
  readonly title: string
  /** State of the point: final, still running. */
  readonly note?: string
  readonly rows: readonly { readonly name: string; readonly value: string; readonly colour?: string }[]
}

interface ChartTooltipProps {
  readonly chartId: string
  readonly chart: RefObject<ECharts | null>
  readonly describe: (x: number, y: number | null) => Description | null
}

const gapPx = 14

/** The tooltip of the chart under the pointer: a layer of our own, since the library's writes HTML. */
export function ChartTooltip({ chartId, chart, describe }: ChartTooltipProps) {
  const hover = useStore(hoverStore, (state) => (state.chartId === chartId ? state : null))
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = box.current
    const drawn = chart.current
    if (element === null || drawn === null || hover === null) return
    const { x, y } = place(drawn, hover.x, hover.y)
    const { offsetWidth: width, offsetHeight: height } = element
    const left = x + gapPx + width > drawn.getWidth() ? x - gapPx - width : x + gapPx
    const top = Math.min(Math.max(4, y - height / 2), Math.max(4, drawn.getHeight() - height - 4))
    element.style.transform = `translate(${Math.round(Math.max(4, left))}px, ${Math.round(top)}px)`
  })
  const description = hover === null ? null : describe(hover.x, hover.y)
  if (description === null) return null
  return (
    // Read out when stepped to by keys; a pointer that wanders would never let it finish.
    <div ref={box} className="chart-tooltip tabular" {...(hover?.y === null ? { role: 'status' } : {})}>
      <div className="chart-tooltip-title">
        <span>{description.title}</span>
        <span>{description.note}</span>
      </div>
      {description.rows.map(({ name, value, colour }) => (
        <div key={name} className="chart-tooltip-row">
          {colour !== undefined && <span className="chart-tooltip-swatch" style={{ background: colour }} />}
          <span className="chart-tooltip-name">{name}</span>
          <span>{value}</span>
        </div>
      ))}
    </div>
  )
}

function place(chart: ECharts, x: number, y: number | null): { readonly x: number; readonly y: number } {
  const found: unknown = chart.convertToPixel({ gridIndex: 0 }, [x, y ?? 0])
  const [pixelX, pixelY] = Array.isArray(found) ? found : [0, 0]
  return { x: Number(pixelX), y: y === null ? chart.getHeight() / 3 : Number(pixelY) }
}
