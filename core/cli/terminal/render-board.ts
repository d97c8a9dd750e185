import type { Board } from '../../protocol/board.ts'
import type { TerminalOptions } from './capabilities.ts'
import { asciiGlyphs, unicodeGlyphs, type Glyphs } from './glyphs.ts'
import { drawHopColumns, drawHopRows } from './hop-table.ts'
import { drawIdentity } from './identity-lines.ts'
import { drawAlerts, drawHeader, drawProgress } from './status-lines.ts'
import { drawStores, type StoreLine } from './store-bars.ts'
import { fitLine, padLine, paintLine, span, type Line } from './styled-line.ts'
import { measureWidth } from './text-width.ts'
import { drawTiles } from './tiles.ts'

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

export interface BoardExtra {
  /** The last hour by store, in any order. */
  readonly stores: readonly StoreLine[]
}

/** From here on latency stands beside the stores instead of under them. */
const wideColumns = 110
const panelColumns = 48
const panelGap = 3
const fewestStoreRows = 3
const mostAlertRows = 3
/** With fewer rows than this, progress is cut to its first line. */
const fewRows = 20

/**
 * Draws one board as at most `rows` lines of at most `columns` cells. Pure: the same arguments give the same frame,
 * whatever the locale, the zone and the clock of the machine.
 *
 * What is always there: header, tiles, identity, progress, alerts. Stores take the rows that are left; latency by hop
 * and empty lines between the parts go first when there are few.
 */
export function renderBoard(
  board: Board,
  extra: BoardExtra,
  size: TerminalSize,
  options: TerminalOptions,
): readonly string[] {
  const glyphs = options.unicode ? unicodeGlyphs : asciiGlyphs
  const { columns, rows } = size
  const head = [drawHeader(board, columns, glyphs, options.unicode)]
  const tiles = drawTiles(board, columns, glyphs)
  const identity = drawIdentity(board, columns, glyphs)
  const progress = drawProgress(board, columns, glyphs).slice(0, rows < fewRows ? 1 : undefined)
  const firstAlert = 1
  const left = rows - head.length - tiles.length - identity.length - progress.length - firstAlert
  const middle = drawMiddle(board, extra, { columns, rows: left }, glyphs, options.unicode)
  const spare = Math.max(0, left - middle.length)
  const alertRows = firstAlert + Math.min(spare, mostAlertRows - firstAlert)
  const alerts = drawAlerts(board.alerts, columns, alertRows, glyphs, options.unicode)
  const parts = [head, tiles, middle, [...identity, ...progress], alerts].filter((part) => part.length > 0)
  return spaceOut(parts, rows)
    .slice(0, Math.max(0, rows))
    .map((line) => paintLine(fitLine(line, columns, glyphs.ellipsis), options.color))
}

/** Stores and latency by hop, in exactly the rows there are or fewer. */
function drawMiddle(
  board: Board,
  extra: BoardExtra,
  size: TerminalSize,
  glyphs: Glyphs,
  unicode: boolean,
): readonly Line[] {
  const { columns, rows } = size
  if (rows <= 1) return []
  if (columns >= wideColumns) {
    const storeColumns = columns - panelColumns - panelGap
    const stores = drawStores(extra.stores, storeColumns, rows - 1, glyphs, unicode)
    const panel = [drawTitle('latency by hop', panelColumns, glyphs), ...drawHopRows(board, panelColumns, glyphs)]
    const beside = [drawTitle('stores, last hour', storeColumns, glyphs), ...stores]
    return placeBeside(beside, panel.slice(0, rows), storeColumns + panelGap, glyphs)
  }
  const hops = drawHopColumns(board, columns, glyphs)
  const keepsHops = rows - hops.length >= 1 + Math.min(fewestStoreRows, Math.max(1, extra.stores.length))
  const storeRows = rows - 1 - (keepsHops ? hops.length : 0)
  const stores = drawStores(extra.stores, columns, storeRows, glyphs, unicode)
  return [drawTitle('stores, last hour', columns, glyphs), ...stores, ...(keepsHops ? hops : [])]
}

function drawTitle(title: string, columns: number, glyphs: Glyphs): Line {
  const before = `${glyphs.rule.repeat(2)} ${title} `
  return [span(before + glyphs.rule.repeat(Math.max(0, columns - measureWidth(before))), 'quiet')]
}

function placeBeside(
  left: readonly Line[],
  right: readonly Line[],
  leftColumns: number,
  glyphs: Glyphs,
): readonly Line[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => [
    ...padLine(left[index] ?? [], leftColumns, glyphs.ellipsis),
    ...(right[index] ?? []),
  ])
}

/** Puts an empty line between parts, from the top, as far as the rows allow. */
function spaceOut(parts: readonly (readonly Line[])[], rows: number): readonly Line[] {
  let spare = rows - parts.reduce((sum, part) => sum + part.length, 0)
  return parts.flatMap((part, index) => {
    if (index === 0 || spare <= 0) return part
    spare -= 1
    return [[], ...part]
  })
}
