import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PartitionRange } from '../../../core/events/epoch.ts'
import { formatRef, type LogRecord } from '../../../core/events/record.ts'
import { eventTopics } from '../../../core/events/topics.ts'
import { splitBatches } from '../../../core/log/kafka/batch/batch-header.ts'
import { isLacking, type MergeLane, takeMerged } from '../../../core/log/kafka/reading/merge.ts'
import { addBatches, createPartitionBuffer, skipTo } from '../../../core/log/kafka/reading/partition-buffer.ts'
import { storeBatch } from '../../support/kafka-batches.ts'

/** What a partition holds: batches with offsets left out before each, and after the last. */
interface Shelf {
  readonly batches: readonly { readonly gap: number; readonly times: readonly number[] }[]
  readonly trailing: number
}

const shelf: fc.Arbitrary<Shelf> = fc.record({
  batches: fc.array(
    fc.record({ gap: fc.nat(3), times: fc.array(fc.integer({ min: -1, max: 12 }), { minLength: 1, maxLength: 5 }) }),
    { maxLength: 6 },
  ),
  trailing: fc.nat(2),
})

const shelves = fc.array(shelf, { minLength: 1, maxLength: 5 })
/** Choices of a run: which partition is fetched next and how many records a read may take. */
const choices = fc.array(fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 60 })

/** Partitions behind a fetch: what they hold, as the broker keeps it. */
function stock(items: readonly Shelf[]) {
  return items.map(({ batches, trailing }, index) => {
    let offset = 0
    const stored = batches.map(({ gap, times }) => {
      const base = offset + gap
      offset = base + times.length
      const records = times.map((timeMs, at) => ({ key: null, value: Buffer.from(`${index}/${base + at}`), timeMs }))
      return { base, bytes: storeBatch(base, { records }), until: offset }
    })
    const topic = eventTopics[index % 3] ?? eventTopics[0]
    return { topic, partition: Math.floor(index / 3), stored, end: offset + trailing }
  })
}

type Stock = ReturnType<typeof stock>

/** Opens a lane on every partition with nothing fetched; its end is known. */
function openLanes(partitions: Stock, positions: readonly number[]): readonly MergeLane[] {
  return partitions.map(({ topic, partition, end }, index) => {
    const buffer = createPartitionBuffer(topic, partition, positions[index] ?? 0)
    buffer.knownEnd = end
    return { buffer, until: Infinity }
  })
}

/** The next batch of a partition, or the news that nothing follows; the gap in front of it may come by itself. */
function fetchNext({ topic, partition, stored, end }: Stock[number], { buffer }: MergeLane, gapFirst = false): void {
  const next = stored.find(({ until }) => until > buffer.fetchOffset)
  if (!next || (gapFirst && next.base > buffer.fetchOffset)) {
    addBatches(buffer, [], next?.base ?? end)
    return
  }
  const { batches, nextOffset } = splitBatches(next.bytes, { topic, partition, offset: buffer.fetchOffset }, [])
  addBatches(buffer, batches, nextOffset)
}

const sumOf = (lanes: readonly MergeLane[]): number => lanes.reduce((sum, { buffer }) => sum + buffer.position, 0)

/** Reads everything, fetching and reading as the choices say; gives each read with its ranges, and all sums seen. */
function run(partitions: Stock, steps: readonly (readonly [number, number])[], positions: readonly number[] = []) {
  const lanes = openLanes(partitions, positions)
  const reads: { readonly records: readonly LogRecord[]; readonly ranges: readonly PartitionRange[] }[] = []
  const sums: { readonly sum: number; readonly recordsBefore: number }[] = []
  let count = 0
  for (let step = 0; step < 2_000; step += 1) {
    const [pick = 0, wanted = 1] = steps[step % steps.length] ?? []
    sums.push({ sum: sumOf(lanes), recordsBefore: count })
    const lacking = lanes.filter(isLacking)
    const lane = lacking[pick % Math.max(1, lacking.length)] ?? lanes[pick % lanes.length]
    const index = lane ? lanes.indexOf(lane) : 0
    const from = partitions[index]
    if (lane && from && (lacking.length > 0 || pick % 2 === 0)) fetchNext(from, lane, pick % 3 === 0)
    const records = takeMerged(lanes, wanted, 1_000_000, sumOf(lanes))
    count += records.length
    if (records.length > 0) reads.push({ records, ranges: rangesOf(records) })
    else if (lanes.every(({ buffer }, at) => buffer.position >= (partitions[at]?.end ?? 0))) break
  }
  sums.push({ sum: sumOf(lanes), recordsBefore: count })
  return { reads, sums, lanes }
}

function rangesOf(records: readonly LogRecord[]): readonly PartitionRange[] {
  const ranges = new Map<string, { topic: LogRecord['topic']; partition: number; from: number; until: number }>()
  for (const { topic, partition, offset } of records) {
    const key = `${topic}/${partition}`
    const range = ranges.get(key) ?? { topic, partition, from: offset, until: offset }
    range.until = offset + 1
    ranges.set(key, range)
  }
  return [...ranges.values()]
}

const name = (record: LogRecord): string => `#${record.sequence} ${formatRef(record)}`

