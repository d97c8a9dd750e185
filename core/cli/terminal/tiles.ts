import type { Board } from '../../protocol/board.ts'
import type { Glyphs } from './glyphs.ts'
import { formatCount, formatDecimal, formatDuration, formatMoney, formatPercent } from './number-text.ts'
import { measureWidth } from './text-width.ts'
import { alignText, span, type Line, type Tone } from './styled-line.ts'

interface Tile {
  readonly label: string
  readonly value: string
  readonly note: string
  readonly tone: Tone
}

const narrowestTile = 14

/** The tiles as rows of three lines each: label, value, note. As many stand beside each other as fit. */
export function drawTiles(board: Board, columns: number, glyphs: Glyphs): readonly Line[] {
  const tiles = listTiles(board, glyphs)
  const fitting = Math.max(1, Math.min(tiles.length, Math.floor(columns / narrowestTile)))
  // As even as may be: three and two rather than four and one.
  const perRow = Math.ceil(tiles.length / Math.ceil(tiles.length / fitting))
  const lines: Line[] = []
  for (let first = 0; first < tiles.length; first += perRow) {
    const row = tiles.slice(first, first + perRow)
    const widths = spreadWidths(row, columns)
    const drawRow = (pick: (tile: Tile) => string, tone: (tile: Tile) => Tone): Line =>
      row.flatMap((tile, index) => [
        span(alignText(pick(tile), widths[index] ?? 0, 'left', glyphs.ellipsis), tone(tile)),
        span(index < row.length - 1 ? ' ' : ''),
      ])
    lines.push(
      drawRow(
        (tile) => tile.label,
        () => 'quiet',
      ),
      drawRow(
        (tile) => tile.value,
        (tile) => tile.tone,
      ),
      drawRow(
        (tile) => tile.note,
        () => 'quiet',
      ),
    )
  }
  return lines
}

function listTiles(board: Board, glyphs: Glyphs): readonly Tile[] {
  const { latencyMs, records } = board
  const duration = (ms: number | null): string => (ms === null ? glyphs.none : formatDuration(ms))
  return [
    {
      label: 'transactions/min',
      value: formatDecimal(board.transactionsPerMinute, 1),
      note: `${formatCount(board.activeStores)} stores`,
      tone: 'strong',
    },
    {
      label: 'revenue, 1 h',
      value: formatMoney(board.revenueLastHour),
      note: `${glyphs.arrow} ${formatMoney(board.projectedHourlyRevenue)}/h`,
      tone: 'strong',
    },
    { label: 'customers, 1 h', value: formatCount(board.activeCustomers), note: 'active', tone: 'strong' },
    {
      label: 'latency p50/p99',
      value: latencyMs.p50 === null ? glyphs.none : `${duration(latencyMs.p50)} / ${duration(latencyMs.p99)}`,
      note: `max ${duration(latencyMs.max)}`,
      tone: 'strong',
    },
    {
      label: 'data quality',
      value: formatPercent(board.dataQuality),
      note: `${formatCount(records.invalid)} invalid`,
      tone: board.dataQuality < 99 ? 'warning' : 'strong',
    },
  ]
}

/**
 * Each tile gets what its longest text needs and an equal part of what is left. Where all do not fit, those that need
 * least still get it, and the others share the rest equally. One column after each is left free.
 */
function spreadWidths(row: readonly Tile[], columns: number): readonly number[] {
  const needs = row.map((tile) => Math.max(...[tile.label, tile.value, tile.note].map(measureWidth)))
  const widths = needs.map(() => 0)
  let free = columns - (row.length - 1)
  const fromLeast = needs.map((need, index) => ({ need, index })).toSorted((left, right) => left.need - right.need)
  for (const [served, { need, index }] of fromLeast.entries()) {
    const width = Math.max(0, Math.min(need, Math.floor(free / (row.length - served))))
    widths[index] = width
    free -= width
  }
  return widths.map((width) => width + Math.floor(Math.max(0, free) / row.length))
}
