import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import { silentLogger } from '../../core/base/logger.ts'
import { createDecoder } from '../../core/events/decode.ts'
import type { RecordRef } from '../../core/events/record.ts'
import { salesTopic } from '../../core/events/topics.ts'
import { createMemoryLog } from '../../core/log/memory/memory-log.ts'
import { createLedger } from '../../core/pipeline/ledger.ts'
import { createReadingStage } from '../../core/pipeline/reading.ts'
import { openStation, type Station } from '../../core/pipeline/station.ts'
import { describeDataDirectory } from '../../core/settings/data-directory.ts'
import { resolveSettings } from '../../core/settings/settings.ts'
import { createMemoryTables, createMemoryWarehouse } from '../../core/warehouse/memory/memory-warehouse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { exactSketch, makeCommit, makeQuarantined, token } from '../support/warehouse-commits.ts'

const noon = Date.UTC(2025, 0, 6, 12)
const minute = 60_000
const page = { limit: 100, offset: 0 }

async function openAt(root: string, flags: readonly string[] = []): Promise<Station> {
  const station = await openStation({
    paths: describeDataDirectory(root),
    settings: resolveSettings({ profile: {}, environment: {}, flags: ['log.partitions=1', ...flags] }),
    profile: 'local',
    command: 'test',
    clock: systemClock,
    logger: silentLogger,
    workerUrl: null,
  })
  onTestFinished(() => station.stop(0))
  await station.start({ closesIdle: false })
  return station
}

const sale = (id: string, atMs: number, more: object = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      transaction_id: id,
      store_id: 1,
      customer_id: `C-${id}`,
      event_time: atMs,
      final_amount: 1,
      ...more,
    }),
  )

async function append(station: Station, values: readonly Buffer[]): Promise<void> {
  const records = values.map((value) => ({ topic: salesTopic, key: null, value }))
  await station.log.append(records, { appendedAtMs: noon + 30 * minute, origin: 'import' })
  await station.waitUntilCaughtUp()
}

/** The ledgers keep one row each; the places of all others are remembered while the log holds them. */
async function prune(station: Station): Promise<void> {
  await (await station.warehouse()).prune({
    windowsBeforeMs: null,
    lateRows: 1,
    quarantineRows: 1,
    evictedRows: 1_000,
    heldFrom: [],
    epochsBelowSequence: 0,
    epochRows: 1_000,
    alertRows: 1_000,
    trendsBeforeMs: 0,
  })
}

const refOf = (offset: number): string => `${salesTopic}/0/${offset}`
const readmit = async (
  station: Station,
  offset: number,
  from: 'late' | 'quarantine',
): Promise<readonly (string | null)[]> => {
  const [result] = await station.ledger.readmit([refOf(offset)], from, 'test')
  await station.waitUntilCaughtUp()
  return [result?.outcome ?? '', result?.reason ?? null]
}
const countsOf = async (station: Station): Promise<readonly number[]> => {
  const { counted, invalid, late, received } = (await station.board()).records
  return [received, counted, late, invalid]
}
const sumLate = async (station: Station): Promise<unknown> =>
  (await (await station.warehouse()).sumLedgers()).late.map(
    ({ cents, readmitted, readmittedCents, records, storeId }) => [
      storeId,
      records,
      Number(cents),
      readmitted,
      Number(readmittedCents),
    ],
  )

