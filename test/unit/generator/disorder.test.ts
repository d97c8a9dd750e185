import { expect, it } from 'vitest'
import { createDecoder } from '../../../core/events/decode.ts'
import { type RejectionReason, rejectionReasons } from '../../../core/events/decoded.ts'
import { eventTopics } from '../../../core/events/topics.ts'
import { createRandom } from '../../../core/base/random.ts'
import { createGenerator } from '../../../core/generator/create-generator.ts'
import type { GeneratedRecord } from '../../../core/generator/generator.ts'
import { createSpoiler } from '../../../core/generator/spoil.ts'
import { createLogRecord } from '../../support/log-record.ts'
import { fromMs, onTopic, optionsWith, readObject, takeFor, takeRecords, textOf } from './run.ts'

const decoder = createDecoder({ futureMs: 300_000, zone: 'UTC' })
const decode = (record: GeneratedRecord, nowMs = record.sentAtMs) =>
  decoder.decode(createLogRecord(record.topic, record.value), nowMs)

/** How often each rejection reason occurs. */
function countReasons(records: readonly GeneratedRecord[]): Map<RejectionReason, number> {
  const counts = new Map<RejectionReason, number>()
  for (const record of records) {
    const decoded = decode(record)
    if (decoded.type === 'rejection') counts.set(decoded.reason, (counts.get(decoded.reason) ?? 0) + 1)
  }
  return counts
}

it('shows every rejection reason, the too large ones seldom', () => {
  const counts = countReasons(takeRecords(optionsWith({ disorder: { invalid: 0.1 } }), 12_000))
  expect([...counts.keys()].toSorted()).toEqual([...rejectionReasons].toSorted())
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  expect(total / 12_000).toBeGreaterThan(0.085)
  expect(total / 12_000).toBeLessThan(0.115)
  expect((counts.get('too_large') ?? 0) / total).toBeLessThanOrEqual(1 / 200)
})

it('spoils a record for the reason it has drawn, each of a topic once in a round', () => {
  const samples = takeRecords(optionsWith(), 3)
  for (const record of samples) {
    const spoiler = createSpoiler(createRandom(5))
    const reasons = rejectionReasons.filter(
      (reason) => reason !== 'too_large' && (reason !== 'bad_amount' || record.topic === 'retail-transactions'),
    )
    for (let round = 0; round < 19; round += 1) {
      const seen = reasons.map(() => {
        const topic = eventTopics.find((known) => known === record.topic)!
        const value = spoiler.spoil(textOf(record), topic, record.sentAtMs)
        const decoded = decode({ ...record, value })
        return decoded.type === 'rejection' ? decoded.reason : decoded.type
      })
      expect(seen.toSorted()).toEqual([...reasons].toSorted())
    }
  }
})

it('makes records of the future that still are when they are imported years later', () => {
  const records = takeRecords(optionsWith({ disorder: { invalid: 1 } }), 300)
  const ofFuture = records.filter((record) => {
    const decoded = decode(record)
    return decoded.type === 'rejection' && decoded.reason === 'future_time'
  })
  expect(ofFuture.length).toBeGreaterThan(20)
  for (const record of ofFuture) {
    expect(decode(record, Date.UTC(2060, 0, 1))).toMatchObject({ type: 'rejection', reason: 'future_time' })
  }
})

it('holds no line feed in any value, so that each can be a line', () => {
  for (const { value } of takeRecords(optionsWith({ disorder: { invalid: 1 } }), 900)) {
    expect(value?.length).toBeGreaterThan(0)
    expect(value?.includes(0x0a) || value?.includes(0x0d)).toBe(false)
  }
})

it('is late in the share asked for, some within eleven minutes and some beyond', () => {
  const records = takeRecords(optionsWith({ disorder: { late: 0.1 } }), 30_000)
  for (const topic of eventTopics) {
    const lateness = onTopic(records, topic)
      .map((record) => record.sentAtMs - Date.parse(String(readObject(record)['event_time'])))
      .filter((lateMs) => lateMs > 0)
    expect(lateness.length / 10_000).toBeGreaterThan(0.085)
    expect(lateness.length / 10_000).toBeLessThan(0.115)
    const hopeless = lateness.filter((lateMs) => lateMs >= 720_000).length
    expect(hopeless / lateness.length).toBeGreaterThan(0.35)
    expect(hopeless / lateness.length).toBeLessThan(0.65)
    expect(lateness.every((lateMs) => lateMs >= 60_000)).toBe(true)
    expect(lateness.some((lateMs) => lateMs > 600_000 && lateMs < 720_000)).toBe(false)
  }
})

