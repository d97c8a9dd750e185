import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from '@playwright/test'

const bin = join(process.cwd(), 'core/cli/bin/storepulse.mjs')
const systemChromium = '/usr/bin/chromium'

/** A `storepulse serve` of its own, and the link it printed. */
export interface Served {
  readonly link: string
  /** When the process was started, by the performance clock. */
  readonly startedMs: number
  readonly process: ChildProcess
  stop(): Promise<void>
}

/** Starts it and waits for its link. */
export async function startServe(home: string, settings: readonly string[]): Promise<Served> {
  const startedMs = performance.now()
  const flags = settings.flatMap((setting) => ['--set', setting])
  const child = spawn(process.execPath, [bin, 'serve', '--port', '0', ...flags], {
    env: { ...process.env, STOREPULSE_HOME: home },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  const link = await new Promise<string>((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`serve ended with ${String(code)}`)))
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = /^http\S+/m.exec(text)?.[0]
      if (found !== undefined && text.includes('\n')) resolve(found)
    })
  })
  return {
    link,
    startedMs,
    process: child,
    async stop() {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** The browser the e2e has: the system's Chromium where there is one, else Playwright's own. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(existsSync(systemChromium) ? { executablePath: systemChromium } : {}),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
