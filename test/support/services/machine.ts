import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where installed services are kept, one folder `<name>-<version>` each. */
export const servicesFolder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'storepulse', 'services')

/** The program's path, or null where the machine has none of that name. */
export function findProgram(name: string, folders = (process.env['PATH'] ?? '').split(delimiter)): string | null {
  for (const folder of folders) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch (error) {
      if (!(error instanceof Error)) throw error
    }
  }
  return null
}

/** Runs a program to its end; what it says goes to standard error. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): void {
  execFileSync(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', process.stderr, process.stderr],
  })
}

/** Debian packages, unless the programs they bring are there. */
export function installPrograms(programs: Readonly<Record<string, string>>): void {
  const packages = Object.entries(programs)
    .filter(([program]) => findProgram(program) === null)
    .map(([, name]) => name)
  if (packages.length === 0) return
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  runProgram('apt-get', ['update', '-qq'], { environment })
  runProgram('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...new Set(packages)], { environment })
}

/**
 * Fills a folder of the cache once: `fill` works in a folder beside it that is renamed when it is whole, so that a
 * folder that is there is complete, whoever else installs at the same time.
 */
export function fillFolder(name: string, fill: (folder: string) => void): string {
  const folder = join(servicesFolder, name)
  if (existsSync(folder)) return folder
  const work = join(servicesFolder, `.${name}-${process.pid}`)
  mkdirSync(work, { recursive: true })
  try {
    fill(work)
    if (!existsSync(folder)) renameSync(work, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return folder
}
