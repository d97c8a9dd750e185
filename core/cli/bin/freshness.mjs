// Is the build made of the sources as they are now? Loaded at every start, so: synchronous, no package, about a
// millisecond for each hundred files.
//
// 1. The fingerprint covers path, size and modification time of every file that can change the build.
// 2. The stamp is written last, after the build's files are in place: a stamp that matches means a whole build.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const rootFolder = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
export const outFolder = join(rootFolder, 'out')
export const mainFile = join(outFolder, 'cli', 'main.mjs')
/** Opens the desktop app for `start`. */
export const launchFile = join(outFolder, 'cli', 'launch.mjs')
export const stampFile = join(outFolder, 'build.stamp')
const pageFile = join(outFolder, 'renderer', 'index.html')
export const pageStampFile = join(outFolder, 'renderer.stamp')

const pageFolders = ['core/protocol', 'renderer']
const sourceFolders = ['core', 'electron', 'renderer', 'resources/sql', 'test/bench', 'test/support']
const sourceFiles = ['electron.vite.config.ts', 'package.json', 'package-lock.json']
const sourceEnding = /\.(tsx?|mjs|sql|json|css|html|svg)$/

/** The build needs no sources where they were not shipped: an installed package. */
export const hasSources = () => existsSync(join(rootFolder, 'core', 'cli', 'main.ts'))

export const isFresh = () => readStamp(stampFile) === fingerprintSources() && (existsSync(mainFile) || !hasSources())

/** The page is built by itself: it takes longer, and changes less often, than the rest. */
export const isPageFresh = () => readStamp(pageStampFile) === fingerprintPage() && existsSync(pageFile)
export const hasDesktopSources = () => existsSync(join(rootFolder, 'electron', 'main', 'main.ts'))
export const hasPageSources = () => existsSync(join(rootFolder, 'renderer', 'index.html'))

export const fingerprintSources = () => fingerprintFolders(sourceFolders)
export const fingerprintPage = () => fingerprintFolders(pageFolders)

/** 64 bits over all source files of some folders, as text. */
function fingerprintFolders(folders) {
  let high = 0x811c9dc5
  let low = 0x01000193
  const mix = (text) => {
    for (let index = 0; index < text.length; index += 1) {
      high = Math.imul(high ^ text.charCodeAt(index), 0x01000193)
      low = Math.imul(low ^ text.charCodeAt(index), 0x5bd1e995) ^ (high >>> 15)
    }
  }
  const visitFile = (path) => {
    const stat = statSync(join(rootFolder, path), { throwIfNoEntry: false })
    if (stat) mix(`${path}:${stat.size}:${stat.mtimeMs};`)
  }
  const visitFolder = (path) => {
    const entries = readdirSync(join(rootFolder, path), { withFileTypes: true })
    for (const entry of entries.toSorted(byName)) {
      if (entry.isDirectory()) visitFolder(`${path}/${entry.name}`)
      else if (sourceEnding.test(entry.name)) visitFile(`${path}/${entry.name}`)
    }
  }
  for (const folder of folders) if (existsSync(join(rootFolder, folder))) visitFolder(folder)
  for (const file of sourceFiles) visitFile(file)
  return `${(high >>> 0).toString(16)}-${(low >>> 0).toString(16)}`
}

const byName = (left, right) => (left.name < right.name ? -1 : 1)

function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}
