/** Where a store stands, with the rule of its clock. */
export interface Place {
  readonly city: string
  /** IANA name. */
  readonly zone: string
  /** Minutes ahead of UTC outside daylight saving time. */
  readonly offsetMinutes: number
  readonly daylight: DaylightRule
}

/** Which summer hour a zone keeps: the European Union's (since 1996), North America's (since 2007), or none. */
export type DaylightRule = 'none' | 'europe' | 'north-america'

const place = (city: string, zone: string, offsetMinutes: number, daylight: DaylightRule = 'none'): Place => ({
  city,
  zone,
  offsetMinutes,
  daylight,
})

/** Alternates between the continents, so that any ten neighbours cover most hours of the day. */
export const places: readonly Place[] = [
  place('New York', 'America/New_York', -300, 'north-america'),
  place('Berlin', 'Europe/Berlin', 60, 'europe'),
  place('Tokyo', 'Asia/Tokyo', 540),
  place('São Paulo', 'America/Sao_Paulo', -180),
  place('Dubai', 'Asia/Dubai', 240),
  place('London', 'Europe/London', 0, 'europe'),
  place('Los Angeles', 'America/Los_Angeles', -480, 'north-america'),
  place('Mumbai', 'Asia/Kolkata', 330),
  place('Brisbane', 'Australia/Brisbane', 600),
  place('Chicago', 'America/Chicago', -360, 'north-america'),
  place('Johannesburg', 'Africa/Johannesburg', 120),
  place('Singapore', 'Asia/Singapore', 480),
  place('Bogotá', 'America/Bogota', -300),
  place('Paris', 'Europe/Paris', 60, 'europe'),
  place('Kathmandu', 'Asia/Kathmandu', 345),
  place('Honolulu', 'Pacific/Honolulu', -600),
  place('Lagos', 'Africa/Lagos', 60),
  place('Seoul', 'Asia/Seoul', 540),
  place('Toronto', 'America/Toronto', -300, 'north-america'),
  place('Helsinki', 'Europe/Helsinki', 120, 'europe'),
  place('Bangkok', 'Asia/Bangkok', 420),
  place('Denver', 'America/Denver', -420, 'north-america'),
  place('Istanbul', 'Europe/Istanbul', 180),
  place('Lisbon', 'Europe/Lisbon', 0, 'europe'),
  place('Shanghai', 'Asia/Shanghai', 480),
  place('Phoenix', 'America/Phoenix', -420),
  place('Nairobi', 'Africa/Nairobi', 180),
  place('Zürich', 'Europe/Zurich', 60, 'europe'),
]

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const march = 2
const october = 9
const november = 10

/** Midnight UTC of the n-th Sunday of a month; `nth` 0 is the last one. */
function sundayOf(year: number, month: number, nth: number): number {
  if (nth === 0) {
    const lastDay = Date.UTC(year, month + 1, 0)
    return lastDay - new Date(lastDay).getUTCDay() * dayMs
  }
  const firstDay = Date.UTC(year, month, 1)
  const daysToSunday = (7 - new Date(firstDay).getUTCDay()) % 7
  return firstDay + (daysToSunday + 7 * (nth - 1)) * dayMs
}

function isDaylightSaving(where: Place, instantMs: number): boolean {
  if (where.daylight === 'none') return false
  const year = new Date(instantMs).getUTCFullYear()
  if (where.daylight === 'europe') {
    return instantMs >= sundayOf(year, march, 0) + hourMs && instantMs < sundayOf(year, october, 0) + hourMs
  }
  const standardMs = where.offsetMinutes * minuteMs
  const startsAt = sundayOf(year, march, 2) + 2 * hourMs - standardMs
  const endsAt = sundayOf(year, november, 1) + hourMs - standardMs
  return instantMs >= startsAt && instantMs < endsAt
}

/**
 * Minutes that the clocks of a place are ahead of UTC at an instant. Kept here as rules rather than asked of the
 * machine's zone database, so that the same options give the same bytes everywhere.
 */
export function offsetMinutesAt(where: Place, instantMs: number): number {
  return where.offsetMinutes + (isDaylightSaving(where, instantMs) ? 60 : 0)
}
