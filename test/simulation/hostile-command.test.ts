import { expect, it } from 'vitest'
import { makeVisible } from '../../core/protocol/visible-text.ts'
import type { Board } from '../../core/protocol/board.ts'
import type { LateItem, QuarantineItem } from '../../core/protocol/commands.ts'
import { makeHostileLines } from '../support/hostile-records.ts'
import { hostileTexts } from '../support/hostile-texts.ts'
import { jsonLines, lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

/** What a terminal acts upon, or nobody sees. */
const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}]/u

it('counts hostile records, and shows them on a terminal without anything in them that acts', async () => {
  const home = makeTemporaryDirectory()
  const input = makeHostileLines(Date.now()).join('\n')
  const run = async (...args: readonly string[]) => {
    const finished = await runStorepulse(args, { home, ...(args.includes('-') ? { input } : {}) })
    expect(finished.code, finished.stderr).toBe(0)
    for (const line of `${finished.stdout}\n${finished.stderr}`.split('\n')) expect(line).not.toMatch(unseen)
    return finished
  }
  await run('import', '-')
  const board = lastJson<Board>(await run('run', '--until-caught-up', '--json', '--log-level', 'debug'))
  expect(board.records).toMatchObject({
    received: hostileTexts.length * 4 + 6,
    counted: hostileTexts.length + 1,
    late: hostileTexts.length + 1,
    invalid: hostileTexts.length * 2 + 4,
  })
  const late = jsonLines<LateItem>(await run('late', 'list', '--json'))
  const ids = late.map(({ transactionId }) => transactionId)
  for (const { name, text } of hostileTexts) {
    const whole = Buffer.from(text).toString()
    expect(ids, name).toContain(whole.length > 1_000 ? `${whole.slice(0, 999)}…` : whole)
  }
  const table = (await run('late', 'list')).stdout
  expect(table.trimEnd().split('\n')).toHaveLength(late.length + 2)
  expect(table).toContain(makeVisible('user\u202egnp.exe'))

  const quarantined = jsonLines<QuarantineItem>(await run('quarantine', 'list', '--json', '--limit', '200'))
  expect(quarantined).toHaveLength(hostileTexts.length * 2 + 4)
  await run('quarantine', 'list', '--limit', '200')
  const largest = [...quarantined].sort((left, right) => right.sizeBytes - left.sizeBytes)
  for (const { ref } of [...largest.slice(0, 3), ...largest.slice(-1)]) await run('quarantine', 'show', ref)

  const sql = 'SELECT transaction_id, store_id FROM storepulse.late'
  const rows = (await run('query', sql)).stdout.trimEnd().split('\n')
  expect(rows).toHaveLength(late.length + 3)
  const plan = await run('query', `EXPLAIN ${sql}`)
  expect(plan.stdout.split('\n').length).toBeGreaterThan(5)
})
