import { expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { createRandom } from '../../../core/base/random.ts'
import { createDecoder } from '../../../core/events/decode.ts'
import { salesTopic } from '../../../core/events/topics.ts'
import type { EventLog } from '../../../core/log/log.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { listRanges, type SparkBatch } from '../../../core/parity/batch.ts'
import { chooseCustomerHash } from '../../../core/parity/customer-hash.ts'
import { createReplay, type ReplayState } from '../../../core/parity/replay.ts'
import { planReplay } from '../../../core/parity/replay-plan.ts'
import { replayBatches } from '../../../core/pipeline/parity/replay-batches.ts'
import { createReadingStage } from '../../../core/pipeline/reading.ts'
import { decodeSale, expectRows } from '../../support/spark-batches.ts'

const partitionCount = 3
const futureMs = 8_000_000_000_000_000

/** Sales of an hour in three partitions, some late, some no sales, in the order they were appended. */
function makeValues(): readonly { readonly partition: number; readonly value: Buffer | null }[] {
  const random = createRandom(5)
  return Array.from({ length: 900 }, (_, index) => {
    const late = random.nextInt(8) === 0 ? random.nextInt(3_000_000) : 0
    const sale = {
      transaction_id: `t${index}`,
      store_id: 1 + random.nextInt(3),
      customer_id: `C${random.nextInt(90)}`,
      event_time: Date.UTC(2025, 0, 6, 10) + index * 4_000 - late,
      final_amount: random.nextInt(5_000) / 100,
    }
    const kind = random.nextInt(40)
    const value = kind === 0 ? null : Buffer.from(kind === 1 ? '{"store_id":1}' : JSON.stringify(sale))
    return { partition: random.nextInt(partitionCount), value }
  })
}

async function fillLog(): Promise<{ readonly log: EventLog; readonly partitions: readonly (Buffer | null)[][] }> {
  const log = createMemoryLog({ partitions: partitionCount })
  const partitions: (Buffer | null)[][] = Array.from({ length: partitionCount }, () => [])
  for (const { partition, value } of makeValues()) {
    partitions[partition]?.push(value)
    const stamp = { appendedAtMs: 1, origin: 'live', partitions: [partition] } as const
    await log.append([{ topic: salesTopic, key: null, value }], stamp)
    await log.append([{ topic: 'customer-events', key: null, value: Buffer.from('{}') }], {
      appendedAtMs: 1,
      origin: 'live',
    })
  }
  return { log, partitions }
}

/** Batches that end at these offsets of each partition, with the watermarks that the records give them. */
function planBatches(partitions: readonly (readonly (Buffer | null)[])[], ends: readonly (readonly number[])[]) {
  return ends.map((until, index) => {
    const before = ends[index - 1] ?? partitions.map(() => 0)
    const times = partitions.flatMap((values, partition) =>
      values.slice(0, before[partition]).map((value) => {
        const decoded = decodeSale(value)
        return decoded.type === 'sale' ? decoded.eventTimeMs : 0
      }),
    )
    const watermarkMs = Math.max(0, ...times.map((ms) => ms - 600_000))
    const ranges = listRanges(new Map(before.entries()), new Map(until.entries()))
    return { number: index, watermarkMs, ranges, until }
  })
}

async function replay(
  log: EventLog,
  batches: readonly SparkBatch[],
  isLastOpen = false,
  signal = new AbortController().signal,
) {
  const latenessMs = 600_000
  const held = log
    .describe()
    .partitions.filter(({ topic }) => topic === salesTopic)
    .map(({ endOffset, partition, startOffset }) => [partition, { start: startOffset, end: endOffset }] as const)
  const plan = { topic: null, batches, isCut: false, hasStart: true, isLastOpen, allowsMultiple: null }
  return await replayBatches(
    {
      log,
      reading: createReadingStage(createDecoder({ futureMs, zone: 'UTC' }), log),
      replay: createReplay({
        latenessMs,
        windowSizeMs: 60_000,
        allowsMultiple: true,
        hashCustomer: chooseCustomerHash('string'),
      }),
      plan: planReplay(plan, new Map(held), latenessMs),
      readPlaces: () => [],
      clock: systemClock,
      onProgress: () => undefined,
      signal,
    },
    isLastOpen,
  )
}

const show = ({ windows }: ReplayState): readonly string[] =>
  windows
    .filter(({ transactions }) => transactions > 0)
    .map(({ cents, customers, startMs, storeId, transactions }) => {
      const start = new Date(startMs).toISOString().slice(0, 19).replace('T', ' ')
      return [start, storeId, transactions, (Number(cents) / 100).toFixed(2), customers].join('|')
    })
    .toSorted()

/** Without the average. */
const expectedRows = (...args: Parameters<typeof expectRows>): readonly string[] =>
  expectRows(...args)
    .rows.map((row) => row.split('|').slice(0, 5).join('|'))
    .toSorted()

it('reads batches off a log whose order is its own: what belongs to a later one waits', async () => {
  const { log, partitions } = await fillLog()
  const sizes = partitions.map(({ length }) => length)
  // The first batches take everything of one partition and nothing of another.
  const shares = [
    [0.9, 0, 0.3],
    [0.9, 0, 0.3],
    [0.95, 0.1, 0.3],
    [1, 0.5, 0.9],
    [1, 1, 1],
    [1, 1, 1],
  ] as const
  const ends = shares.map((share) => sizes.map((size, partition) => Math.floor(size * (share[partition] ?? 0))))
  const batches = planBatches(partitions, ends)
  const { committed, planned } = await replay(log, batches)
  expect([committed.mismatches, planned]).toEqual([[], null])
  expect(show(committed)).toEqual(expectedRows(partitions, batches, 'update'))
  expect(committed.lateSales).toBe(expectRows(partitions, batches, 'update').late)
  expect(committed.lateSales).toBeGreaterThan(20)
  expect(committed.rejected).toBeGreaterThan(5)
})

it('counts before and after a batch that is planned and not committed, be it the only one', async () => {
  const { log, partitions } = await fillLog()
  const sizes = partitions.map(({ length }) => length)
  const batches = planBatches(partitions, [sizes.map((size) => size >> 1), sizes])
  const { committed, planned } = await replay(log, batches, true)
  expect(show(committed)).toEqual(expectedRows(partitions, batches.slice(0, 1), 'update'))
  expect(planned && show(planned)).toEqual(expectedRows(partitions, batches, 'update'))
  const alone = await replay(log, batches.slice(0, 1), true)
  expect([alone.committed.windows, alone.planned?.windows.length]).toEqual([[], committed.windows.length])
})

it('ends where the records end that batches without data name', async () => {
  const { log } = await fillLog()
  const nothing = { number: 0, watermarkMs: 0, ranges: [] }
  expect((await replay(log, [nothing, { ...nothing, number: 1 }])).committed.windows).toEqual([])
})

it('ends when it is told to', async () => {
  const { log, partitions } = await fillLog()
  const batches = planBatches(partitions, [partitions.map(({ length }) => length)])
  const abort = new AbortController()
  abort.abort()
  await expect(replay(log, batches, false, abort.signal)).rejects.toMatchObject({ code: 'cancelled' })
})
