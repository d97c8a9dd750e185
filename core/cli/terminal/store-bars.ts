import type { Glyphs } from './glyphs.ts'
import { formatCount, formatMoney } from './number-text.ts'
import { alignText, span, type Line } from './styled-line.ts'
import { cleanText, measureWidth } from './text-width.ts'

/** One store's last hour. `revenue` is a decimal string with two digits. */
export interface StoreLine {
  readonly id: number
  readonly name: string
  readonly revenue: string
  readonly transactions: number
}

const gap = 2
const widestName = 28
const narrowestBar = 6

/** The stores by revenue, highest first, with a bar each: at most `rows` lines. Where some are left out the last line says how many. */
export function drawStores(
  stores: readonly StoreLine[],
  columns: number,
  rows: number,
  glyphs: Glyphs,
  unicode: boolean,
): readonly Line[] {
  if (rows <= 0) return []
  if (stores.length === 0) return [[span('no sale in the last hour', 'quiet')]]
  const ranked = stores.toSorted((left, right) => compareCents(right, left) || left.id - right.id)
  const shown = ranked.slice(0, ranked.length <= rows ? rows : Math.max(1, rows - 1))
  const lines = drawRanking(shown, ranked, columns, glyphs, unicode)
  const hidden = ranked.length - shown.length
  return hidden === 0 || rows === 1
    ? lines
    : [...lines, [span(`${glyphs.ellipsis} and ${formatCount(hidden)} more`, 'quiet')]]
}

function drawRanking(
  shown: readonly StoreLine[],
  ranked: readonly StoreLine[],
  columns: number,
  glyphs: Glyphs,
  unicode: boolean,
): readonly Line[] {
  const texts = shown.map((store, index) => ({
    rank: String(index + 1),
    name: cleanText(store.name, unicode),
    revenue: formatMoney(store.revenue),
    sales: formatCount(store.transactions),
    cents: centsOf(store),
  }))
  const widest = (pick: (text: (typeof texts)[number]) => string): number =>
    Math.max(0, ...texts.map((text) => measureWidth(pick(text))))
  const rankWidth = widest((text) => text.rank)
  const revenueWidth = widest((text) => text.revenue)
  const salesWidth = widest((text) => text.sales)
  const free = columns - rankWidth - revenueWidth - salesWidth - 4 * gap
  const nameWidth = Math.max(
    1,
    Math.min(
      widestName,
      widest((text) => text.name),
      free - narrowestBar,
    ),
  )
  const barWidth = Math.max(0, free - nameWidth)
  const most = ranked.reduce((highest, store) => maxOf(highest, centsOf(store)), 0n)
  const between = ' '.repeat(gap)
  return texts.map((text) => [
    span(alignText(text.rank, rankWidth, 'right', '') + between, 'quiet'),
    span(alignText(text.name, nameWidth, 'left', glyphs.ellipsis) + between),
    span(alignText(drawBar(text.cents, most, barWidth, glyphs), barWidth, 'left', '') + between, 'accent'),
    span(alignText(text.revenue, revenueWidth, 'right', '') + between),
    span(alignText(text.sales, salesWidth, 'right', ''), 'quiet'),
  ])
}

/** A bar of `columns` cells at `most`; in steps as fine as the glyphs allow, never shorter than one step for a positive amount. */
function drawBar(cents: bigint, most: bigint, columns: number, glyphs: Glyphs): string {
  if (cents <= 0n || most <= 0n) return ''
  const steps = glyphs.bar.length
  const filled = Math.max(1, Number((cents * BigInt(columns * steps)) / most))
  const whole = Math.floor(filled / steps)
  const rest = filled % steps
  return (glyphs.bar.at(-1) ?? '').repeat(whole) + (rest > 0 ? (glyphs.bar[rest - 1] ?? '') : '')
}

const centsOf = (store: StoreLine): bigint => BigInt(store.revenue.replace('.', ''))
const maxOf = (left: bigint, right: bigint): bigint => (left > right ? left : right)

function compareCents(left: StoreLine, right: StoreLine): number {
  const difference = centsOf(left) - centsOf(right)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