it('sends duplicates in the share asked for: the same bytes, on every topic, within minutes', () => {
  const records = takeRecords(optionsWith({ disorder: { duplicate: 0.1 } }), 30_000)
  for (const topic of eventTopics) {
    const firstSent = new Map<string, number>()
    const delaysMs: number[] = []
    for (const record of onTopic(records, topic)) {
      const content = `${Buffer.from(record.key ?? []).toString()} ${textOf(record)}`
      const sentAtMs = firstSent.get(content)
      if (sentAtMs === undefined) firstSent.set(content, record.sentAtMs)
      else {
        delaysMs.push(record.sentAtMs - sentAtMs)
      }
    }
    expect(delaysMs.every((delayMs) => delayMs > 0 && delayMs <= 240_000)).toBe(true)
    expect(delaysMs.length / 10_000).toBeGreaterThan(0.085)
    expect(delaysMs.length / 10_000).toBeLessThan(0.115)
  }
})

it('makes late, repeated and invalid records take turns instead of adding some', () => {
  const disorder = { late: 0.3, duplicate: 0.3, invalid: 0.3 }
  expect(takeFor(optionsWith({ disorder }), 60_000)).toHaveLength(1_800)
})

it('lets a store fall silent on every topic, at the end of each period', () => {
  const disorder = { silentStore: 1, silentForMs: 60_000, silentEveryMs: 300_000, late: 0.05, duplicate: 0.1 }
  const records = takeFor(optionsWith({ rate: 15, stores: 3, disorder }), 1_200_000)
  const heard = { speaking: 0, silent: 0 }
  for (const record of records) {
    if (readObject(record)['store_id'] !== 1) continue
    heard[(record.sentAtMs - fromMs) % 300_000 < 240_000 ? 'speaking' : 'silent'] += 1
  }
  expect(heard.speaking).toBeGreaterThan(500)
  expect(heard.silent).toBe(0)
  expect(records).toHaveLength(18_000)
})

it('sends nothing that needs a store while the only one is silent', () => {
  const disorder = { silentStore: 1, silentForMs: 60_000, silentEveryMs: 120_000, invalid: 0.2, duplicate: 0.2 }
  const records = takeFor(optionsWith({ stores: 1, disorder }), 240_000)
  const silent = records.filter(({ sentAtMs }) => (sentAtMs - fromMs) % 120_000 >= 60_000)
  expect(onTopic(silent, 'retail-transactions')).toEqual([])
  expect(onTopic(silent, 'customer-events')).toEqual([])
})

it('puts the clock of one store off, on sales and customer events', () => {
  for (const skewMs of [-90_000, 120_000]) {
    const records = takeFor(optionsWith({ stores: 4, disorder: { skewedStore: 2, skewMs } }), 60_000)
    const skewsSeen = { two: new Set<number>(), others: new Set<number>() }
    for (const record of records) {
      const event = readObject(record)
      const isSkewed = event['store_id'] === 2 && record.topic !== 'inventory-updates'
      const skewSeenMs = Date.parse(String(event['event_time'])) - record.sentAtMs
      skewsSeen[isSkewed ? 'two' : 'others'].add(skewSeenMs)
    }
    expect(skewsSeen).toEqual({ two: new Set([skewMs]), others: new Set([0]) })
  }
})

it('holds events back before a burst and loses none', () => {
  const records = takeFor(optionsWith({ disorder: { burstEveryMs: 60_000 } }), 120_000)
  expect(records).toHaveLength(3_600 - 180)
  for (const record of records) {
    const phaseMs = (record.sentAtMs - fromMs) % 60_000
    expect(phaseMs).toBeLessThan(54_000)
    const heldMs = record.sentAtMs - Date.parse(String(readObject(record)['event_time']))
    expect(heldMs > 0 ? phaseMs === 0 && heldMs <= 6_000 : heldMs === 0).toBe(true)
  }
  const burst = createGenerator(optionsWith({ disorder: { burstEveryMs: 60_000 } }), fromMs)
  burst.advance(fromMs + 60_000, Number.MAX_SAFE_INTEGER)
  expect(burst.advance(fromMs + 60_001, Number.MAX_SAFE_INTEGER).length).toBeGreaterThanOrEqual(180)
})
