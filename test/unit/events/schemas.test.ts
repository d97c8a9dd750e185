import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createDecoder } from '../../../core/events/decode.ts'
import { eventSchemas } from '../../../core/events/schemas.ts'
import type { EventTopic } from '../../../core/events/topics.ts'
import { createLogRecord } from '../../support/log-record.ts'
import { poison } from '../../support/poison.ts'
import { nearlyValidEvent, nowMs, validEvent } from './event-arbitraries.ts'

// The schemas know no now, so nothing is in the future here.
const decoder = createDecoder({ futureMs: Number.MAX_SAFE_INTEGER, zone: 'UTC' })

function bothAccept(topic: EventTopic, text: string): boolean {
  const decoded = decoder.decode(createLogRecord(topic, text), nowMs)
  const accepted = decoded.type === 'sale' || decoded.type === 'event'
  expect(eventSchemas[topic].safeParse(JSON.parse(text)).success, `${topic} ${text} ${JSON.stringify(decoded)}`).toBe(
    accepted,
  )
  return accepted
}

it('accepts what the schema accepts: valid events', () => {
  fc.assert(
    fc.property(validEvent, ([topic, fields]) => {
      expect(bothAccept(topic, JSON.stringify(fields))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

it('accepts what the schema accepts: nearly valid events', () => {
  let accepted = 0
  let refused = 0
  fc.assert(
    fc.property(nearlyValidEvent, ([topic, fields]) => {
      if (bothAccept(topic, JSON.stringify(fields))) accepted += 1
      else refused += 1
    }),
    { numRuns: 6_000 },
  )
  expect(Math.min(accepted, refused)).toBeGreaterThan(500)
})

it('accepts what the schema accepts: the corpus', () => {
  const beforeFields = ['too_large', 'not_utf8', 'schema_framed', 'not_json', 'too_deep']
  for (const { topic, bytes, expected } of poison) {
    if (bytes === null || (expected.type === 'rejection' && beforeFields.includes(expected.reason))) continue
    const start = bytes[0] === 0 ? 5 : 0
    const text = bytes.toString('utf8', start).replace(/^\ufeff/, '')
    if (!text.includes('\ud800')) bothAccept(topic, text)
  }
})
