import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { makeCommittedHome, readTable } from '../support/committed-home.ts'
import { jsonLines, lastJson, runStorepulse, startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const disk = ['--set', 'archive.target=disk'] as const

const findParquet = (home: string): string => {
  const folder = join(home, 'archive')
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.parquet'))
  return join(folder, found ?? 'none')
}

it('gives the identical table when everything but the archive is wiped, restored and run again', async () => {
  const home = await makeCommittedHome()
  const before = await readTable(home)
  const archived = await runStorepulse(['archive', 'run', '--all', '--json', ...disk], { home })
  expect([archived.code, archived.stderr]).toEqual([0, ''])
  const { records } = lastJson<{ records: number }>(archived)
  const replayed = await runStorepulse(['archive', 'replay', '--json', ...disk], { home })
  expect(lastJson(replayed)).toEqual({ windows: before.length, same: before.length, differs: 0 })

  expect((await runStorepulse(['archive', 'restore', '--yes', ...disk], { home })).code).toBe(1)
  expect((await runStorepulse(['reset', '--yes'], { home })).code).toBe(0)
  const restored = await runStorepulse(['archive', 'restore', '--yes', '--json', ...disk], { home })
  expect(lastJson(restored)).toMatchObject({ records })
  await runStorepulse(['run', '--until-caught-up'], { home })
  expect(await readTable(home)).toEqual(before)
  const replayedAgain = await runStorepulse(['replay', '--json'], { home })
  expect(lastJson(replayedAgain)).toEqual({ windows: before.length, same: before.length, differs: 0 })
  const again = await runStorepulse(['archive', 'run', '--all', '--json', ...disk], { home })
  expect(lastJson(again)).toMatchObject({ records: 0, files: 0, lost: [] })
})

it('names what is missing and damaged, and exits 1', async () => {
  const home = await makeCommittedHome()
  await runStorepulse(['archive', 'run', '--all', ...disk], { home })
  const whole = await runStorepulse(['archive', 'verify', '--json', ...disk], { home })
  expect([whole.code, lastJson<{ problems: unknown[] }>(whole).problems]).toEqual([0, []])
  const hours = jsonLines<{ rows: number }>(await runStorepulse(['archive', 'list', '--json', ...disk], { home }))
  expect(hours.reduce((sum, { rows }) => sum + rows, 0)).toBe(lastJson<{ rows: number }>(whole).rows)

  const path = findParquet(home)
  const bytes = readFileSync(path)
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  writeFileSync(path, bytes)
  const damaged = await runStorepulse(['archive', 'verify', ...disk], { home })
  expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringContaining('checksum')])
  rmSync(path)
  const missing = await runStorepulse(['archive', 'verify', ...disk], { home })
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('is missing, with ')])
  await runStorepulse(['reset', '--yes'], { home })
  const refused = await runStorepulse(['archive', 'restore', '--yes', ...disk], { home })
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('is missing, with ')])
  expect(readdirSync(home)).not.toContain('log.restoring')
})

it('says what it needs: an archive, a yes, a bound, and a directory nobody owns', async () => {
  const home = makeTemporaryDirectory()
  const ask = async (...args: readonly string[]) => {
    const { code, stderr } = await runStorepulse(['archive', ...args], { home })
    return [code, stderr]
  }
  expect(await ask('run')).toEqual([2, expect.stringContaining('/archive/target is none')])
  expect(await ask('restore', ...disk)).toEqual([2, expect.stringContaining('say --yes to do it')])
  expect(await ask('retain', ...disk)).toEqual([2, expect.stringContaining('--days or --bytes')])
  const owner = startStorepulse(['run', '--no-generator'], { home })
  try {
    await vi.waitFor(() => expect(existsSync(join(home, 'owner.json'))).toBe(true), { timeout: 60_000, interval: 50 })
    const owned = await runStorepulse(['archive', 'restore', '--yes', ...disk], { home })
    expect([owned.code, owned.stderr]).toEqual([4, expect.stringContaining('owned by process')])
  } finally {
    owner.process.kill('SIGTERM')
    await owner.finished
  }
})
