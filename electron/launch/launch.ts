import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../core/base/clock.ts'
import type { DesktopOutcome, DesktopRequest } from '../../core/base/desktop.ts'
import { systemErrorCode } from '../../core/base/fault.ts'
import { findObstacle, findSandboxObstacle, type SandboxFacts } from './decide.ts'
import { fetchBinary } from './fetch-binary.ts'
import { findBinary } from './find-binary.ts'
import { runShell } from './run-shell.ts'

/** The built launcher lies in out/cli. */
const rootFolder = fileURLToPath(new URL('../..', import.meta.url))
const packageFolder = join(rootFolder, 'node_modules', 'electron')
/** What package.json names as `main`. */
const appFile = join(rootFolder, 'out', 'electron', 'main', 'main.cjs')

function readSwitch(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) !== null) return null
    throw error
  }
}

function readSandboxFacts(binary: string): SandboxFacts {
  const program = statSync(join(dirname(binary), 'chrome-sandbox'), { throwIfNoEntry: false })
  return {
    hasSetuidProgram: program !== undefined && program.uid === 0 && (program.mode & 0o4000) !== 0,
    maxUserNamespaces: readSwitch('/proc/sys/user/max_user_namespaces'),
    unprivilegedClone: readSwitch('/proc/sys/kernel/unprivileged_userns_clone'),
    restrictedByAppArmor: readSwitch('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
  }
}

function showProgress(receivedBytes: number): void {
  const text = `fetching Electron: ${(receivedBytes / 1_048_576).toFixed(0)} MB`
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

async function getBinary(signal: AbortSignal): Promise<{ readonly file: string } | { readonly reason: string }> {
  const there = findBinary(packageFolder, process.env)
  if (there) return { file: there }
  if (!existsSync(join(packageFolder, 'install.js'))) return { reason: 'Electron is not installed' }
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH) {
    return { reason: `there is no Electron in ${process.env.ELECTRON_OVERRIDE_DIST_PATH}` }
  }
  process.stderr.write('storepulse: fetching Electron, once\n')
  const refusal = await fetchBinary({
    packageFolder,
    environment: process.env,
    clock: systemClock,
    onProgress: showProgress,
    signal,
  })
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  if (refusal !== null) return { reason: `Electron could not be fetched: ${refusal}` }
  const fetched = findBinary(packageFolder, process.env)
  return fetched ? { file: fetched } : { reason: 'Electron was fetched, but its program is not where it says' }
}

/** Opens the desktop app where there can be a window, fetching Electron first where it is missing. */
export async function openDesktop(request: DesktopRequest, signal: AbortSignal): Promise<DesktopOutcome> {
  const { allowsNoSandbox } = request
  const obstacle = findObstacle({
    platform: process.platform,
    environment: process.env,
    isRoot: process.platform === 'linux' && process.getuid?.() === 0,
    allowsNoSandbox,
  })
  if (obstacle !== null) return { kind: 'none', reason: obstacle }
  if (!existsSync(appFile)) return { kind: 'none', reason: 'the desktop app is not part of this installation' }
  const binary = await getBinary(signal)
  if ('reason' in binary) return { kind: 'none', reason: binary.reason }
  const unsafe =
    process.platform === 'linux' && !allowsNoSandbox ? findSandboxObstacle(readSandboxFacts(binary.file)) : null
  if (unsafe !== null) return { kind: 'none', reason: unsafe }
  return runShell({
    binary: binary.file,
    args: [...(allowsNoSandbox ? ['--no-sandbox'] : []), rootFolder],
    environment: {
      ...process.env,
      STOREPULSE_HOME: request.dataDirectory,
      STOREPULSE_START: JSON.stringify({
        profile: request.profile,
        isChosen: request.isProfileChosen,
        flags: request.flags,
      }),
    },
    onErrorText: (text) => process.stderr.write(text),
    signal,
  })
}
