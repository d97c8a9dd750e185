import { Fault } from '../base/fault.ts'

const dayMs = 86_400_000
/** Before this, every zone's first offset holds: years below 1 are written with an era, which is not read here. */
const earliestMs = Date.UTC(1800, 0, 1)
const maxCachedDays = 4_096

/** One UTC day of a zone: the offset up to `changeMs` and from there on. */
interface ZoneDay {
  readonly before: number
  readonly after: number
  readonly changeMs: number
}

/** Whether a zone is UTC by one of its plain names. */
export const isUtc = (zone: string): boolean => ['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT'].includes(zone)

function createFormat(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new Fault('setting', `there is no time zone ${zone}`, {
      cause,
      domain: 'user',
      hint: 'use a name of the IANA database, such as Europe/Berlin',
    })
  }
}

/** The zone's offset from UTC at an instant, milliseconds, straight from Intl (microseconds of work). */
function measureOffset(format: Intl.DateTimeFormat, utcMs: number): number {
  const wholeSecondMs = Math.floor(Math.max(utcMs, earliestMs) / 1_000) * 1_000
  const parts: Record<string, number> = {}
  for (const part of format.formatToParts(wholeSecondMs)) parts[part.type] = Number(part.value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSecondMs
}

/** Finds the one change of offset inside a day to the second; zones have no two changes within one day. */
function measureDay(format: Intl.DateTimeFormat, startMs: number): ZoneDay {
  const before = measureOffset(format, startMs)
  const after = measureOffset(format, startMs + dayMs)
  if (before === after) return { before, after, changeMs: startMs + dayMs }
  let low = startMs
  let high = startMs + dayMs
  while (high - low > 1_000) {
    const middle = low + Math.floor((high - low) / 2_000) * 1_000
    if (measureOffset(format, middle) === before) low = middle
    else high = middle
  }
  return { before, after, changeMs: high }
}

/**
 * How local times of an IANA zone become instants: a function from a local time, written as if it were UTC, to
 * milliseconds UTC. A local time that occurs twice is the earlier instant; one that a change of clocks skips is moved
 * on by the length of the gap (as java.time, and so Spark, reads them). Depends on the zone's name and the runtime's
 * zone data only, never on the machine's own zone or locale.
 *
 * @throws Fault `setting` when there is no such zone
 */
export function createZoneReader(zone: string): (localMs: number) => number {
  const format = createFormat(zone)
  if (isUtc(zone)) return (localMs) => localMs

  const days = new Map<number, ZoneDay>()
  const offsetAt = (utcMs: number): number => {
    const startMs = Math.floor(utcMs / dayMs) * dayMs
    let day = days.get(startMs)
    if (day === undefined) {
      if (days.size >= maxCachedDays) days.clear()
      day = measureDay(format, startMs)
      days.set(startMs, day)
    }
    return utcMs < day.changeMs ? day.before : day.after
  }

  return (localMs) => {
    // No offset reaches a day, so a change that matters to this local time lies between these two instants.
    const before = offsetAt(localMs - dayMs)
    if (offsetAt(localMs - before) === before) return localMs - before
    const after = offsetAt(localMs + dayMs)
    return offsetAt(localMs - after) === after ? localMs - after : localMs - before
  }
}
