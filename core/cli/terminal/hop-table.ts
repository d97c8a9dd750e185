import { latencyHops, type Board, type LatencySummary } from '../../protocol/board.ts'
import type { Glyphs } from './glyphs.ts'
import { formatDuration } from './number-text.ts'
import { alignText, span, type Line } from './styled-line.ts'

const figures = ['p50', 'p95', 'p99', 'max'] as const
const labelWidth = 12

/** Latency by hop with a hop a row, for a panel beside the stores. Each hop is counted from the one before; the total is from event time to commit. */
export function drawHopRows(board: Board, columns: number, glyphs: Glyphs): readonly Line[] {
  const width = Math.floor((columns - labelWidth) / figures.length)
  const header = figures.map((figure) => alignText(figure, width, 'right', glyphs.ellipsis)).join('')
  const drawRow = (label: string, summary: LatencySummary): Line => [
    span(alignText(label, labelWidth, 'left', glyphs.ellipsis), 'quiet'),
    span(figures.map((figure) => drawFigure(summary[figure], width, glyphs)).join('')),
  ]
  return [
    [span(alignText('latency', labelWidth, 'left', glyphs.ellipsis) + header, 'quiet')],
    ...latencyHops.map((hop) => drawRow(hop, board.latencyMs.hops[hop])),
    drawRow('total', board.latencyMs),
  ]
}

/** Latency by hop with a hop a column: three lines, for a narrow terminal. */
export function drawHopColumns(board: Board, columns: number, glyphs: Glyphs): readonly Line[] {
  const width = Math.floor((columns - labelWidth) / latencyHops.length)
  const header = latencyHops.map((hop) => alignText(hop, width, 'right', glyphs.ellipsis)).join('')
  const drawRow = (figure: 'p50' | 'p99'): Line => [
    span(alignText(figure, labelWidth, 'left', glyphs.ellipsis), 'quiet'),
    span(latencyHops.map((hop) => drawFigure(board.latencyMs.hops[hop][figure], width, glyphs)).join('')),
  ]
  return [
    [span(alignText('latency', labelWidth, 'left', glyphs.ellipsis) + header, 'quiet')],
    drawRow('p50'),
    drawRow('p99'),
  ]
}

const drawFigure = (ms: number | null, width: number, glyphs: Glyphs): string =>
  alignText(ms === null ? glyphs.none : formatDuration(ms), width, 'right', glyphs.ellipsis)
