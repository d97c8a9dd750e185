import { createZoneReader } from '../events/zone.ts'

/** When a store sells. Minutes after local midnight; equal = open round the clock. */
export interface OpeningHours {
  readonly zone: string
  readonly opensAtMinute: number
  readonly closesAtMinute: number
}

const minuteMs = 60_000
const dayMinutes = 1_440
/** No zone changes its offset more often. */
const offsetKeptMs = 900_000

/** Minutes after local midnight at an instant, asked of Intl once in a quarter of an hour and zone. */
function createLocalClock(): (zone: string, atMs: number) => number {
  const zones = new Map<string, { readonly toInstant: (localMs: number) => number; slot: number; offsetMs: number }>()
  return (zone, atMs) => {
    let known = zones.get(zone)
    if (!known) {
      known = { toInstant: createZoneReader(zone), slot: Number.NaN, offsetMs: 0 }
      zones.set(zone, known)
    }
    const slot = Math.floor(atMs / offsetKeptMs)
    if (known.slot !== slot) {
      known.slot = slot
      known.offsetMs = slot * offsetKeptMs - known.toInstant(slot * offsetKeptMs)
    }
    const minute = Math.floor((atMs + known.offsetMs) / minuteMs) % dayMinutes
    return minute < 0 ? minute + dayMinutes : minute
  }
}

/** Tells whether a store is open; one whose hours are unknown always is. */
export function createOpenCheck(
  find: (storeId: number) => OpeningHours | null,
): (storeId: number, atMs: number) => boolean {
  const minuteAt = createLocalClock()
  return (storeId, atMs) => {
    const hours = find(storeId)
    if (!hours || hours.opensAtMinute === hours.closesAtMinute) return true
    const { closesAtMinute, opensAtMinute, zone } = hours
    const minute = minuteAt(zone, atMs)
    if (opensAtMinute < closesAtMinute) return minute >= opensAtMinute && minute < closesAtMinute
    return minute >= opensAtMinute || minute < closesAtMinute
  }
}
