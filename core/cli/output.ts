import { once } from 'node:events'
import { makeBrief, makeVisible } from '../protocol/visible-text.ts'
import type { WireCell } from '../protocol/commands.ts'
import { formatCsvLine } from './csv.ts'
import { measureWidth } from './terminal/text-width.ts'

/** Writes to standard output and waits while whoever reads it is behind. */
export async function writeOut(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** Writes one line of JSON to standard output; what a terminal would act upon is escaped, the value is the same. */
export const writeJson = (value: unknown): Promise<void> => writeOut(`${makeVisible(JSON.stringify(value))}\n`)

/** Lines as they are, but for what a terminal would act upon. */
export const makeLinesVisible = (text: string): string => text.split('\n').map(makeVisible).join('\n')

/** Writes lines of CSV to standard output: exactly to a file or another program, made visible to a terminal. */
export async function writeCsv(rows: readonly (readonly WireCell[])[]): Promise<void> {
  const lines = rows.map(formatCsvLine)
  const isTerminal = process.stdout.isTTY
  await writeOut(isTerminal ? lines.map((line) => `${makeLinesVisible(line.slice(0, -2))}\n`).join('') : lines.join(''))
}

/** Says something to whoever sits at the terminal; never to standard output. */
export function say(text: string): void {
  process.stderr.write(`${makeLinesVisible(text)}\n`)
}

/** A line of progress on standard error that is written over; nothing where that is no terminal. */
export interface ProgressLine {
  show(text: string): void
  end(): void
}

/** Creates it; at most ten updates a second are written. */
export function createProgressLine(monotonicMs: () => number): ProgressLine {
  if (!process.stderr.isTTY) return { show: () => undefined, end: () => undefined }
  let shownAtMs = Number.NEGATIVE_INFINITY
  return {
    show(text) {
      if (monotonicMs() - shownAtMs < 100) return
      shownAtMs = monotonicMs()
      process.stderr.write(`\r\x1b[K${text}`)
    },
    end() {
      if (Number.isFinite(shownAtMs)) process.stderr.write('\r\x1b[K')
    },
  }
}

/** Longest cell of a table; there is no bound to what a record may hold. */
const widestCell = 160

/** Lays rows out in columns; numbers to the right. Cells are made visible and cut where they are very long. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly number[] = [],
): string {
  const shown = [header, ...rows].map((row) => row.map((cell) => makeBrief(cell, widestCell)))
  const widths = header.map((_, column) =>
    shown.reduce((widest, row) => Math.max(widest, measureWidth(row[column] ?? '')), 0),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const space = ' '.repeat(Math.max(0, (widths[column] ?? 0) - measureWidth(cell)))
        return numeric.includes(column) ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  const [titles = [], ...lines] = shown
  return [line(titles), line(widths.map((width) => '─'.repeat(width))), ...lines.map(line)].join('\n')
}
