import type { ChartTheme } from './chart-theme.ts'
import type { CustomSeriesRenderItem } from './echarts.ts'

/** How sure a bar is. */
export const barKinds = { final: 0, provisional: 1, running: 2 } as const

/** One bar: [startMs, endMs, value, kind, expected value or −1]. */
export type Bar = readonly [number, number, number, number, number]

const patterns = new Map<string, HTMLCanvasElement>()

/** Slanted lines in the colour of final bars over the colour of open ones; made once for each theme. */
function hatch(theme: ChartTheme): HTMLCanvasElement {
  const key = `${theme.barFinal}|${theme.barOpen}`
  const known = patterns.get(key)
  if (known) return known
  const canvas = document.createElement('canvas')
  canvas.width = 8
  canvas.height = 8
  const context = canvas.getContext('2d')
  if (context) {
    context.fillStyle = theme.barOpen
    context.fillRect(0, 0, 8, 8)
    context.strokeStyle = theme.accent
    context.globalAlpha = 0.55
    context.lineWidth = 1.6
    for (const shift of [-8, 0, 8]) {
      context.beginPath()
      context.moveTo(shift - 1, 9)
      context.lineTo(shift + 9, -1)
      context.stroke()
    }
  }
  patterns.set(key, canvas)
  return canvas
}

function fillOf(
  kind: number,
  theme: ChartTheme,
): string | { readonly image: HTMLCanvasElement; readonly repeat: 'repeat' } {
  if (kind === barKinds.running) return { image: hatch(theme), repeat: 'repeat' }
  return kind === barKinds.final ? theme.barFinal : theme.barOpen
}

/** Draws a bar on whole pixels, and over a running one the outline of what it may come to. */
export const createBarRenderer =
  (theme: ChartTheme): CustomSeriesRenderItem =>
  (_params, api) => {
    const [startMs, endMs, value, kind, expected] = [0, 1, 2, 3, 4].map((dimension) => Number(api.value(dimension)))
    if (startMs === undefined || endMs === undefined || value === undefined) return null
    const [left = 0, base = 0] = api.coord([startMs, 0])
    const [right = 0, top = 0] = api.coord([endMs, value])
    const room = right - left
    const gap = room > 14 ? 3 : room > 6 ? 2 : room > 3 ? 1 : 0.5
    const x = room > 3 ? Math.round(left + gap / 2) : left
    const width = Math.max(0.5, (room > 3 ? Math.round(right - gap / 2) : right - gap) - x)
    const y = Math.min(Math.round(top), value > 0 ? Math.round(base) - 1 : Math.round(base))
    const bar = {
      type: 'rect',
      shape: { x, y, width, height: Math.round(base) - y },
      style: { fill: fillOf(kind ?? 0, theme) },
    } as const
    if (expected === undefined || expected <= value) return bar
    const [, ghostTop = 0] = api.coord([startMs, expected])
    const ghost = {
      type: 'rect',
      shape: {
        x: x + 0.5,
        y: Math.round(ghostTop) + 0.5,
        width: Math.max(0.5, width - 1),
        height: Math.round(base) - Math.round(ghostTop),
      },
      style: { fill: 'none', stroke: theme.barEdge, lineWidth: 1, lineDash: [2, 2] },
    } as const
    return { type: 'group', children: [bar, ghost] }
  }

/** The rectangle of the axes: the library gives it and does not type it. */
const readArea = (axes: object): { readonly x: number; readonly y: number; readonly height: number } => ({
  x: Number(Reflect.get(axes, 'x')),
  y: Number(Reflect.get(axes, 'y')),
  height: Number(Reflect.get(axes, 'height')),
})

/** Draws the watermark at [atMs] through the whole height, with its word where there is room. */
export const createWatermarkRenderer =
  (theme: ChartTheme, word: string | null): CustomSeriesRenderItem =>
  (params, api) => {
    const area = readArea(params.coordSys)
    const [x = 0] = api.coord([Number(api.value(0)), 0])
    const at = Math.round(x) + 0.5
    const line = {
      type: 'line',
      shape: { x1: at, y1: area.y - (word === null ? 0 : 12), x2: at, y2: area.y + area.height },
      style: { stroke: theme.warn, lineWidth: 1.2 },
    } as const
    if (word === null) return line
    const isRoomLeft = at - area.x > 70
    const label = {
      type: 'text',
      style: {
        text: word,
        x: isRoomLeft ? at - 5 : at + 5,
        y: area.y - 14,
        align: isRoomLeft ? 'right' : 'left',
        verticalAlign: 'top',
        fill: theme.warn,
        stroke: theme.panel,
        lineWidth: 3,
        fontSize: 10.5,
        fontFamily: theme.font,
      },
    } as const
    return { type: 'group', children: [line, label] }
  }

/** Draws where a store fell silent at [atMs]: a broken line from a point that looks down on it. */
export const createSilenceRenderer =
  (theme: ChartTheme): CustomSeriesRenderItem =>
  (params, api) => {
    const area = readArea(params.coordSys)
    const [x = 0] = api.coord([Number(api.value(0)), 0])
    const at = Math.round(x) + 0.5
    const { y: top, height } = area
    return {
      type: 'group',
      children: [
        {
          type: 'line',
          shape: { x1: at, y1: top, x2: at, y2: top + height },
          style: { stroke: theme.bad, lineWidth: 1, lineDash: [3, 3] },
        },
        {
          type: 'polygon',
          shape: {
            points: [
              [at - 5, top - 2],
              [at + 5, top - 2],
              [at, top + 6],
            ],
          },
          style: { fill: theme.bad },
        },
      ],
    }
  }
