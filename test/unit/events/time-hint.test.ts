import { expect, it } from 'vitest'
import { createEventTimeReader } from '../../../core/events/event-time.ts'
import { describeBadTime } from '../../../core/events/time-hint.ts'

const noon = Date.UTC(2025, 0, 6, 12)
const inMs = 'as a number, milliseconds since 1970 are read, from the year 2000 up to 2100'
const unit = (name: string): string =>
  `it looks like ${name} since 1970 (2025-01-06T12:00:00.000Z); milliseconds are read`

it.each([
  [noon / 1_000, unit('seconds')],
  [noon * 1_000, unit('microseconds')],
  [noon * 1_000_000, unit('nanoseconds')],
  [0, '0 is a time that was never set'],
  [-1, inMs],
  [Date.UTC(2100, 0, 1), inMs],
  [noon + 0.5, 'milliseconds since 1970 have no fraction'],
  [String(noon), 'it is a number in quotes; without them milliseconds since 1970 are read'],
  ['2016-12-31T23:59:60Z', 'leap seconds are not read'],
  ['2025-01-06T24:00:00Z', 'a day ends at 23:59:59.999; 24:00 is 00:00 of the next'],
  ['2025-01-06 12:00:00', 'a T belongs between date and time, as in 2025-01-06T10:00:00Z'],
  ['2025-02-30T12:00:00Z', 'there is no such day or time, or no such zone'],
  ['06.01.2025', 'ISO-8601 is read, such as 2025-01-06T10:00:00Z'],
])('says of %j: %s', (value, hint) => {
  expect(createEventTimeReader('UTC')(value)).toBe('bad_time')
  expect(describeBadTime(value)).toBe(hint)
})
