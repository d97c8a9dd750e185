import { once } from 'node:events'
import { expect, onTestFinished } from 'vitest'
import type { Board } from '../../core/protocol/board.ts'
import { startStorepulse } from './storepulse.ts'

/** A running `storepulse run`, seen by its boards. */
export interface WatchedRun {
  readonly processId: number
  /** The newest board; null before the first. */
  readonly board: Board | null
  /** Waits for a board that satisfies. */
  waitFor(isReached: (board: Board) => boolean, what: string): Promise<Board>
  signal(signal: NodeJS.Signals): void
  /** Ends it as a user would. Resolves with its last board and what it said. */
  stop(): Promise<{ readonly board: Board | null; readonly said: string }>
}

export interface WatchedRunOptions {
  readonly settings?: readonly string[]
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Program and arguments that the command is run under. */
  readonly under?: readonly string[]
}

const withinMs = 60_000

/** Starts it on a data directory. */
export function startWatchedRun(home: string, options: WatchedRunOptions = {}): WatchedRun {
  const { args = [], environment = {}, settings = [], under = [] } = options
  const set = settings.flatMap((setting) => ['--set', setting])
  const started = startStorepulse(['run', '--json', ...args, ...set], { home, under, environment })
  const child = started.process
  let board: Board | null = null
  let text = ''
  let hasEnded = false
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (text + chunk.toString()).split('\n')
    text = lines.pop() ?? ''
    const newest = lines.at(-1)
    if (newest !== undefined) board = JSON.parse(newest) as Board
  })
  child.once('exit', () => {
    hasEnded = true
  })
  onTestFinished(() => {
    child.kill('SIGCONT')
    child.kill('SIGKILL')
  })
  return {
    processId: child.pid ?? 0,
    get board() {
      return board
    },
    async waitFor(isReached, what) {
      const startedMs = performance.now()
      for (;;) {
        const seen: Board | null = board
        if (seen !== null && isReached(seen)) return seen
        if (hasEnded) throw new Error(`${what}: it has ended: ${(await started.finished).stderr}`)
        const { state, reason } = seen ?? {}
        if (performance.now() - startedMs > withinMs)
          throw new Error(`${what}: ${state ?? 'no board'}, ${reason ?? ''}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    signal: (signal) => void child.kill(signal),
    async stop() {
      if (!hasEnded) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      const { code, stderr } = await started.finished
      expect(code, stderr).toBe(0)
      return { board, said: stderr }
    },
  }
}
