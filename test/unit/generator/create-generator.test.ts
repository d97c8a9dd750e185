import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eventTopics } from '../../../core/events/topics.ts'
import { createGenerator } from '../../../core/generator/create-generator.ts'
import type { GeneratedRecord } from '../../../core/generator/generator.ts'
import { describeRecords, fromMs, onTopic, optionsWith, readObject, takeFor, takeRecords } from './run.ts'

const allDisorder = {
  late: 0.05,
  duplicate: 0.05,
  invalid: 0.05,
  silentStore: 2,
  silentForMs: 20_000,
  silentEveryMs: 60_000,
  skewedStore: 3,
  skewMs: -45_000,
  burstEveryMs: 30_000,
}

it('sends the same bytes for the same options and start', () => {
  const options = optionsWith({ disorder: allDisorder })
  expect(describeRecords(takeRecords(options, 5_000))).toEqual(describeRecords(takeRecords(options, 5_000)))
})

it('sends other bytes for another seed', () => {
  const one = new Set(describeRecords(takeRecords(optionsWith({ seed: 1 }), 3_000)))
  const other = describeRecords(takeRecords(optionsWith({ seed: 2 }), 3_000))
  expect(other.filter((record) => one.has(record))).toEqual([])
})

it('sends the same records however advance is called', () => {
  for (const shape of ['flat', 'day'] as const) {
    const options = optionsWith({ shape, disorder: allDisorder })
    const atOnce = describeRecords(takeFor(options, 60_000))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 15_000, noNaN: true }), fc.integer({ min: 0, max: 400 })), {
          maxLength: 12,
        }),
        (steps) => {
          const generator = createGenerator(options, fromMs)
          const records: GeneratedRecord[] = []
          let untilMs = fromMs
          for (const [stepMs, maxRecords] of steps) {
            untilMs = Math.min(fromMs + 60_000, untilMs + stepMs)
            records.push(...generator.advance(untilMs, maxRecords))
          }
          records.push(...generator.advance(fromMs + 60_000, Number.MAX_SAFE_INTEGER))
          expect(describeRecords(records)).toEqual(atOnce)
        },
      ),
      { numRuns: 5 },
    )
  }
})

it('sends the k-th event of a topic at from + k × 1000 ÷ rate', () => {
  const rates = { 'customer-events': 7, 'inventory-updates': 0.5 }
  const records = takeFor(optionsWith({ rate: 100, rates }), 60_000)
  const instantsOf = (topic: string): readonly number[] => onTopic(records, topic).map(({ sentAtMs }) => sentAtMs)
  const expected = (count: number, thousands: number, rate: number): readonly number[] =>
    Array.from({ length: count }, (_, index) => fromMs + Math.floor((index * thousands) / rate))
  expect(instantsOf('retail-transactions')).toEqual(expected(2_000, 3_000, 100))
  expect(instantsOf('customer-events')).toEqual(expected(420, 1_000, 7))
  expect(instantsOf('inventory-updates')).toEqual(expected(30, 1_000, 0.5))
})

it('keeps the exact rate with every disorder but bursts', () => {
  const records = takeFor(optionsWith({ rate: 90, disorder: { ...allDisorder, burstEveryMs: 0 } }), 30_000)
  for (const topic of eventTopics) {
    expect(onTopic(records, topic).map(({ sentAtMs }) => sentAtMs)).toEqual(
      Array.from({ length: 900 }, (_, index) => fromMs + Math.floor((index * 3_000) / 90)),
    )
  }
})

it('sends in order of time and tells how far it has come', () => {
  const generator = createGenerator(optionsWith({ disorder: allDisorder }), fromMs)
  expect(generator.nowMs).toBe(fromMs)
  const first = generator.advance(fromMs + 90_000, 100)
  expect(first).toHaveLength(100)
  expect(generator.nowMs).toBeGreaterThan(fromMs)
  expect(first.every(({ sentAtMs }) => sentAtMs <= generator.nowMs)).toBe(true)
  const rest = generator.advance(fromMs + 90_000, Number.MAX_SAFE_INTEGER)
  expect(generator.nowMs).toBe(fromMs + 90_000)
  const instants = [...first, ...rest].map(({ sentAtMs }) => sentAtMs)
  expect(instants).toEqual(instants.toSorted((left, right) => left - right))
  expect(generator.advance(fromMs + 10_000, 100)).toEqual([])
  expect(generator.nowMs).toBe(fromMs + 90_000)
})

it('never sends anything at a rate of 0', () => {
  const generator = createGenerator(optionsWith({ rate: 0, rates: { 'customer-events': 5 } }), fromMs)
  expect(generator.advance(fromMs + 1e12, 10)).toEqual([])
  expect(generator.nowMs).toBe(fromMs + 1e12)
})

it('sends nothing on a topic whose own rate is 0', () => {
  const records = takeRecords(optionsWith({ rates: { 'retail-transactions': 0 } }), 3_000)
  expect(onTopic(records, 'retail-transactions')).toEqual([])
  expect(onTopic(records, 'inventory-updates')).toHaveLength(1_500)
  const types = onTopic(records, 'customer-events').map((record) => readObject(record)['event_type'])
  expect(types).not.toContain('purchase')
})

it('follows the day and still sends a whole day of events', () => {
  const records = takeFor(optionsWith({ rate: 0.3, shape: 'day', stores: 4 }), 86_400_000)
  const sales = onTopic(records, 'retail-transactions')
  expect(Math.abs(sales.length - 8_640)).toBeLessThanOrEqual(1)
  const perHour = Array.from({ length: 24 }, () => 0)
  for (const { sentAtMs } of sales) {
    const hour = Math.floor((sentAtMs - fromMs) / 3_600_000)
    perHour[hour] = (perHour[hour] ?? 0) + 1
  }
  expect(Math.min(...perHour)).toBeGreaterThan(10)
  expect(Math.max(...perHour) / Math.min(...perHour)).toBeGreaterThan(1.5)
})

it('starts at its start in the middle of a day that it follows', () => {
  const from = fromMs + 12 * 3_600_000 + 34_567
  const first = createGenerator(optionsWith({ shape: 'day' }), from).advance(from + 60_000, 3)
  for (const { sentAtMs } of first) expect(sentAtMs - from).toBeLessThanOrEqual(1)
})

it('gives ids that no later run uses', () => {
  const idsFrom = (from: number): readonly unknown[] =>
    takeRecords(optionsWith(), 900, from).map((record) => {
      const event = readObject(record)
      return event['transaction_id'] ?? event['event_id'] ?? event['update_id']
    })
  const ids = [...idsFrom(fromMs), ...idsFrom(fromMs + 1), ...idsFrom(fromMs + 30_000)]
  expect(new Set(ids).size).toBe(ids.length)
})

it('refuses options that no world can have', () => {
  expect(() => createGenerator(optionsWith({ stores: 0 }), fromMs)).toThrow('/generator/stores must be at least 1')
  expect(() => createGenerator(optionsWith({ rate: -1 }), fromMs)).toThrow('/generator/rate must be at least 0')
  expect(() => createGenerator(optionsWith({ rates: { refunds: 1 } }), fromMs)).toThrow('/generator/rates/refunds')
  expect(() => createGenerator(optionsWith({ rates: { 'customer-events': Number.NaN } }), fromMs)).toThrow(
    '/generator/rates/customer-events must be at least 0',
  )
})
