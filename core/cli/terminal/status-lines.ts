import type { Alert, Board, PipelineState } from '../../protocol/board.ts'
import type { Glyphs } from './glyphs.ts'
import { formatCount, formatDateTime, formatDuration, formatMoney, formatSize, formatTimeOfDay } from './number-text.ts'
import { fitLine, measureLine, span, wrapPieces, type Line, type Tone } from './styled-line.ts'
import { cleanText } from './text-width.ts'

const stateTones: Readonly<Record<PipelineState, Tone>> = {
  running: 'good',
  'catching-up': 'warning',
  paused: 'warning',
  stopped: 'quiet',
  faulted: 'bad',
}

/** Name, profile and state with its reason at the left, the board's instant at the right. */
export function drawHeader(board: Board, columns: number, glyphs: Glyphs, unicode: boolean): Line {
  const at = span(formatDateTime(board.at), 'quiet')
  const left: Line = [
    span('storepulse', 'strong'),
    span(` ${cleanText(board.profile, unicode)} ${glyphs.dot} `, 'quiet'),
    span(board.state, stateTones[board.state]),
    ...(board.reason === null ? [] : [span(`: ${cleanText(board.reason, unicode)}`)]),
  ]
  const room = columns - measureLine([at]) - 2
  if (room < 30) return fitLine(left, columns, glyphs.ellipsis)
  const fitted = fitLine(left, room, glyphs.ellipsis)
  return [...fitted, span(' '.repeat(columns - measureLine(fitted) - measureLine([at]))), at]
}

/** Lag, throughput, watermark, epoch, warehouse and process, the first of them first; each is kept whole where lines break. */
export function drawProgress(board: Board, columns: number, glyphs: Glyphs): readonly Line[] {
  const { lag, warehouse, process } = board
  const rate = board.throughput.recordsPerSecond
  const lagTone: Tone = lag.seconds > 5 ? 'warning' : 'plain'
  const pieces: readonly Line[] = [
    [
      span('lag ', 'quiet'),
      span(`${formatCount(lag.records)} records, ${formatDuration(lag.seconds * 1_000)}`, lagTone),
    ],
    [span('throughput ', 'quiet'), span(rate === null ? glyphs.none : `${formatCount(rate)}/s`)],
    [span('watermark ', 'quiet'), span(board.watermark === null ? glyphs.none : formatTimeOfDay(board.watermark))],
    [
      span('table ', 'quiet'),
      span(`${formatCount(warehouse.windows)} windows, ${formatCount(warehouse.transactions)} sales, `),
      span(formatMoney(warehouse.revenue)),
    ],
    [span('epoch ', 'quiet'), span(formatCount(board.epoch))],
    [span('memory ', 'quiet'), span(formatSize(process.rssBytes))],
    [span('cpu ', 'quiet'), span(`${process.cpuPercent.toFixed(0)} %`)],
  ]
  return wrapPieces(pieces, columns, [span(` ${glyphs.dot} `, 'quiet')])
}

/** At most `rows` lines; where there are more alerts, the last line says how many. */
export function drawAlerts(
  alerts: readonly Alert[],
  columns: number,
  rows: number,
  glyphs: Glyphs,
  unicode: boolean,
): readonly Line[] {
  if (rows <= 0) return []
  if (alerts.length === 0) return [[span('no alert', 'quiet')]]
  const ranked = alerts.toSorted((left, right) => rankSeverity(left) - rankSeverity(right))
  const shown = ranked.slice(0, rows)
  const hidden = ranked.length - shown.length
  return shown.map((alert, index) => {
    const more = hidden > 0 && index === shown.length - 1 ? ` (and ${formatCount(hidden)} more)` : ''
    const text = `! ${formatTimeOfDay(alert.since)} ${cleanText(alert.message, unicode)}`
    const line = fitLine(
      [span(text, alert.severity === 'critical' ? 'bad' : 'warning')],
      columns - more.length,
      glyphs.ellipsis,
    )
    return more === '' ? line : [...line, span(more, 'quiet')]
  })
}

const rankSeverity = (alert: Alert): number => (alert.severity === 'critical' ? 0 : 1)