it('gives every record once, each partition in its order', () => {
  fc.assert(
    fc.property(shelves, choices, (items, steps) => {
      const partitions = stock(items)
      const given = run(partitions, steps).reads.flatMap(({ records }) => records)
      for (const [index, { topic, partition }] of partitions.entries()) {
        const offsets = given.filter((r) => r.topic === topic && r.partition === partition).map(({ offset }) => offset)
        let offset = 0
        const expected = (items[index]?.batches ?? []).flatMap(({ gap, times }) => {
          const base = offset + gap
          offset = base + times.length
          return times.map((_, at) => base + at)
        })
        expect(offsets).toEqual(expected)
      }
    }),
  )
})

it('never gives a sequence below one given before, or below a sum of positions seen before', () => {
  fc.assert(
    fc.property(shelves, choices, (items, steps) => {
      const { reads, sums } = run(stock(items), steps)
      const sequences = reads.flatMap(({ records }) => records.map(({ sequence }) => sequence))
      for (let index = 1; index < sequences.length; index += 1) {
        expect(sequences[index]).toBeGreaterThan(sequences[index - 1] ?? -1)
      }
      for (const { sum, recordsBefore } of sums) {
        expect(sequences[recordsBefore] ?? Infinity).toBeGreaterThanOrEqual(sum)
        expect(sequences[recordsBefore - 1] ?? -1).toBeLessThan(Math.max(sum, 1))
      }
    }),
  )
})

it('has caught up, gaps at the end included, when all is read', () => {
  fc.assert(
    fc.property(shelves, choices, (items, steps) => {
      const partitions = stock(items)
      const { lanes } = run(partitions, steps)
      expect(sumOf(lanes)).toBe(partitions.reduce((sum, { end }) => sum + end, 0))
    }),
  )
})

it('goes on after a restart at no lower sequence', () => {
  fc.assert(
    fc.property(shelves, choices, choices, fc.nat(30), (items, steps, others, stop) => {
      const partitions = stock(items)
      const { reads } = run(partitions, steps)
      const committed = reads.slice(0, stop).flatMap(({ records }) => records)
      const positions = partitions.map(({ topic, partition }) =>
        committed.reduce((at, r) => (r.topic === topic && r.partition === partition ? r.offset + 1 : at), 0),
      )
      const [next] = run(partitions, others, positions).reads
      const last = committed.at(-1)
      expect(next?.records[0]?.sequence ?? Infinity).toBeGreaterThan(last?.sequence ?? -1)
    }),
  )
})

it('gives the ranges of a read again in the same order with the same sequences, however they are fetched and taken', () => {
  fc.assert(
    fc.property(shelves, choices, choices, (items, steps, others) => {
      const partitions = stock(items)
      const { reads } = run(partitions, steps)
      const lanes = openLanes(partitions, [])
      let step = 0
      for (const { records, ranges } of reads) {
        const epoch = ranges.flatMap(({ topic, partition, from, until }) => {
          const lane = lanes.find(({ buffer }) => buffer.topic === topic && buffer.partition === partition)
          if (!lane) return []
          skipTo(lane.buffer, from)
          return [{ buffer: lane.buffer, until }]
        })
        const again: LogRecord[] = []
        const first = records[0]?.sequence ?? 0
        while (again.length < records.length) {
          const lacking = epoch.find(isLacking)
          const index = lanes.findIndex(({ buffer }) => buffer === lacking?.buffer)
          const from = partitions[index]
          if (lacking && from) fetchNext(from, lacking)
          const [, wanted = 1] = others[step++ % others.length] ?? []
          again.push(...takeMerged(epoch, wanted, 1_000_000, first + again.length))
        }
        expect(again.map(name)).toEqual(records.map(name))
      }
    }),
  )
})

it('orders by the greatest time in the partition so far, then partition, then topic, then offset', () => {
  fc.assert(
    fc.property(shelves, (items) => {
      const partitions = stock(items)
      const lanes = openLanes(partitions, [])
      for (const [index, lane] of lanes.entries()) {
        const from = partitions[index]
        while (from && lane.buffer.fetchOffset < from.end) fetchNext(from, lane)
      }
      const expected = partitions.flatMap(({ topic, partition }, index) => {
        let latest = -Infinity
        let offset = 0
        return (items[index]?.batches ?? []).flatMap(({ gap, times }) => {
          offset += gap
          return times.map((time) => {
            latest = Math.max(latest, time)
            return {
              ref: formatRef({ topic, partition, offset: offset++ }),
              key: [latest, partition, index % 3, offset],
            }
          })
        })
      })
      const compare = (a: readonly number[], b: readonly number[]): number =>
        a.map((value, at) => value - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0
      expect(takeMerged(lanes, 1_000, 1_000_000, 0).map(formatRef)).toEqual(
        expected.sort((a, b) => compare(a.key, b.key)).map(({ ref }) => ref),
      )
    }),
  )
})

it('gives nothing while a partition that holds more has nothing here', () => {
  const partitions = stock([
    { batches: [{ gap: 0, times: [1] }], trailing: 0 },
    { batches: [{ gap: 0, times: [9] }], trailing: 0 },
  ])
  const lanes = openLanes(partitions, [])
  const [first, second] = partitions
  if (first && lanes[0]) fetchNext(first, lanes[0])
  expect(takeMerged(lanes, 10, 1_000_000, 0)).toEqual([])
  if (second && lanes[1]) fetchNext(second, lanes[1])
  expect(takeMerged(lanes, 10, 1_000_000, 0)).toHaveLength(2)
})
