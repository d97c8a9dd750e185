import { writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { jsonLines, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

interface Entry {
  readonly who: string
  readonly action: string
  readonly subject: string
  readonly detail: string
}

it('notes what commands write, who ran them and where to, and keeps that through a reset', async () => {
  const home = makeTemporaryDirectory()
  const archive = makeTemporaryDirectory()
  const file = join(makeTemporaryDirectory(), 'records.ndjson')
  writeFileSync(file, '{"topic":"retail-transactions","key":null,"value":{}}\n{"topic":"customer-events","value":{}}\n')
  const run = async (...args: readonly string[]): Promise<void> => {
    const settings = ['--set', 'archive.target=disk', '--set', `archive.directory=${archive}`]
    const ended = await runStorepulse([...args, ...settings], { home })
    expect(ended.code, ended.stderr).toBe(0)
  }
  const listTrail = async (): Promise<readonly Entry[]> => {
    const sql = 'SELECT who, action, subject, detail FROM storepulse.audit ORDER BY entry'
    return jsonLines<Entry>(await runStorepulse(['query', sql, '--json'], { home }))
  }
  await run('import', file)
  await run('generate', '--to', 'log', '--count', '30', '--topic', 'retail-transactions')
  await run('archive', 'run', '--all')
  await run('reset', '--yes')
  await run('archive', 'restore', '--yes')
  const { username: who } = userInfo()
  const expected = [
    { action: 'imported', subject: '2 records', detail: `from ${file}: retail-transactions 1, customer-events 1` },
    { action: 'generated', subject: '30 records', detail: 'to the log of profile local: retail-transactions 30' },
    { action: 'reset', subject: home, detail: 'every event and number was deleted' },
    { action: 'restored from the archive', subject: '32 records', detail: `into ${join(home, 'log')}` },
  ]
  expect(await listTrail()).toEqual(expected.map((entry) => ({ who, ...entry })))
})

it('notes it through whoever owns the data directory', async () => {
  const home = makeTemporaryDirectory()
  const owner = runStorepulse(['run', '--no-generator', '--duration', '20s'], { home })
  await expect
    .poll(async () => (await runStorepulse(['status', '--json'], { home })).stdout, { timeout: 15_000 })
    .toContain('"running"')
  const ended = await runStorepulse(['import', '-', '--topic', 'retail-transactions'], { home, input: '{}\n{}\n' })
  expect(ended.code, ended.stderr).toBe(0)
  const sql = 'SELECT action, subject FROM storepulse.audit'
  const listed = await runStorepulse(['query', sql, '--json'], { home })
  expect(jsonLines(listed)).toEqual([{ action: 'imported', subject: '2 records' }])
  expect((await owner).code).toBe(0)
})
