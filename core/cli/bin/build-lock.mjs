// One build at a time, whoever starts it. The lock is a file that names its holder; a holder that is gone, or that has
// held it longer than any build takes, no longer counts.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { outFolder } from './freshness.mjs'

const lockFile = join(outFolder, 'build.lock')
const longestBuildMs = 120_000
const pollMs = 50

/** Waits until no one else builds, then holds the lock until the returned function is called or the process exits. */
export async function lockBuild() {
  mkdirSync(outFolder, { recursive: true })
  while (!tryLock()) {
    if (isAbandoned()) rmSync(lockFile, { force: true })
    else await sleep(pollMs)
  }
  const release = () => rmSync(lockFile, { force: true })
  process.once('exit', release)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
  return () => {
    process.removeListener('exit', release)
    release()
  }
}

function tryLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function isAbandoned() {
  const stat = statSync(lockFile, { throwIfNoEntry: false })
  if (!stat) return false
  const ageMs = Date.now() - stat.mtimeMs
  if (ageMs > longestBuildMs) return true
  const holder = readHolder()
  // Just created and not yet named: its holder is about to write.
  if (holder === null) return ageMs > 5_000
  return !isAlive(holder)
}

function readHolder() {
  try {
    return Number(readFileSync(lockFile, 'utf8')) || null
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}

function isAlive(processId) {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
