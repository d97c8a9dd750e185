import { rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { rejectionReasons } from '../../core/events/decoded.ts'
import type { Board } from '../../core/protocol/board.ts'
import type { LateItem, QuarantineItem } from '../../core/protocol/commands.ts'
import { quarantinedColumns, quarantinedRows, rejectedRecords } from '../support/rejected-records.ts'
import { jsonLines, lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const sale = (id: string, minute: number, amount: number, store = 1): string => {
  const event = {
    transaction_id: id,
    store_id: store,
    customer_id: `C-${id}`,
    event_time: new Date(Date.UTC(2025, 0, 6, 12, minute)).toISOString(),
    final_amount: amount,
  }
  return JSON.stringify({ topic: 'retail-transactions', key: String(store), value: event })
}
const future = JSON.stringify({
  topic: 'retail-transactions',
  key: '1',
  value: {
    transaction_id: 'F',
    store_id: 1,
    customer_id: 'C-F',
    event_time: new Date(Date.now() + 3_600_000).toISOString(),
    final_amount: 9,
  },
})

const catchUp = async (home: string, more: readonly string[] = []): Promise<Board> =>
  lastJson<Board>(await runStorepulse(['run', '--until-caught-up', '--json', ...more], { home }))
const sumOf = async (home: string, minute: number): Promise<unknown> => {
  const sql = `SELECT total_transactions AS n, total_revenue AS r, unique_customers AS c FROM transactions_summary WHERE window_start = TIMESTAMP '2025-01-06 12:${String(minute).padStart(2, '0')}:00'`
  return lastJson(await runStorepulse(['query', sql, '--json'], { home }))
}

it('lets a late sale count after all: once, through the log, and in every replay', async () => {
  const home = makeTemporaryDirectory()
  const lines = [sale('A', 0, 10), sale('B', 30, 5), sale('L', 0, 2.5), sale('B', 30, 6)]
  await runStorepulse(['import', '-'], { home, input: lines.join('\n') })
  expect((await catchUp(home)).records).toMatchObject({ received: 4, counted: 2, late: 1, duplicate: 1 })
  const conflict = await runStorepulse(['conflicts', 'list', '--json'], { home })
  expect(lastJson(conflict)).toMatchObject({ id: 'B', ref: expect.stringMatching(/^retail-transactions\/\d\/3$/) })
  expect(await sumOf(home, 0)).toEqual({ n: 1, r: '10.00', c: 1 })
  const [late] = jsonLines<LateItem>(await runStorepulse(['late', 'list', '--json'], { home }))
  expect(late).toMatchObject({ transactionId: 'L', amount: '2.50', storeId: 1, readmittedAt: null })
  const ref = late?.ref ?? ''
  expect(lastJson(await runStorepulse(['late', 'stores', '--json'], { home }))).toEqual({
    storeId: 1,
    records: 1,
    amount: '2.50',
    readmitted: 0,
    readmittedAmount: '0.00',
  })
  const first = await runStorepulse(['late', 'readmit', ref, '--json'], { home })
  expect(lastJson(first)).toMatchObject({ outcome: 'readmitted' })
  expect((await catchUp(home)).records).toMatchObject({ received: 4, counted: 3, late: 0, duplicate: 1 })
  expect(await sumOf(home, 0)).toEqual({ n: 2, r: '12.50', c: 2 })
  expect(lastJson(await runStorepulse(['late', 'readmit', ref, '--json'], { home }))).toMatchObject({
    outcome: 'already',
  })
  expect(lastJson(await runStorepulse(['replay', '--json'], { home }))).toEqual({ windows: 2, same: 2, differs: 0 })
  expect((await runStorepulse(['replay', '--apply', '--json'], { home })).code).toBe(0)
  expect(await sumOf(home, 0)).toEqual({ n: 2, r: '12.50', c: 2 })
  const trail = 'SELECT who, action, subject, detail FROM storepulse.audit ORDER BY entry'
  const who = userInfo().username
  expect(jsonLines(await runStorepulse(['query', trail, '--json'], { home }))).toEqual([
    { who, action: 'imported', subject: '4 records', detail: 'from -: retail-transactions 4' },
    { who, action: 're-admitted', subject: '1 record of the late ledger', detail: ref },
    { who, action: 'replaced the table', subject: 'by replay --apply', detail: '2 windows compared, 0 differed' },
  ])
})

it('lets a quarantined record count once the rule it broke has changed', async () => {
  const home = makeTemporaryDirectory()
  await runStorepulse(['import', '-'], { home, input: [sale('A', 0, 10), future].join('\n') })
  const board = await catchUp(home)
  expect(board.invalidByReason.future_time).toBe(1)
  const [entry] = jsonLines<QuarantineItem>(await runStorepulse(['quarantine', 'list', '--json'], { home }))
  expect(entry).toMatchObject({ reason: 'future_time', path: '/event_time' })
  const ref = entry?.ref ?? ''
  const shown = await runStorepulse(['quarantine', 'show', ref, '--raw'], { home })
  expect(JSON.parse(shown.stdout)).toMatchObject({ transaction_id: 'F' })
  const refused = await runStorepulse(['quarantine', 'readmit', ref, '--json'], { home })
  expect([refused.code, lastJson<{ outcome: string }>(refused).outcome]).toEqual([1, 'refused'])
  const lenient = ['--set', 'events.futureMs=86400000']
  expect(lastJson(await runStorepulse(['quarantine', 'readmit', ref, '--json', ...lenient], { home }))).toMatchObject({
    outcome: 'readmitted',
  })
  const after = await catchUp(home, lenient)
  expect(after.records).toMatchObject({ received: 2, counted: 2, invalid: 0 })
  expect(after.invalidByReason.future_time).toBe(0)
})

it('counts nothing twice in a rebuilt warehouse that counted at once what was readmitted before', async () => {
  const home = makeTemporaryDirectory()
  const lines = [sale('A', 0, 10), sale('B', 3, 5), future]
  await runStorepulse(['import', '-'], { home, input: lines.join('\n') })
  const idle = ['--no-generator', '--duration', '3s', '--json', '--set', 'window.idleMs=500']
  await runStorepulse(['run', ...idle], { home })
  await runStorepulse(['import', '-'], { home, input: sale('C', 3, 1) })
  expect((await catchUp(home)).records).toMatchObject({ received: 4, counted: 2, late: 1, invalid: 1 })
  const lenient = ['--set', 'events.futureMs=86400000']
  const [late] = jsonLines<LateItem>(await runStorepulse(['late', 'list', '--json'], { home }))
  const [rejected] = jsonLines<QuarantineItem>(await runStorepulse(['quarantine', 'list', '--json'], { home }))
  await runStorepulse(['late', 'readmit', late?.ref ?? ''], { home })
  await runStorepulse(['quarantine', 'readmit', rejected?.ref ?? '', ...lenient], { home })
  const whole = { received: 4, counted: 4, late: 0, invalid: 0, duplicate: 0, tombstone: 0 }
  expect((await catchUp(home, lenient)).records).toEqual(whole)
  expect(await sumOf(home, 3)).toEqual({ n: 2, r: '6.00', c: 2 })
  // What closed by the clock, and by which rule a time lay in the future, is in no log.
  rmSync(join(home, 'warehouse'), { recursive: true })
  expect((await catchUp(home, lenient)).records).toEqual(whole)
  expect(await sumOf(home, 3)).toEqual({ n: 2, r: '6.00', c: 2 })
})

it('closes due windows by the clock when sales stop, and replays that', async () => {
  const home = makeTemporaryDirectory()
  await runStorepulse(['import', '-'], { home, input: [sale('A', 0, 10), sale('B', 3, 5)].join('\n') })
  const idle = ['--no-generator', '--duration', '3s', '--json', '--set', 'window.idleMs=500']
  await runStorepulse(['run', ...idle], { home })
  const sql = 'SELECT count(*) AS n FROM storepulse.windows WHERE final'
  expect(lastJson(await runStorepulse(['query', sql, '--json'], { home }))).toEqual({ n: '2' })
  await runStorepulse(['import', '-'], { home, input: sale('C', 3, 1) })
  expect((await catchUp(home)).records).toMatchObject({ received: 3, counted: 2, late: 1 })
  expect(lastJson(await runStorepulse(['replay', '--json'], { home }))).toEqual({ windows: 2, same: 2, differs: 0 })
})

it('shows each rejection reason once, with its bytes in quarantine, and the identity exact', async () => {
  const home = makeTemporaryDirectory()
  const rejected = rejectedRecords.map(({ bytes }) =>
    JSON.stringify({ topic: 'retail-transactions', key: '1', base64: bytes.toString('base64') }),
  )
  const lines = [sale('A', 0, 10), ...rejected, sale('B', 1, 5)]
  writeFileSync(join(home, 'records.ndjson'), lines.join('\n'))
  const imported = await runStorepulse(['import', join(home, 'records.ndjson'), '--json'], { home })
  expect(lastJson(imported)).toMatchObject({ imported: 13, perTopic: { 'retail-transactions': 13 } })
  await catchUp(home)
  const board = lastJson<Board>(await runStorepulse(['status', '--json'], { home }))
  expect(board.invalidByReason).toEqual(Object.fromEntries(rejectionReasons.map((reason) => [reason, 1])))
  const counts = { received: 13, counted: 2, late: 0, duplicate: 0, invalid: 11, tombstone: 0 }
  expect(board.records).toEqual(counts)
  expect(board.perTopic['retail-transactions']).toEqual(counts)

  const sql = `SELECT ${quarantinedColumns} FROM storepulse.quarantine ORDER BY record_offset`
  expect(jsonLines(await runStorepulse(['query', sql, '--json'], { home }))).toEqual(quarantinedRows)
  const listed = jsonLines<QuarantineItem>(await runStorepulse(['quarantine', 'list', '--json'], { home }))
  const [largest] = listed.filter(({ reason }) => reason === 'too_large')
  const shown = await runStorepulse(['quarantine', 'show', largest?.ref ?? '', '--raw'], { home })
  expect(shown.stdout).toBe(rejectedRecords[0]?.bytes.subarray(0, 65_536).toString())
  expect(listed.map(({ reason }) => reason).sort()).toEqual([...rejectionReasons].sort())
})
