// Bundles the command, what it starts, the page it serves and the desktop app into out/.
//
// 1. A running or starting command never sees half a build: shared chunks are named for their content and are moved in
//    first, the entries are renamed over last, each in one step.
// 2. Chunks of earlier builds stay for a week, for commands that are still running on them.
// 3. What went wrong is on standard error, and the build that was there stays.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { lockBuild } from './build-lock.mjs'
import {
  fingerprintPage,
  fingerprintSources,
  hasDesktopSources,
  hasPageSources,
  isFresh,
  isPageFresh,
  outFolder,
  pageStampFile,
  rootFolder,
  stampFile,
} from './freshness.mjs'

/** Later ones are moved in later: `main` last, since a start begins there. */
const entries = {
  'bench/bench': 'test/bench/bench.ts',
  'bench/page': 'test/bench/page/page.ts',
  'cli/generator.worker': 'core/generator/generator.worker.ts',
  'cli/launch': 'electron/launch/launch.ts',
  'cli/main': 'core/cli/main.ts',
}
const keepFilesMs = 7 * 24 * 3_600_000

/** Builds unless the build is fresh. Returns whether it had to. */
export async function buildIfStale({ force = false } = {}) {
  if (!force && isFresh()) return false
  const unlock = await lockBuild()
  try {
    // Someone else may have built while this one waited.
    if (!force && isFresh()) return false
    // Taken before the build: a source that changes meanwhile makes the stamp stale again.
    const fingerprint = fingerprintSources()
    const pageFingerprint = fingerprintPage()
    const buildsPage = hasPageSources() && (force || !isPageFresh())
    dropAbandonedBuilds()
    const folder = join(outFolder, `.build-${process.pid}`)
    try {
      await bundleInto(folder)
      if (hasDesktopSources()) await buildDesktopInto(join(folder, 'electron'))
      if (buildsPage) await buildPageInto(join(folder, 'renderer'))
      moveIn(folder)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    if (buildsPage) {
      writeWhole(pageStampFile, pageFingerprint)
      dropOldFiles(join(outFolder, 'renderer', 'assets'))
    }
    writeWhole(stampFile, fingerprint)
    dropOldFiles(join(outFolder, 'cli'))
    dropOldFiles(join(outFolder, 'electron', 'main'))
    return true
  } finally {
    unlock()
  }
}

async function bundleInto(folder) {
  const { build } = await import('vite')
  const present = Object.entries(entries).filter(([, source]) => existsSync(join(rootFolder, source)))
  if (present.length === 0) return
  await build({
    root: rootFolder,
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: 'error',
    clearScreen: false,
    ssr: { target: 'node', noExternal: true, external: [] },
    build: {
      ssr: true,
      target: 'node20',
      outDir: folder,
      emptyOutDir: true,
      minify: false,
      sourcemap: true,
      reportCompressedSize: false,
      rolldownOptions: {
        input: Object.fromEntries(present.map(([name, source]) => [name, join(rootFolder, source)])),
        // The native part stays a package of its own. What is around it is a hundred small files, which take 0.15 s to load
        // one by one and nothing to speak of from the bundle.
        // SSH looks for a file beside itself.
        external: [/^@duckdb\/node-bindings/, /^@playwright\/test/, /^ssh2$/],
        output: {
          format: 'es',
          entryFileNames: '[name].mjs',
          // Beside the entries, so that `new URL('./generator.worker.mjs', import.meta.url)` holds in every chunk.
          chunkFileNames: 'cli/[name]-[hash].mjs',
        },
      },
    },
  })
}

/** The engine is named for its content; main, whose name is shorter, is moved in after it. */
async function buildDesktopInto(folder) {
  const { build } = await import('electron-vite')
  await build({
    root: rootFolder,
    configFile: join(rootFolder, 'electron.vite.config.ts'),
    ignoreConfigWarning: true,
    logLevel: 'error',
    build: { outDir: folder },
  })
}

/** Its files are named for their content but for index.html, which is moved in after them. */
async function buildPageInto(folder) {
  const { build } = await import('vite')
  await build({
    configFile: join(rootFolder, 'renderer', 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder },
  })
}

/** What a build that was killed has left. This one holds the lock, so none of them is at work. */
function dropAbandonedBuilds() {
  for (const name of readdirSync(outFolder)) {
    if (name.startsWith('.build-')) rmSync(join(outFolder, name), { recursive: true, force: true })
  }
}

function moveIn(folder) {
  if (!existsSync(folder)) return
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
  const order = (file) => Object.keys(entries).indexOf(file.replace(/\.mjs(\.map)?$/, ''))
  // Chunks come first (-1); a map before the file that names it.
  const sorted = files.toSorted((left, right) => order(left) - order(right) || right.length - left.length)
  for (const file of sorted) {
    mkdirSync(dirname(join(outFolder, file)), { recursive: true })
    renameSync(join(folder, file), join(outFolder, file))
  }
}

/** Called after a build of these files: those it made are new. */
function dropOldFiles(folder) {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if (Date.now() - statSync(file).mtimeMs > keepFilesMs) rmSync(file, { force: true })
  }
}

function writeWhole(file, text) {
  const temporary = `${file}.${process.pid}`
  writeFileSync(temporary, text)
  renameSync(temporary, file)
}
