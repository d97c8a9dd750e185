/** Times for the oracle. */

const isoTime = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/
const isoDate = /^\d{4}-\d{2}-\d{2}$/

const earliestMs = Date.UTC(2000, 0, 1)
const latestMs = Date.UTC(2100, 0, 1)
/** 0001-01-01: there is no year 0. */
const firstMs = -62_135_596_800_000
/** 10000-01-01: a year has four digits. */
const endMs = Date.UTC(10_000, 0, 1)

/** The instant in milliseconds, or null: text that cannot be read, or a number outside 2000-01-01…2100-01-01. */
export function readTime(value: string | number, zone: string): number | null {
  if (typeof value === 'string') {
    const timeMs = readIsoTime(value.toUpperCase(), zone)
    return timeMs !== null && timeMs >= firstMs && timeMs < endMs ? timeMs : null
  }
  return Number.isInteger(value) && value >= earliestMs && value < latestMs ? value : null
}

/** Whether a time that can be read says in which zone it is. */
export const namesZone = (text: string): boolean => isoTime.exec(text.toUpperCase())?.[8] !== undefined

/** As Date.UTC, which takes the years before 100 for those of the twentieth century. */
function utcOf(year: number, ...rest: readonly [number, number, number, number, number, number]): number {
  const date = new Date(Date.UTC(2000, ...rest))
  // 2000 is a leap year: set the year on the parts, not on the carried date.
  const [month, day, hour, minute, second, millisecond] = rest
  date.setUTCFullYear(year, month, day)
  date.setUTCHours(hour, minute, second, millisecond)
  return date.getTime()
}

function readIsoTime(given: string, zone: string): number | null {
  const text = isoDate.test(given) ? `${given}T00:00` : given
  const match = isoTime.exec(text)
  if (match === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const millisecond = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  const wallMs = utcOf(year, month - 1, day, hour, minute, second, millisecond)
  // Date.UTC carries what overflows; whatever was carried was no date.
  const wall = new Date(wallMs).toISOString()
  const isReal = wall.startsWith(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6] ?? '00'}`)
  if (!isReal) return null
  const offset = match[8]
  if (offset === undefined) return wallMs - offsetAt(wallMs, zone)
  if (offset === 'Z') return wallMs
  const hours = Number(offset.slice(1, 3))
  const minutes = Number(offset.slice(3).replace(':', '') || 0)
  if (hours > 23 || minutes > 59) return null
  const offsetMs = (hours * 60 + minutes) * 60_000
  return offset.startsWith('-') ? wallMs + offsetMs : wallMs - offsetMs
}

/** What the zone's clocks show minus UTC, at the instant when they show `wallMs`; the earlier one where that is twice. */
function offsetAt(wallMs: number, zone: string): number {
  // Before the year 1 years are shown with an era, which is not read here: that matters to UTC alone.
  if (zone === 'UTC') return 0
  const dayMs = 86_400_000
  const before = shownIn(zone, wallMs - dayMs) - (wallMs - dayMs)
  const after = shownIn(zone, wallMs + dayMs) - (wallMs + dayMs)
  const fits = (offsetMs: number): boolean => shownIn(zone, wallMs - offsetMs) === wallMs
  // Neither fits in the hour that clocks leap over: then they are read as if they had not leapt yet.
  return fits(before) || !fits(after) ? before : after
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What the zone's clocks show at an instant, as if they showed UTC. */
function shownIn(zone: string, timeMs: number): number {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(zone, format)
  }
  const parts = new Map(format.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]))
  const part = (name: string): number => parts.get(name as Intl.DateTimeFormatPartTypes) ?? 0
  const secondsMs = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return secondsMs + (((timeMs % 1000) + 1000) % 1000)
}
