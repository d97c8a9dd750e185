import { earliestEpochMs, endEpochMs } from './event-time.ts'

const isEpochMs = (ms: number): boolean => ms >= earliestEpochMs && ms < endEpochMs
const formatTime = (ms: number): string => new Date(Math.floor(ms)).toISOString()
const example = '2025-01-06T10:00:00Z'

const otherUnits = [
  ['seconds', 1_000],
  ['microseconds', 1 / 1_000],
  ['nanoseconds', 1 / 1_000_000],
] as const

function describeNumber(value: number): string {
  if (value === 0) return '0 is a time that was never set'
  if (isEpochMs(value)) return 'milliseconds since 1970 have no fraction'
  for (const [unit, toMs] of otherUnits) {
    if (isEpochMs(value * toMs)) {
      return `it looks like ${unit} since 1970 (${formatTime(value * toMs)}); milliseconds are read`
    }
  }
  return 'as a number, milliseconds since 1970 are read, from the year 2000 up to 2100'
}

function describeText(text: string): string {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return 'it is a number in quotes; without them milliseconds since 1970 are read'
  if (/T\d\d:\d\d:6\d/i.test(text)) return 'leap seconds are not read'
  if (/T24:/i.test(text)) return `a day ends at 23:59:59.999; 24:00 is 00:00 of the next`
  if (/^\d{4}-\d\d-\d\d /.test(text)) return `a T belongs between date and time, as in ${example}`
  if (/^\d{4}-\d\d-\d\d(?:T|$)/i.test(text)) return 'there is no such day or time, or no such zone'
  return `ISO-8601 is read, such as ${example}`
}

/** What a `bad_time` looks like, for people: nothing is read that way. Null for what is no text and no number. */
export function describeBadTime(value: unknown): string | null {
  if (typeof value === 'number') return describeNumber(value)
  return typeof value === 'string' ? describeText(value) : null
}
