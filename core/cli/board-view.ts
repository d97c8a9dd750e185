import { repeatEvery } from '../base/clock.ts'
import { describeError, Fault } from '../base/fault.ts'
import type { Client } from '../host/client.ts'
import type { Board } from '../protocol/board.ts'
import { say, writeOut } from './output.ts'
import { readStoreLines } from './store-lines.ts'
import { formatLine } from './terminal/board-line.ts'
import { detectTerminal } from './terminal/capabilities.ts'
import { renderBoard } from './terminal/render-board.ts'
import { createScreen } from './terminal/screen.ts'
import { truncateText } from './terminal/text-width.ts'
import type { StoreLine } from './terminal/store-bars.ts'

/** Shows boards as they come: a live screen on a terminal, else one line a second, as text or JSON. */
export interface BoardView {
  start(): void
  /** Shows the last board and gives the terminal back. */
  finish(board: Board): Promise<void>
  /** Gives the terminal back. May be called again. */
  close(): void
}

export interface BoardViewOptions {
  readonly isJson: boolean
  readonly monotonicMs: () => number
}

const lineMs = 1_000
const firstLookMs = 50
/** Where nothing comes in, looking for the first number so often would be most of what the process does. */
const firstLooks = 60
const storesMs = 2_000

/** Chooses the view that fits standard output. */
export function createBoardView(client: Client, options: BoardViewOptions): BoardView {
  if (options.isJson) return createLineView(client, (board) => `${JSON.stringify(board)}\n`)
  if (!process.stdout.isTTY) return createBoardLines(client)
  return createScreenView(client, options.monotonicMs)
}

/** A line a second beside what else is shown: below each other, or on a terminal one written over the other. */
export function createBoardLines(client: Pick<Client, 'run'>): BoardView {
  const { stdout } = process
  if (!stdout.isTTY) return createLineView(client, (board) => `${formatLine(board)}\n`)
  return createLineView(
    client,
    (board) => `\r\x1b[K${truncateText(formatLine(board), (stdout.columns ?? 80) - 1, '…')}`,
  )
}

function createLineView(client: Pick<Client, 'run'>, format: (board: Board) => string): BoardView {
  let stop: (() => void) | null = null
  const write = (board: Board): void => {
    // Lines are dropped, not queued, while whoever reads them is behind.
    if (stop && !process.stdout.writableNeedDrain) process.stdout.write(format(board))
  }
  const every = (periodMs: number, use: (board: Board) => void): (() => void) =>
    repeatEvery(periodMs, () => {
      client.run('status', {}).then(use, (error: unknown) => {
        // The last board is asked for by itself, once everything has ended.
        if (!(error instanceof Fault) || error.code !== 'closing') say(`storepulse: ${describeError(error)}`)
      })
    })
  const close = (): void => {
    stop?.()
    stop = null
  }
  let looks = 0
  /** The first line comes with the first number, or after a few seconds without one; the others once a second. */
  const awaitFirst = (board: Board): void => {
    looks += 1
    if (!stop || (board.epoch === 0 && looks < firstLooks)) return
    write(board)
    stop()
    stop = every(lineMs, write)
  }
  return {
    start() {
      stop = every(firstLookMs, awaitFirst)
    },
    async finish(board) {
      close()
      await writeOut(format(board))
    },
    close,
  }
}

function createScreenView(client: Client, monotonicMs: () => number): BoardView {
  const terminal = detectTerminal(true, process.env, process.platform)
  let screen: ReturnType<typeof createScreen> | null = null
  let undo: (() => void)[] = []
  let board: Board | null = null
  let stores: readonly StoreLine[] = []
  let storesAtMs = Number.NEGATIVE_INFINITY

  const paint = (): void => {
    if (screen && board) screen.show(renderBoard(board, { stores }, screen.size(), terminal))
  }
  const refreshStores = async (at: string): Promise<void> => {
    if (monotonicMs() - storesAtMs < storesMs) return
    storesAtMs = monotonicMs()
    stores = await readStoreLines(client, at)
    paint()
  }
  const close = (): void => {
    for (const end of undo) end()
    undo = []
    screen?.close()
    screen = null
  }
  return {
    start() {
      screen = createScreen(process.stdout)
      undo = [
        screen.onResize(paint),
        client.watchBoard((next) => {
          board = next
          paint()
          // The board stays as it is while the stores cannot be read; its own state says why.
          refreshStores(next.at).catch(() => undefined)
        }),
      ]
    },
    async finish(last) {
      close()
      await writeOut(`${formatLine(last)}\n`)
    },
    close,
  }
}
