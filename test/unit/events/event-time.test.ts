import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { createEventTimeReader } from '../../../core/events/event-time.ts'

const machineZone = process.env['TZ']

afterEach(() => {
  if (machineZone === undefined) delete process.env['TZ']
  else process.env['TZ'] = machineZone
})

const readUtc = createEventTimeReader('UTC')
const readIn = (zone: string, text: string): string => {
  const time = createEventTimeReader(zone)(text)
  return typeof time === 'string' ? time : new Date(time.ms).toISOString()
}

const instant = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})

it('reads back every instant that ISO-8601 can write with four digits', () => {
  fc.assert(
    fc.property(instant, (date) => {
      expect(readUtc(date.toISOString())).toStrictEqual({ ms: date.getTime(), zoneless: false })
      expect(readUtc(date.toISOString().slice(0, -1))).toStrictEqual({ ms: date.getTime(), zoneless: true })
    }),
    { numRuns: 2_000 },
  )
})

it('moves a time by its offset', () => {
  const minutes = fc.integer({ min: -1_439, max: 1_439 })
  const recent = fc.date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  fc.assert(
    fc.property(recent, minutes, fc.constantFrom(':', ''), (date, offset, colon) => {
      const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1)
      const size = Math.abs(offset)
      const hours = String(Math.floor(size / 60)).padStart(2, '0')
      const sign = offset < 0 ? '-' : '+'
      const text = `${local}${sign}${hours}${colon}${String(size % 60).padStart(2, '0')}`
      expect(readUtc(text)).toStrictEqual({ ms: date.getTime(), zoneless: false })
    }),
    { numRuns: 2_000 },
  )
})

it('takes exactly the days that the calendar has', () => {
  const pair = (bound: number) => fc.integer({ min: 0, max: bound })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_999 }), pair(13), pair(32), (year, month, day) => {
      const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
      const date = new Date(`${text}T00:00:00Z`)
      const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
      expect(readUtc(text)).toStrictEqual(exists ? { ms: date.getTime(), zoneless: true } : 'bad_time')
    }),
    { numRuns: 4_000 },
  )
})

it('never throws, whatever the text', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^\d{4}-\d\d-\d\d[Tt ]?[\d:.,]{0,12}[zZ+-]?[\d:]{0,6}$/),
  )
  fc.assert(
    fc.property(text, (value) => {
      const time = readUtc(value)
      expect(time === 'bad_time' || (typeof time === 'object' && Number.isSafeInteger(time.ms))).toBe(true)
    }),
    { numRuns: 1_500 },
  )
})

it('cuts fractions, of any length, to milliseconds', () => {
  for (const [fraction, ms] of [
    ['.1', 100],
    ['.12', 120],
    ['.1239', 123],
    [',0009', 0],
    [`.999${'9'.repeat(10_000)}`, 999],
  ]) {
    expect(readUtc(`1969-12-31T23:59:59${fraction}Z`)).toStrictEqual({ ms: Number(ms) - 1_000, zoneless: false })
  }
})

it.each([
  ['Europe/Berlin', '2025-01-06T10:00:00', '2025-01-06T09:00:00.000Z'],
  ['Europe/Berlin', '2025-07-06', '2025-07-05T22:00:00.000Z'],
  ['Europe/Berlin', '2025-03-30T01:59:59.999', '2025-03-30T00:59:59.999Z'],
  ['Europe/Berlin', '2025-03-30T03:00:00', '2025-03-30T01:00:00.000Z'],
  ['America/New_York', '2025-11-02T00:59:59', '2025-11-02T04:59:59.000Z'],
  ['America/New_York', '2025-11-02T02:00:00', '2025-11-02T07:00:00.000Z'],
  ['Asia/Kathmandu', '2025-01-06T10:00:00', '2025-01-06T04:15:00.000Z'],
  ['Asia/Kathmandu', '1985-12-31T23:59:59', '1985-12-31T18:29:59.000Z'],
  ['Australia/Lord_Howe', '2025-01-06T10:00:00', '2025-01-05T23:00:00.000Z'],
  ['Australia/Lord_Howe', '2025-07-06T10:00:00', '2025-07-05T23:30:00.000Z'],
  ['Pacific/Kiritimati', '2025-01-06T10:00:00', '2025-01-05T20:00:00.000Z'],
  ['Pacific/Pago_Pago', '2025-01-06T10:00:00', '2025-01-06T21:00:00.000Z'],
  ['Pacific/Apia', '2011-12-29T23:59:59', '2011-12-30T09:59:59.000Z'],
  ['Pacific/Apia', '2011-12-31T00:00:00', '2011-12-30T10:00:00.000Z'],
  ['America/New_York', '1880-01-01T00:00:00', '1880-01-01T04:56:02.000Z'],
  ['America/New_York', '0001-01-02T00:00:00', '0001-01-02T04:56:02.000Z'],
  ['Etc/UTC', '2025-01-06T10:00:00', '2025-01-06T10:00:00.000Z'],
  ['Europe/Berlin', '2025-02-30', 'bad_time'],
])('reads local time in %s: %s', (zone, text, expected) => {
  expect(readIn(zone, text)).toBe(expected)
})

