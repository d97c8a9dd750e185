import { expect, it } from 'vitest'
import { findWholeFrom, keepWhole } from '../../../core/pipeline/whole-span.ts'
import { createLedgerLog } from '../../support/ledger-log.ts'
import { createRandom } from '../../../core/base/random.ts'
import { makeRow } from '../../support/warehouse-commits.ts'

const startMs = Date.UTC(2025, 0, 6)
const steady = { ...createRandom(1), chance: () => false }

async function fillLog() {
  const log = createLedgerLog(2, steady)
  const sale = { topic: 'retail-transactions', key: null, value: Buffer.from('{}') } as const
  const other = { topic: 'customer-events', key: null, value: Buffer.from('{}') } as const
  const times = Array.from({ length: 20 }, (_, index) => startMs + index * 1_000)
  await log.append(
    times.map(() => sale),
    { appendedAtMs: times, origin: 'live' },
  )
  await log.append(
    times.map(() => other),
    { appendedAtMs: times.map((time) => time + 3_600_000), origin: 'live' },
  )
  return log
}

it('takes every window as whole where each partition was begun with its first record', async () => {
  const log = await fillLog()
  const startedAt = [0, 1].map((partition) => ({ topic: 'retail-transactions', partition, offset: 0 }) as const)
  expect(await findWholeFrom(log, startedAt, startMs)).toBe(0)
})

it('takes windows as whole from the latest of the first sales read on', async () => {
  const log = await fillLog()
  const startedAt = [
    { topic: 'retail-transactions', partition: 0, offset: 2 },
    { topic: 'retail-transactions', partition: 1, offset: 5 },
    { topic: 'customer-events', partition: 0, offset: 7 },
  ] as const
  const fifth = await log.readAt({ topic: 'retail-transactions', partition: 1, offset: 5 })
  expect(await findWholeFrom(log, startedAt, startMs)).toBe(fifth?.appendedAtMs)
})

it('takes the instant of reading where there was nothing to read yet', async () => {
  const log = await fillLog()
  const startedAt = [{ topic: 'retail-transactions', partition: 0, offset: 10 }] as const
  expect(await findWholeFrom(log, startedAt, startMs + 77)).toBe(startMs + 77)
})

it('leaves out the rows of windows that had begun before', () => {
  const rows = [makeRow({ startMs }), makeRow({ startMs: startMs + 60_000 })]
  expect(keepWhole(rows, { fromMs: startMs + 1 })).toEqual(rows.slice(1))
  expect(keepWhole(rows, { fromMs: 0 })).toEqual(rows)
})
