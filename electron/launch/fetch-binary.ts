import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../core/base/clock.ts'
import { systemErrorCode } from '../../core/base/fault.ts'
import { findReason } from './find-reason.ts'

export interface FetchParts {
  /** node_modules/electron, whose own script fetches and unpacks. */
  readonly packageFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly onProgress: (receivedBytes: number) => void
  readonly signal: AbortSignal
  readonly limits?: FetchLimits
}

/** How long the first byte, and each further one, may take. */
export interface FetchLimits {
  readonly firstByteMs: number
  readonly stallMs: number
}

const usualLimits: FetchLimits = { firstByteMs: 5_000, stallMs: 60_000 }
const pollMs = 200

/** Bytes of all files under a folder. */
function measureFolder(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce(
        (sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
        0,
      )
  } catch (error) {
    // A folder that is not there yet, or is being moved away, is measured on the next look.
    if (systemErrorCode(error) === 'ENOENT') return 0
    throw error
  }
}

/** Fetches the binary in a process of its own. Returns null when it is there, else the reason why not. */
export async function fetchBinary(parts: FetchParts): Promise<string | null> {
  const { clock, environment, limits = usualLimits, onProgress, packageFolder, signal } = parts
  // The download goes into the system's temporary folder: one of its own shows how far it is.
  const folder = mkdtempSync(join(tmpdir(), 'storepulse-electron-'))
  const child = spawn(process.execPath, [join(packageFolder, 'install.js')], {
    env: { ...environment, TMPDIR: folder, TEMP: folder, TMP: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errorText = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorText = `${errorText}${text}`.slice(0, 4_096)
  })
  const ended = new AbortController()
  const exited = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code) => resolve(code === 0 ? null : findReason(errorText) || 'fetching it failed'))
  }).finally(() => ended.abort())
  const stalled = watchReceived(folder, join(packageFolder, 'dist'), limits, clock, ended.signal, onProgress)
  const stopped = new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve('fetching it was ended'), { once: true })
  })
  try {
    return await Promise.race([exited, stalled, stopped])
  } finally {
    ended.abort()
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Resolves with a reason once nothing comes for too long; never once `ended` has aborted. */
async function watchReceived(
  folder: string,
  unpackedFolder: string,
  { firstByteMs, stallMs }: FetchLimits,
  clock: Clock,
  ended: AbortSignal,
  onProgress: (receivedBytes: number) => void,
): Promise<string> {
  const unpackedBefore = measureFolder(unpackedFolder)
  let received = 0
  let progressAtMs = clock.monotonicMs()
  while (true) {
    await clock.sleep(pollMs, ended)
    if (ended.aborted) return new Promise<string>(() => undefined)
    const now = measureFolder(folder) + measureFolder(unpackedFolder) - unpackedBefore
    if (now !== received) {
      received = now
      progressAtMs = clock.monotonicMs()
      onProgress(received)
    }
    const silentMs = clock.monotonicMs() - progressAtMs
    if (received === 0 && silentMs >= firstByteMs) return `not a byte of it came within ${firstByteMs / 1_000} s`
    if (silentMs >= stallMs) return `its download stood still for ${stallMs / 1_000} s`
  }
}
