import type { TerminalSize } from './render-board.ts'

/** What a screen needs of a terminal stream; `process.stdout` is one. */
export interface TerminalStream {
  readonly columns?: number
  readonly rows?: number
  /** The terminal has not taken what it was given yet. */
  readonly writableNeedDrain?: boolean
  write(text: string): unknown
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}

/** What of its process a screen must answer: suspension (Ctrl-Z), the return from it, and the end. */
export interface ProcessEvents {
  on(event: 'SIGTSTP' | 'SIGCONT' | 'exit', listener: () => void): unknown
  off(event: 'SIGTSTP' | 'SIGCONT' | 'exit', listener: () => void): unknown
  /** Does what SIGTSTP would have done without a listener. */
  suspend(): void
}

const thisProcess: ProcessEvents = {
  on: (event, listener) => process.on(event, listener),
  off: (event, listener) => process.off(event, listener),
  suspend: () => process.kill(process.pid, 'SIGSTOP'),
}

export interface Screen {
  size(): TerminalSize
  /** Shows a frame: writes the lines that differ from what is there, in one write. Skipped while the terminal is behind. */
  show(lines: readonly string[]): void
  /** Calls back after the size has changed and the screen was cleared. Returns its undo. */
  onResize(listener: () => void): () => void
  /** Gives the terminal back as it was. May be called again. */
  close(): void
}

/*
 * Control sequences (ECMA-48; DEC private modes as xterm documents them): alternate screen 1049, cursor 25, line wrap 7,
 * synchronised update 2026, which terminals without it ignore.
 */
const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J'
const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l'
const beginUpdate = '\x1b[?2026h'
const endUpdate = '\x1b[?2026l'
const clearToEndOfLine = '\x1b[K'
const clearAll = '\x1b[2J'
const moveToLine = (line: number): string => `\x1b[${line};1H`

/**
 * Takes the terminal over.
 *
 * 1. The alternate screen is used, so that what was on the terminal is there again after {@link Screen.close}.
 * 2. It is given back whatever ends the process in an orderly way: a return, an error, an exit; and while it is suspended.
 * 3. Only lines that changed are written: nothing flickers, and a selection elsewhere stays.
 */
export function createScreen(stream: TerminalStream, events: ProcessEvents = thisProcess): Screen {
  let shown: readonly string[] = []
  let isOpen = true
  let isSuspended = false
  const listeners = new Set<() => void>()
  const size = (): TerminalSize => ({ columns: stream.columns ?? 80, rows: stream.rows ?? 24 })
  const redraw = (before: string): void => {
    stream.write(before)
    shown = []
    for (const listener of listeners) listener()
  }
  const resized = (): void => redraw(clearAll)
  const suspended = (): void => {
    isSuspended = true
    stream.write(leave)
    events.suspend()
  }
  // Until this is told, what is due may already run again: it must not draw over the shell's own screen.
  const continued = (): void => {
    isSuspended = false
    redraw(enter)
  }
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    stream.off('resize', resized)
    events.off('SIGTSTP', suspended)
    events.off('SIGCONT', continued)
    events.off('exit', close)
    stream.write(leave)
  }
  stream.on('resize', resized)
  events.on('SIGTSTP', suspended)
  events.on('SIGCONT', continued)
  events.on('exit', close)
  stream.write(enter)
  return {
    size,
    show: (lines) => {
      if (!isOpen || isSuspended || stream.writableNeedDrain === true) return
      const frame = lines.slice(0, size().rows)
      const changes = listChanges(shown, frame)
      if (changes !== '') stream.write(beginUpdate + changes + endUpdate)
      shown = frame
    },
    onResize: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close,
  }
}

/** Each line is cleared before it is written: cleared after, a line as wide as the terminal would lose its last cell. */
function listChanges(before: readonly string[], after: readonly string[]): string {
  let changes = ''
  for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
    const line = after[index] ?? ''
    if (line !== (before[index] ?? '')) changes += moveToLine(index + 1) + clearToEndOfLine + line
  }
  return changes
}
