// `npm run dev [-- arguments]`: runs the command (`run` unless told otherwise), and builds and starts it anew on every change.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildIfStale } from './bundle.mjs'
import { fingerprintSources, rootFolder } from './freshness.mjs'

const given = process.argv.slice(2)
const commandLine = [
  '--enable-source-maps',
  join(import.meta.dirname, 'storepulse.mjs'),
  ...(given.length > 0 ? given : ['run']),
]
// Asking costs a millisecond and misses nothing; watching a folder and all under it does, on some systems.
const pollMs = 250

let child = null
let built = null
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop().then(() => process.exit(0)))
while (true) {
  const fingerprint = fingerprintSources()
  if (fingerprint !== built) {
    built = fingerprint
    await rebuildAndRestart()
  }
  await sleep(pollMs)
}

async function rebuildAndRestart() {
  try {
    await buildIfStale()
  } catch (error) {
    // The run goes on with the build it has.
    process.stderr.write(`the build failed: ${error.message}\n`)
    return
  }
  await stop()
  child = spawn(process.execPath, commandLine, { cwd: rootFolder, stdio: 'inherit' })
}

async function stop() {
  const running = child
  child = null
  if (running === null || running.exitCode !== null || running.signalCode !== null) return
  running.kill('SIGTERM')
  await new Promise((resolve) => {
    running.once('exit', resolve)
  })
}
