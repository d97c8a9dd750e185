import { expect, it } from 'vitest'
import type { ArchivableLog } from '../../../core/archive/archive.ts'
import type { Catalog } from '../../../core/archive/catalog.ts'
import { createCollector } from '../../../core/archive/collect.ts'
import type { FileDraft } from '../../../core/archive/commit-files.ts'
import { hourOf } from '../../../core/archive/layout.ts'
import type { OffsetRange } from '../../../core/archive/ranges.ts'
import { hourMs, nineMs } from '../../support/archived-log.ts'
import { makeRecord } from '../../support/records.ts'

const topic = 'retail-transactions'

const range = (fromOffset: number, untilOffset: number): OffsetRange => ({ fromOffset, untilOffset })

/** A collector for one partition that holds [startOffset, endOffset), of which some is archived. */
function collect(order: 'log' | 'ledger', held: OffsetRange, covered: readonly OffsetRange[] = []) {
  const log: Pick<ArchivableLog, 'order' | 'describe'> = {
    order,
    describe: () => ({
      partitions: [{ topic, partition: 0, startOffset: held.fromOffset, endOffset: held.untilOffset }],
    }),
  }
  const catalog: Pick<Catalog, 'coverageOf'> = { coverageOf: () => covered }
  return createCollector(log as ArchivableLog, catalog as Catalog)
}

const describeDraft = ({ fromOffset, records, startMs, untilOffset }: FileDraft): string =>
  `${(startMs - nineMs) / hourMs}: ${fromOffset}-${untilOffset} of ${records.length}`

function addAll(
  collector: ReturnType<typeof collect>,
  offsets: readonly number[],
  timeOf: (offset: number) => number = () => nineMs,
  value = 'x',
): readonly string[] {
  const full = offsets.flatMap((offset) => collector.add(makeRecord(value, { offset, appendedAtMs: timeOf(offset) })))
  return [...full, ...collector.finish()].map(describeDraft)
}

const count = (from: number, until: number): readonly number[] =>
  Array.from({ length: until - from }, (_, index) => from + index)

it('cuts where the hour changes, forth and back', () => {
  const hours = [0, 0, 1, 1, 0, 2]
  const drafts = addAll(collect('log', range(0, 6)), count(0, 6), (offset) => nineMs + (hours[offset] ?? 0) * hourMs)
  expect(drafts).toEqual(['0: 0-2 of 2', '1: 2-4 of 2', '0: 4-5 of 1', '2: 5-6 of 1'])
})

it('puts records without a time into the first hour there is', () => {
  expect([hourOf(-1), hourOf(0), hourOf(hourMs - 1), hourOf(hourMs)]).toEqual([0, 0, 0, hourMs])
})

it('cuts by what the records are, not by where a run begins', () => {
  const value = 'x'.repeat(1_000_000)
  const whole = addAll(collect('log', range(0, 25)), count(0, 25), undefined, value)
  expect(whole).toEqual(['0: 0-9 of 9', '0: 9-18 of 9', '0: 18-25 of 7'])
  const collector = collect('log', range(0, 25), [range(0, 9)])
  expect(collector.from).toEqual([{ topic, partition: 0, offset: 9 }])
  expect(addAll(collector, count(9, 25), undefined, value)).toEqual(whole.slice(1))
})

it('leaves out what is archived, and fills the gap before it', () => {
  const collector = collect('log', range(0, 30), [range(5, 10), range(20, 25)])
  expect(collector.from).toEqual([{ topic, partition: 0, offset: 0 }])
  expect(addAll(collector, count(0, 30))).toEqual(['0: 0-5 of 5', '0: 10-20 of 10', '0: 25-30 of 5'])
  expect(collector.lost).toEqual([])
})

it('names as lost what is neither archived nor held any more, inner gaps too', () => {
  const collector = collect('log', range(22, 30), [range(0, 10), range(15, 20)])
  expect(collector.from).toEqual([{ topic, partition: 0, offset: 22 }])
  expect(collector.lost).toEqual([
    { topic, partition: 0, ...range(10, 15) },
    { topic, partition: 0, ...range(20, 22) },
  ])
})

it('takes nothing for lost that lies before the first record ever archived', () => {
  expect(collect('log', range(100, 110)).lost).toEqual([])
})

it('names offsets that a log of our own leaves out, and begins a file behind them', () => {
  const collector = collect('log', range(0, 10))
  expect(addAll(collector, [0, 1, 2, 6, 7, 8, 9])).toEqual(['0: 0-3 of 3', '0: 6-10 of 4'])
  expect(collector.lost).toEqual([{ topic, partition: 0, ...range(3, 6) }])
})

it('takes offsets that are no records of a cluster’s log into the file behind them', () => {
  const collector = collect('ledger', range(0, 12))
  expect(addAll(collector, [1, 2, 3, 6, 7, 10], (offset) => nineMs + (offset < 6 ? 0 : hourMs))).toEqual([
    '0: 0-4 of 3',
    '1: 4-11 of 3',
  ])
  expect(collector.lost).toEqual([])
})

it('ends at what was there when it began', () => {
  const collector = collect('log', range(0, 5))
  expect([4, 5].map((offset) => collector.isBeyond(makeRecord('x', { offset })))).toEqual([false, true])
  expect(collector.isBeyond(makeRecord('x', { partition: 7 }))).toBe(true)
})
