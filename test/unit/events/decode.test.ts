import { expect, it } from 'vitest'
import { createDecoder } from '../../../core/events/decode.ts'
import { rejectionReasons } from '../../../core/events/decoded.ts'
import { eventTopics, readmissionTopic } from '../../../core/events/topics.ts'
import { createLogRecord } from '../../support/log-record.ts'
import { poison, poisonNowMs } from '../../support/poison.ts'

const rules = { futureMs: 300_000, zone: 'UTC' }

it.each(poison)('decodes $topic: $name', ({ topic, bytes, expected }) => {
  const record = createLogRecord(topic, bytes)
  expect(createDecoder(rules).decode(record, poisonNowMs)).toStrictEqual(expected)
})

it('decodes the same alone in its buffer', () => {
  const decoder = createDecoder(rules)
  for (const { name, topic, bytes, expected } of poison) {
    if (bytes === null) continue
    const record = createLogRecord(topic, bytes, { source: bytes, valueStart: 0, valueEnd: bytes.length })
    expect(decoder.decode(record, poisonNowMs), name).toStrictEqual(expected)
  }
})

it('decodes the corpus in one buffer without a byte between the records', () => {
  const decoder = createDecoder(rules)
  const values = poison.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]))
  const source = Buffer.concat(values)
  let start = 0
  for (const { name, topic, bytes, expected } of poison) {
    if (bytes === null) continue
    const record = createLogRecord(topic, null, { source, valueStart: start, valueEnd: start + bytes.length })
    start += bytes.length
    expect(decoder.decode(record, poisonNowMs), name).toStrictEqual(expected)
  }
})

it('leaves the bytes as they were', () => {
  const decoder = createDecoder(rules)
  for (const { name, topic, bytes } of poison) {
    const record = createLogRecord(topic, bytes)
    const before = Buffer.from(record.source)
    decoder.decode(record, poisonNowMs)
    expect(record.source.equals(before), name).toBe(true)
  }
})

it('has a record of every reason and every topic in the corpus, each named once', () => {
  const reasons = new Set(poison.map(({ expected }) => (expected.type === 'rejection' ? expected.reason : '')))
  expect(rejectionReasons.filter((reason) => !reasons.has(reason))).toEqual([])
  expect(new Set(poison.map(({ topic }) => topic))).toEqual(new Set(eventTopics))
  expect(new Set(poison.map(({ name }) => name)).size).toBe(poison.length)
})

const refunds: readonly (readonly [kind: unknown, amount: unknown, cents: number | null])[] = [
  ['refund', -12.5, -1250],
  ['refund', '-12.50', -1250],
  ['refund', 0, 0],
  ['refund', '-0', 0],
  ['refund', -0.004, 0],
  ['sale', -0.004, null],
  ['sale', 0.004, 0],
  ['refund', 0.004, null],
  ['refund', 0.005, null],
  ['refund', 12.5, null],
  ['refund', -1.005, -101],
  ['refund', -99_999_999.99, -9_999_999_999],
  ['refund', -99_999_999.995, null],
  ['refund', -1e8, null],
  ['sale', -12.5, null],
  ['sale', '-0.005', null],
  ['sale', -0.005, null],
  ['sale', 12.5, 1250],
  [null, -12.5, null],
  [undefined, -12.5, null],
  [undefined, 12.5, 1250],
]

it.each(refunds)('decodes a record of kind %s with amount %s to %s cents', (kind, amount, cents) => {
  const fields = {
    transaction_id: 'T',
    store_id: 1,
    customer_id: 'C',
    event_time: poisonNowMs,
    final_amount: amount,
    kind,
  }
  const decoded = createDecoder(rules).decode(
    createLogRecord('retail-transactions', JSON.stringify(fields)),
    poisonNowMs,
  )
  expect(decoded).toMatchObject(
    cents === null ? { type: 'rejection', reason: 'bad_amount', path: '/final_amount' } : { type: 'sale', cents },
  )
})

it('measures the future from the now it is given', () => {
  const decoder = createDecoder({ futureMs: 1_000, zone: 'UTC' })
  const record = createLogRecord(
    'inventory-updates',
    '{"update_id":"U","product_id":"P","event_time":"2025-01-06T12:00:01Z","warehouse":"W","quantity":1}',
  )
  expect(decoder.decode(record, poisonNowMs)).toMatchObject({ type: 'event', eventTimeMs: poisonNowMs + 1_000 })
  expect(decoder.decode(record, poisonNowMs - 1)).toMatchObject({ reason: 'future_time', path: '/event_time' })
})

it('reads a time without a zone in the zone of its rules, and a time with one as it says', () => {
  const decoder = createDecoder({ futureMs: 0, zone: 'Asia/Kathmandu' })
  const decode = (time: string) =>
    decoder.decode(
      createLogRecord(
        'customer-events',
        `{"event_id":"E","customer_id":"C","event_time":"${time}","event_type":"visit"}`,
      ),
      poisonNowMs,
    )
  expect(decode('2025-01-06T15:45:00')).toMatchObject({ eventTimeMs: poisonNowMs - 7_200_000, zoneless: true })
  expect(decode('2025-01-06T10:00:00Z')).toMatchObject({ eventTimeMs: poisonNowMs - 7_200_000, zoneless: false })
})

it('names a zone that does not exist', () => {
  expect(() => createDecoder({ futureMs: 0, zone: 'Mars/Olympus' })).toThrow('there is no time zone Mars/Olympus')
})

it('refuses a record of the app’s own topic', () => {
  const record = createLogRecord(readmissionTopic, '{}')
  expect(() => createDecoder(rules).decode(record, poisonNowMs)).toThrow(readmissionTopic)
})
