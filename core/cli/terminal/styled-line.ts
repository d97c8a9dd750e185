import { measureWidth, truncateText } from './text-width.ts'

export type Tone = 'plain' | 'strong' | 'quiet' | 'accent' | 'good' | 'warning' | 'bad'

/** A stretch of one tone. Widths are measured on the text; the tone only becomes escape codes at the very end. */
export interface Span {
  readonly text: string
  readonly tone: Tone
}
export type Line = readonly Span[]

/** SGR parameters (ECMA-48), from the sixteen colours that every theme adapts. */
const codes: Readonly<Record<Exclude<Tone, 'plain'>, string>> = {
  strong: '1',
  quiet: '2',
  accent: '36',
  good: '32',
  warning: '33',
  bad: '1;31',
}

export const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone })

export const measureLine = (line: Line): number => line.reduce((sum, part) => sum + measureWidth(part.text), 0)

/** Cuts a line to `columns`, ending in `ellipsis` where something was cut. */
export function fitLine(line: Line, columns: number, ellipsis: string): Line {
  if (measureLine(line) <= columns) return line
  const fitted: Span[] = []
  let left = columns
  for (const part of line) {
    const width = measureWidth(part.text)
    // A part that fits exactly must still leave room for the ellipsis that stands for the rest.
    if (width <= left - measureWidth(ellipsis)) {
      fitted.push(part)
      left -= width
      continue
    }
    fitted.push(span(truncateText(part.text + ellipsis, left, ellipsis), part.tone))
    break
  }
  return fitted
}

/** Cuts or fills with spaces to exactly `columns`. */
export function padLine(line: Line, columns: number, ellipsis: string): Line {
  const fitted = fitLine(line, columns, ellipsis)
  const missing = columns - measureLine(fitted)
  return missing > 0 ? [...fitted, span(' '.repeat(missing))] : fitted
}

/** A text that takes exactly `columns`, at the left or the right of them. */
export function alignText(text: string, columns: number, side: 'left' | 'right', ellipsis: string): string {
  const fitted = truncateText(text, columns, ellipsis)
  const gap = ' '.repeat(Math.max(0, columns - measureWidth(fitted)))
  return side === 'left' ? fitted + gap : gap + fitted
}

/** The line as the terminal gets it. */
export function paintLine(line: Line, color: boolean): string {
  const painted = line.map(({ text, tone }) =>
    color && tone !== 'plain' && text.trim() !== '' ? `\x1b[${codes[tone]}m${text}\x1b[0m` : text,
  )
  return painted.join('').replace(/ +$/, '')
}

/**
 * Puts pieces on lines of at most `columns`, `separator` between those that share one; a piece is never broken. Later
 * lines start with two spaces.
 */
export function wrapPieces(pieces: readonly Line[], columns: number, separator: Line): readonly Line[] {
  const lines: Line[] = []
  for (const piece of pieces) {
    const current = lines.at(-1)
    if (current && measureLine(current) + measureLine(separator) + measureLine(piece) <= columns) {
      lines[lines.length - 1] = [...current, ...separator, ...piece]
    } else {
      lines.push(current ? [span('  '), ...piece] : piece)
    }
  }
  return lines
}
