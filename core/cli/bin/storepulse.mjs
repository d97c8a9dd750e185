#!/usr/bin/env node
// The `storepulse` command: brings the build up to date where the sources are at hand, then becomes it.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { hasSources, isFresh, launchFile, mainFile, outFolder } from './freshness.mjs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`storepulse needs Node.js 20.19 or newer; this is ${process.versions.node}\n`)
  process.exit(1)
}

if (hasSources() && !isFresh()) bringUpToDate()
if (/--log-level[= ]debug/.test(process.argv.join(' '))) process.setSourceMapsEnabled(true)
// Only newer versions of Node.js keep compiled code between starts.
module.enableCompileCache?.(join(outFolder, 'compiled'))
const { runCommandLine } = await import(pathToFileURL(mainFile).href)
// The command does not know Electron: whoever does is loaded here, when `start` asks for it.
await runCommandLine(async (request, signal) => {
  const { openDesktop } = await import(pathToFileURL(launchFile).href)
  return openDesktop(request, signal)
})

/** In a process of its own, so that the bundler's memory does not stay with a command that runs for weeks. */
function bringUpToDate() {
  const build = spawnSync(process.execPath, [join(import.meta.dirname, 'build.mjs')], { stdio: ['ignore', 2, 2] })
  if (build.status === 0 && existsSync(mainFile)) return
  process.stderr.write('storepulse could not be built from its sources; run npm ci, then npm run build\n')
  process.exit(1)
}
