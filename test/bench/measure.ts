import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Board } from '../../core/protocol/board.ts'

const bin = join(process.cwd(), 'core/cli/bin/storepulse.mjs')

/** One measured figure, for the table and the JSON file. */
export interface Figure {
  readonly bench: string
  readonly what: string
  readonly value: number
  readonly unit: string
}

/** An empty data directory for one measurement; the returned function removes it. */
export function makeHome(): { readonly home: string; remove(): void } {
  const home = mkdtempSync(join(tmpdir(), 'storepulse-bench-'))
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) }
}

export interface Ran {
  readonly lines: readonly string[]
  readonly elapsedMs: number
  /** From the start of the process to its first line of output; null without one. */
  readonly firstLineMs: number | null
}

/** Runs the real command to its end. */
export function run(home: string, args: readonly string[]): Promise<Ran> {
  const startedMs = performance.now()
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...process.env, STOREPULSE_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  let firstLineMs: number | null = null
  child.stdout.on('data', (chunk: Buffer) => {
    firstLineMs ??= performance.now() - startedMs
    text += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`storepulse ${args.join(' ')} ended with ${String(code)}`))
      else
        resolve({
          lines: text.split('\n').filter((line) => line !== ''),
          elapsedMs: performance.now() - startedMs,
          firstLineMs,
        })
    })
  })
}

/** Every board of a run. */
export const readBoards = ({ lines }: Ran): readonly Board[] => lines.map((line) => JSON.parse(line) as Board)