it('counts, shows and re-admits records whose rows have left the ledgers, by their place in the log, once for ever', async () => {
  const root = makeTemporaryDirectory()
  const first = await openAt(root)
  await append(first, [
    sale('now', noon + 20 * minute),
    sale('L1', noon, { final_amount: 2.5 }),
    sale('L2', noon, { store_id: 7, final_amount: 4 }),
    sale('L3', noon + minute, { store_id: 7 }),
    sale('seconds', noon / 1_000),
    sale('ahead', noon + 50 * minute),
    sale('no amount', noon, { final_amount: null }),
  ])
  expect(await countsOf(first)).toEqual([7, 1, 3, 3])
  await prune(first)
  const warehouse = await first.warehouse()
  expect((await warehouse.listLate(page)).map(({ ref }) => ref.offset)).toEqual([3])
  expect((await warehouse.listQuarantine(page)).map(({ ref }) => ref.offset)).toEqual([6])
  expect((await warehouse.sumLedgers()).rows).toMatchObject({ late: { evicted: 2 }, quarantine: { evicted: 2 } })
  expect(await sumLate(first)).toEqual([
    [1, 1, 250, 0, 0],
    [7, 2, 500, 0, 0],
  ])

  // Late sales count by their place alone, and their window is amended.
  expect(await readmit(first, 1, 'late')).toEqual(['readmitted', null])
  expect(await readmit(first, 1, 'late')).toEqual(['already', null])
  expect(await readmit(first, 2, 'quarantine')).toEqual(['refused', 'not in the quarantine'])
  expect(await countsOf(first)).toEqual([7, 2, 2, 3])
  expect(await sumLate(first)).toEqual([
    [1, 0, 0, 1, 250],
    [7, 2, 500, 0, 0],
  ])
  expect(await warehouse.listWindows(noon, noon + minute)).toMatchObject([{ storeId: 1, transactions: 1, cents: 250n }])

  // Rejected ones are read as the rules of now have them.
  const inspect = (offset: number) => first.ledger.inspect({ topic: salesTopic, partition: 0, offset })
  expect(await inspect(4)).toMatchObject({
    from: 'log',
    reason: 'bad_time',
    path: '/event_time',
    hint: 'it looks like seconds since 1970 (2025-01-06T12:00:00.000Z); milliseconds are read',
  })
  expect(await inspect(5)).toMatchObject({ from: 'log', reason: 'future_time', hint: /^it is 20 min ahead/ })
  expect(await inspect(6)).toMatchObject({ from: 'quarantine', reason: 'missing_field' })
  expect(await inspect(0)).toMatchObject({ from: 'log', reason: null })
  expect(await inspect(99)).toBeNull()
  expect(await readmit(first, 4, 'quarantine')).toEqual(['refused', 'still bad_time at /event_time'])
  expect(await readmit(first, 5, 'quarantine')).toEqual(['refused', 'still future_time at /event_time'])
  expect(await readmit(first, 0, 'quarantine')).toEqual(['refused', 'not in the quarantine'])
  await first.stop(1_000)

  // A rule has changed: what kept to none of the old rules may keep to the new ones.
  const second = await openAt(root, ['events.futureMs=86400000'])
  expect(await readmit(second, 5, 'quarantine')).toEqual(['readmitted', null])
  expect(await readmit(second, 5, 'quarantine')).toEqual(['already', null])
  expect(await readmit(second, 1, 'late')).toEqual(['already', null])
  expect(await countsOf(second)).toEqual([7, 3, 2, 2])
  expect((await second.board()).invalidByReason).toMatchObject({ bad_time: 1, future_time: 0, missing_field: 1 })
  await second.stop(1_000)
})

it('re-admits from the quarantine what the log no longer holds, if it is kept whole', async () => {
  const log = createMemoryLog({ partitions: 1 })
  // Nothing of the topic is left in the log.
  const reading = createReadingStage(createDecoder({ futureMs: 86_400_000, zone: 'UTC' }), log)
  const warehouse = createMemoryWarehouse({ sketch: exactSketch, tables: createMemoryTables() })
  await warehouse.claim({ token, processId: 1, command: 'test', atMs: 0 })
  const keep = (offset: number, bytes: Buffer, sizeBytes = bytes.length) => {
    const ref: RecordRef = { topic: salesTopic, partition: 0, offset }
    return makeQuarantined(offset, { ref, reason: 'future_time', bytes, sizeBytes, seenAtMs: noon })
  }
  const ahead = sale('ahead', noon + 60 * minute)
  const quarantined = [keep(1, ahead), keep(2, ahead, 70_000), keep(3, sale('farther', noon + 9 * 86_400_000))]
  await warehouse.commit(makeCommit(1, { quarantined }))
  const ledger = createLedger({
    findPipeline: () => null,
    log,
    reading,
    clock: systemClock,
    openWarehouse: async () => warehouse,
  })
  const results = await ledger.readmit([refOf(1), refOf(2), refOf(3)], 'quarantine', 'test')
  expect(results.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['readmitted', null],
    ['refused', 'the log no longer holds this record'],
    ['refused', 'still future_time at /event_time'],
  ])

  // The word that it counts carries the record: every later reading of the log has it.
  const reader = log.openReader([])
  const records = await reader.read(10, 1_000_000)
  const [read] = await reading.decode(records, 0)
  expect(records).toHaveLength(1)
  expect(read).toMatchObject({
    decoded: { type: 'sale', id: 'ahead', eventTimeMs: noon + 60 * minute },
    readmits: { was: 'invalid', reason: 'future_time', ref: { offset: 1 } },
  })
})