it('moves a local time that a change of clocks skips on by the gap', () => {
  expect(readIn('Europe/Berlin', '2025-03-30T02:30:00')).toBe('2025-03-30T01:30:00.000Z')
  expect(readIn('America/New_York', '2025-03-09T02:00:00')).toBe('2025-03-09T07:00:00.000Z')
  expect(readIn('Australia/Lord_Howe', '2025-10-05T02:15:00')).toBe('2025-10-04T15:45:00.000Z')
  expect(readIn('Pacific/Apia', '2011-12-30T12:00:00')).toBe('2011-12-30T22:00:00.000Z')
})

it('takes a local time that occurs twice for the earlier instant', () => {
  expect(readIn('Europe/Berlin', '2025-10-26T02:30:00')).toBe('2025-10-26T00:30:00.000Z')
  expect(readIn('America/New_York', '2025-11-02T01:30:00')).toBe('2025-11-02T05:30:00.000Z')
  expect(readIn('Australia/Lord_Howe', '2025-04-06T01:45:00')).toBe('2025-04-05T14:45:00.000Z')
})

/** The local time that a zone's clocks show, as if it were UTC. */
function showLocal(zone: string, ms: number): number {
  const text = new Date(ms).toLocaleString('sv-SE', { timeZone: zone })
  return new Date(`${text.replace(' ', 'T')}Z`).getTime() + (((ms % 1_000) + 1_000) % 1_000)
}

it('gives an instant at which the clocks show the local time, and none earlier', () => {
  const zones = [
    'Europe/London',
    'America/St_Johns',
    'Africa/Casablanca',
    'Australia/Lord_Howe',
    'Asia/Tehran',
    'Pacific/Apia',
  ]
  const readers = new Map(zones.map((zone) => [zone, createEventTimeReader(zone)]))
  const date = fc.date({
    min: new Date('1900-01-01T00:00:00Z'),
    max: new Date('2090-01-01T00:00:00Z'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(fc.constantFrom(...zones), date, (zone, shown) => {
      const ms = shown.getTime()
      const local = showLocal(zone, ms)
      const time = readers.get(zone)?.(new Date(local).toISOString().slice(0, -1))
      if (typeof time !== 'object') throw new Error(`${zone} ${local}: ${time}`)
      expect(showLocal(zone, time.ms)).toBe(local)
      expect(time.ms).toBeLessThanOrEqual(ms)
    }),
    { numRuns: 1_000 },
  )
})

it('does not depend on the zone of the machine', () => {
  const read = () => [
    readIn('Europe/Berlin', '2025-03-30T02:30:00'),
    readIn('UTC', '2025-03-30T02:30:00'),
    readIn('UTC', '2025-03-30'),
    readIn('UTC', '2025-03-30T02:30:00+05:45'),
  ]
  const seen = ['UTC', 'Asia/Kathmandu', 'America/New_York', 'Pacific/Apia'].map((zone) => {
    process.env['TZ'] = zone
    return read()
  })
  for (const times of seen) expect(times).toEqual(seen[0])
})
