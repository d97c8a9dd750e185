import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const usualNames: Partial<Readonly<Record<NodeJS.Platform, string>>> = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
}

/**
 * The Electron to start, or null where there is none. Loading the package `electron` would fetch it without a limit, so
 * only its files are looked at.
 *
 * @param packageFolder node_modules/electron
 */
export function findBinary(
  packageFolder: string,
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string | null {
  const pathFile = join(packageFolder, 'path.txt')
  const named = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : ''
  const chosenFolder = environment.ELECTRON_OVERRIDE_DIST_PATH
  if (!chosenFolder && named === '') return null
  const file = join(chosenFolder || join(packageFolder, 'dist'), named || (usualNames[platform] ?? 'electron'))
  return existsSync(file) ? file : null
}
