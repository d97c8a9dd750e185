// `npm run dev [-- arguments]`: runs the command (`run` unless told otherwise), and builds and starts it anew on every change.
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { buildIfStale } from './bundle.mjs'
import { mainFile, rootFolder } from './freshness.mjs'

const given = process.argv.slice(2)
const commandLine = [mainFile, ...(given.length > 0 ? given : ['run'])]
const settleMs = 150

let child = null
let pending = null
let rounds = Promise.resolve()

for (const folder of ['core', 'resources']) {
  watch(join(rootFolder, folder), { recursive: true }, () => {
    clearTimeout(pending)
    pending = setTimeout(() => {
      rounds = rounds.then(rebuildAndRestart)
    }, settleMs)
  })
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop().then(() => process.exit(0)))
rounds = rounds.then(() => rebuildAndRestart())
await rounds
if (child === null) start()

async function rebuildAndRestart() {
  try {
    if (!(await buildIfStale())) return
  } catch (error) {
    // The run goes on with the build it has.
    process.stderr.write(`the build failed: ${error.message}\n`)
    return
  }
  await stop()
  start()
}

function start() {
  child = spawn(process.execPath, ['--enable-source-maps', ...commandLine], { cwd: rootFolder, stdio: 'inherit' })
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
