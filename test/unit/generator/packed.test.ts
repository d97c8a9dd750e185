import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eventTopics, readmissionTopic } from '../../../core/events/topics.ts'
import type { GeneratedRecord } from '../../../core/generator/generator.ts'
import { packRecords, unpackRecords } from '../../../core/generator/packed.ts'
import { describeRecords } from './run.ts'

const bytes = fc.option(fc.uint8Array({ maxLength: 40 }))

it('unpacks what was packed, whatever it is', () => {
  const record = fc.record({
    topic: fc.constantFrom(...eventTopics),
    key: bytes,
    value: bytes,
    sentAtMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  })
  fc.assert(
    fc.property(fc.array(record), (records) => {
      expect(describeRecords(unpackRecords(packRecords(records)))).toEqual(describeRecords(records))
    }),
  )
})

it('packs a topic of its own alone', () => {
  const record: GeneratedRecord = { topic: readmissionTopic, key: null, value: null, sentAtMs: 0 }
  expect(() => packRecords([record])).toThrow('storepulse-readmissions')
})
