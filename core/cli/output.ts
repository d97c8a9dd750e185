import { once } from 'node:events'

/** Writes to standard output and waits while whoever reads it is behind. */
export async function writeOut(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** Writes one line of JSON to standard output. */
export const writeJson = (value: unknown): Promise<void> => writeOut(`${JSON.stringify(value)}\n`)

/** Says something to whoever sits at the terminal; never to standard output. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
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

/** Lays rows out in columns; numbers to the right. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly number[] = [],
): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        numeric.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [line(header), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n')
}
