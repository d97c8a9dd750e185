import { createZoneReader } from './zone.ts'

/** An event time. `zoneless`: it named no zone and was read in `events.zone`. */
export interface EventTime {
  readonly ms: number
  readonly zoneless: boolean
}

/** Epoch milliseconds are taken from 2000-01-01 on, up to 2100-01-01: seconds and microseconds fall outside. */
export const earliestEpochMs = Date.UTC(2000, 0, 1)
export const endEpochMs = Date.UTC(2100, 0, 1)

/** Instants are kept within the years 1 to 9999 of UTC: what both warehouses and ISO-8601's four digits hold. */
const firstInstantMs = new Date('0001-01-01T00:00:00Z').getTime()
const endInstantMs = Date.UTC(10_000, 0, 1)

/** ISO-8601's extended format: date, optional time with optional seconds and fraction, optional zone after a time. */
const isoTime =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?([Zz]|([+-])(\d\d)(?::?(\d\d))?)?)?$/

const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

export const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (isLeapYear(year) ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31

/** Offset in milliseconds; NaN when it is more than 23:59. */
function readOffset(sign: string | undefined, hours: string | undefined, minutes: string | undefined): number {
  const hour = Number(hours ?? 0)
  const minute = Number(minutes ?? 0)
  if (hour > 23 || minute > 59) return Number.NaN
  return (sign === '-' ? -1 : 1) * (hour * 60 + minute) * 60_000
}

/** The written date and time as if in UTC; NaN when the calendar or the clock has no such time. */
function readLocalMs(match: RegExpExecArray): number {
  const year = Number(match[1])
  const month = Number(match[2])
  const day = Number(match[3])
  const hour = Number(match[4] ?? 0)
  const minute = Number(match[5] ?? 0)
  const second = Number(match[6] ?? 0)
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return Number.NaN
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  // The calendar repeats every 400 years (146,097 days); Date.UTC takes years below 100 for 1900 and later.
  return Date.UTC(year + 400, month - 1, day, hour, minute, second, milliseconds) - 146_097 * 86_400_000
}

/**
 * How event times are read: ISO-8601 in its extended format (`2025-01-06`, `2025-01-06T10:00[:00[.123456]][zone]`;
 * fractions of any length cut to milliseconds; `T` and `Z` in either case; zone `Z`, `±hh:mm`, `±hhmm` or `±hh`; a date
 * alone is its midnight; no leap seconds, no 24:00), or integer epoch milliseconds from 2000-01-01 up to 2100-01-01.
 *
 * @param zone IANA name; where a text without a zone is at home
 * @returns `wrong_type` for anything but a string or a number, `bad_time` for one that cannot be read
 * @throws Fault `setting` when there is no such zone
 */
export function createEventTimeReader(zone: string): (value: unknown) => EventTime | 'wrong_type' | 'bad_time' {
  const toUtc = createZoneReader(zone)
  const readText = (text: string): EventTime | 'bad_time' => {
    const match = isoTime.exec(text)
    if (!match) return 'bad_time'
    const localMs = readLocalMs(match)
    const zoneless = match[8] === undefined
    const ms =
      zoneless && !Number.isNaN(localMs) ? toUtc(localMs) : localMs - readOffset(match[9], match[10], match[11])
    return ms >= firstInstantMs && ms < endInstantMs ? { ms, zoneless } : 'bad_time'
  }
  return (value) => {
    if (typeof value === 'string') return readText(value)
    if (typeof value !== 'number') return 'wrong_type'
    return Number.isInteger(value) && value >= earliestEpochMs && value < endEpochMs
      ? { ms: value, zoneless: false }
      : 'bad_time'
  }
}
