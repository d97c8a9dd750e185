import { outcomes, type Board, type RecordCounts } from '../../protocol/board.ts'
import type { Glyphs } from './glyphs.ts'
import { formatCount } from './number-text.ts'
import { span, wrapPieces, type Line } from './styled-line.ts'

/** Records received but in no outcome (negative: in more than one); 0 when the identity holds. */
export const countUnaccounted = (counts: RecordCounts): number =>
  counts.received - outcomes.reduce((sum, outcome) => sum + counts[outcome], 0)

/** `received 12 = counted 10 + late 1 + …`, with whether it is exact in total and on every topic. */
export function drawIdentity(board: Board, columns: number, glyphs: Glyphs): readonly Line[] {
  const { records } = board
  const terms = outcomes.map((outcome, index): Line => {
    const isTrouble = outcome !== 'counted' && records[outcome] > 0
    return [
      span(index === 0 ? '= ' : '+ ', 'quiet'),
      span(`${outcome} ${formatCount(records[outcome])}`, isTrouble ? 'warning' : 'plain'),
    ]
  })
  const total: Line = [span(`received ${formatCount(records.received)}`, 'strong')]
  return wrapPieces([total, ...terms, drawVerdict(board, glyphs)], columns, [span(' ')])
}

function drawVerdict(board: Board, glyphs: Glyphs): Line {
  const off = [
    ['in total', countUnaccounted(board.records)] as const,
    ...Object.entries(board.perTopic).map(([topic, counts]) => [`on ${topic}`, countUnaccounted(counts)] as const),
  ].find(([, difference]) => difference !== 0)
  if (!off) return [span(`${glyphs.right} exact`, 'good')]
  return [span(`${glyphs.wrong} off by ${formatCount(off[1])} ${off[0]}`, 'bad')]
}
