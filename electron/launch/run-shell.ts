import { spawn } from 'node:child_process'
import type { DesktopOutcome } from '../../core/base/desktop.ts'
import { findReason } from './find-reason.ts'

export interface RunShellParts {
  readonly binary: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** What the app says once its window is there. */
  readonly onErrorText: (text: string) => void
}

const mostErrorText = 16_384

/** `[1234:0101/101010.123456:ERROR:bus.cc(399)] …`: what Chromium misses on this system is no matter of the app's. */
const dropChromiumLog = (text: string): string => text.replace(/^\[\d+:\d{4}\/.*\n?/gm, '')

/**
 * Starts the app and waits for its end. It sends any message once its window is shown, or another's was brought to the
 * front; when it ends before that, there is no window and the reason is in what it wrote.
 */
export function runShell({ args, binary, environment, onErrorText, signal }: RunShellParts): Promise<DesktopOutcome> {
  return new Promise((resolve) => {
    const child = spawn(binary, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let isShown = false
    let errorText = ''
    const stop = (): void => void child.kill('SIGTERM')
    const finish = (outcome: DesktopOutcome): void => {
      signal.removeEventListener('abort', stop)
      resolve(outcome)
    }
    signal.addEventListener('abort', stop, { once: true })
    child.once('message', () => {
      isShown = true
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (isShown) onErrorText(dropChromiumLog(text))
      else errorText = `${errorText}${text}`.slice(0, mostErrorText)
    })
    child.once('error', (error) => finish({ kind: 'none', reason: `Electron did not start: ${error.message}` }))
    child.once('close', (code, killedBy) => {
      if (isShown || signal.aborted) return finish({ kind: 'ended', exitCode: signal.aborted ? 0 : (code ?? 1) })
      const how = killedBy === null ? `exit code ${code}` : killedBy
      finish({ kind: 'none', reason: `Electron ended before its first window: ${findReason(errorText) || how}` })
    })
  })
}
