import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { lockFile } from '../../../core/duckdb/file-lock.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

/** What another process gets when it asks for the lock. */
function askElsewhere(path: string): string {
  const script = `import { DuckDBInstance } from '@duckdb/node-api'
    try { await DuckDBInstance.create(process.argv[1]); console.log('locked') } catch (error) { console.log(error.message) }`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script, path], { encoding: 'utf8' })
  return stdout
}

it('is taken whatever became of its file, which holds nothing', async () => {
  const path = join(makeTemporaryDirectory(), 'owner.lock')
  ;(await lockFile(path))?.release()
  const whole = readFileSync(path)
  const spoiled = [Buffer.alloc(0), Buffer.alloc(5_000), Buffer.from('PRETEND'.repeat(900))]
  for (const size of [1, 100, 4_096, 5_000, whole.length - 1]) spoiled.push(whole.subarray(0, size))
  for (const at of [0, 8, 4_100, 8_200]) {
    const flipped = Buffer.from(whole)
    flipped[at] = (flipped[at] ?? 0) ^ 0xff
    spoiled.push(flipped)
  }
  for (const bytes of spoiled) {
    writeFileSync(path, bytes)
    const lock = await lockFile(path)
    expect(lock).not.toBeNull()
    lock?.release()
  }
})

it('keeps others out, also one that was made anew', async () => {
  const path = join(makeTemporaryDirectory(), 'owner.lock')
  writeFileSync(path, 'spoiled'.repeat(900))
  const lock = await lockFile(path)
  expect(askElsewhere(path)).toMatch(/could not set lock|being used by another process/i)
  lock?.release()
  expect(askElsewhere(path)).toBe('locked\n')
})
