import { daysInMonth, earliestEpochMs, endEpochMs } from '../event-time.ts'
import { byteAt, readInteger, skipDigits, skipExactly, skipInteger, unsure } from './bytes.ts'
import type { Scan } from './scan.ts'

const quote = 0x22
const dash = 0x2d
const colon = 0x3a
const zero = 0x30

/** `"2025-01-06T`: three words of four bytes. */
const dateBytes = 12
/** `10:00:00`. */
const clockBytes = 8

const zoneUtc = new Uint8Array(Buffer.from('Z"'))
const offsetUtc = new Uint8Array(Buffer.from('+00:00"'))

/** Two digits as a number, or -1. */
function readPair(bytes: Uint8Array, at: number): number {
  const high = byteAt(bytes, at) - zero
  const low = byteAt(bytes, at + 1) - zero
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : -1
}

/** `"2025-01-06T` at `at`: puts its midnight into `scan.dateMs`. False where this is no date from 2000 on. */
function scanDate(scan: Scan, at: number): boolean {
  const { bytes, view, dateWords } = scan
  if (
    view.getInt32(at, true) === dateWords[0] &&
    view.getInt32(at + 4, true) === dateWords[1] &&
    view.getInt32(at + 8, true) === dateWords[2]
  ) {
    return true
  }
  if (bytes[at + 5] !== dash || bytes[at + 8] !== dash || bytes[at + 11] !== 0x54) return false
  const century = readPair(bytes, at + 1)
  const ofCentury = readPair(bytes, at + 3)
  const month = readPair(bytes, at + 6)
  const day = readPair(bytes, at + 9)
  if (century < 20 || ofCentury < 0 || month < 1 || month > 12) return false
  const year = century * 100 + ofCentury
  if (day < 1 || day > daysInMonth(year, month)) return false
  scan.dateMs = Date.UTC(year, month - 1, day)
  for (let index = 0; index < 3; index += 1) dateWords[index] = view.getInt32(at + index * 4, true)
  return true
}

/** `10:00:00` at `at` as milliseconds after midnight, or -1. */
function readClock(bytes: Uint8Array, at: number): number {
  const hour = readPair(bytes, at)
  const minute = readPair(bytes, at + 3)
  const second = readPair(bytes, at + 6)
  if (bytes[at + 2] !== colon || bytes[at + 5] !== colon) return unsure
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return unsure
  return (hour * 3_600 + minute * 60 + second) * 1_000
}

/** Whole milliseconds of the fraction whose digits are [start, end); further digits are cut. */
function readFraction(bytes: Uint8Array, start: number, end: number): number {
  const digits = Math.min(3, end - start)
  return readInteger(bytes, start, start + digits) * (digits === 3 ? 1 : digits === 2 ? 10 : 100)
}

/** `"2025-01-06T10:00:00[.123]Z"`, or with `+00:00`, or without a zone. */
function scanText(scan: Scan, at: number): number {
  const { bytes, view } = scan
  const clockAt = at + dateBytes
  if (clockAt > view.byteLength || !scanDate(scan, at)) return unsure
  const clockMs = readClock(bytes, clockAt)
  if (clockMs < 0) return unsure
  scan.eventTimeMs = scan.dateMs + clockMs
  let end = clockAt + clockBytes
  if (bytes[end] === 0x2e) {
    const start = end + 1
    end = skipDigits(bytes, start)
    if (end < 0) return unsure
    scan.eventTimeMs += readFraction(bytes, start, end)
  }
  scan.zoneless = bytes[end] === quote
  if (scan.zoneless) return end + 1
  const zoneEnd = skipExactly(bytes, end, zoneUtc)
  return zoneEnd < 0 ? skipExactly(bytes, end, offsetUtc) : zoneEnd
}

/** An event time in UTC from the year 2000 on, as text or as epoch milliseconds: into `scan`. */
export function scanTime(scan: Scan, at: number): number {
  const { bytes } = scan
  if (bytes[at] === quote) return scanText(scan, at)
  const end = skipInteger(bytes, at, 13)
  if (end < 0) return unsure
  scan.eventTimeMs = readInteger(bytes, at, end)
  scan.zoneless = false
  return scan.eventTimeMs >= earliestEpochMs && scan.eventTimeMs < endEpochMs ? end : unsure
}
