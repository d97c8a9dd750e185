const slabBytes = 256 * 1_024
/** No record is longer; what is longer is not written here. */
const mostRecordBytes = 8 * 1_024
const minuteMs = 60_000
const digitZero = 0x30
const point = 0x2e
const minus = 0x2d
const capitalZ = 0x5a

/**
 * Writes records byte by byte out of ready-made fragments and numbers: no text is built, and nothing is left behind for
 * the collector but the record itself.
 *
 * 1. `begin`, any number of `put…`, `end`: one record of at most 8 KiB.
 * 2. Records share slabs of memory, because many small buffers cost more than their bytes. A slab is never written
 *    again where a record lies, and lives as long as any record in it.
 */
export interface RecordWriter {
  begin(): void
  put(fragment: Uint8Array): void
  /** A whole number ≥ 0, with leading zeros up to `width` digits. */
  putWhole(value: number, width?: number): void
  /** An amount with exactly two decimals: 1250 cents are `12.50`. */
  putCents(cents: number): void
  /** Whole milliseconds since the epoch of UTC as `2025-01-06T00:00:00.000Z`. */
  putInstant(instantMs: number): void
  /** Where the next byte goes, to be given to {@link RecordWriter.cut}. */
  readonly position: number
  /** What was written from a position of this record up to now. */
  cut(from: number): Buffer
  /** The record. */
  end(): Buffer
}

/** The UTF-8 bytes of a piece of JSON, ready to be put. */
export const fragmentOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text))

function countDigits(value: number): number {
  let digits = 1
  for (let bound = 10; bound <= value; bound *= 10) digits += 1
  return digits
}

/** Puts instants; remembers the minute of the last one, so that successive ones cost five digits. */
interface MinutePrefix {
  minute: number
  bytes: Uint8Array
}

export function createRecordWriter(): RecordWriter {
  let slab = Buffer.alloc(0)
  let start = 0
  let position = 0
  const prefix: MinutePrefix = { minute: Number.NaN, bytes: new Uint8Array(0) }

  const put = (fragment: Uint8Array): void => {
    slab.set(fragment, position)
    position += fragment.length
  }
  const putDigits = (value: number, digits: number): void => {
    let rest = value
    for (let index = position + digits - 1; index >= position; index -= 1) {
      const tenth = Math.floor(rest / 10)
      slab[index] = digitZero + (rest - tenth * 10)
      rest = tenth
    }
    position += digits
  }
  const putByte = (byte: number): void => {
    slab[position] = byte
    position += 1
  }

  return {
    begin() {
      if (position + mostRecordBytes > slab.length) {
        slab = Buffer.allocUnsafeSlow(slabBytes)
        position = 0
      }
      start = position
    },
    put,
    putWhole: (value, width = 1) => putDigits(value, Math.max(width, countDigits(value))),
    putCents(cents) {
      const positive = cents < 0 ? -cents : cents
      if (cents < 0) putByte(minus)
      const whole = Math.floor(positive / 100)
      putDigits(whole, countDigits(whole))
      putByte(point)
      putDigits(positive - whole * 100, 2)
    },
    putInstant(instantMs) {
      const minute = Math.floor(instantMs / minuteMs)
      if (minute !== prefix.minute) {
        prefix.minute = minute
        prefix.bytes = fragmentOf(new Date(minute * minuteMs).toISOString().slice(0, 17))
      }
      put(prefix.bytes)
      const restMs = instantMs - minute * minuteMs
      const second = Math.floor(restMs / 1_000)
      putDigits(second, 2)
      putByte(point)
      putDigits(restMs - second * 1_000, 3)
      putByte(capitalZ)
    },
    get position() {
      return position
    },
    cut: (from) => slab.subarray(from, position),
    end: () => slab.subarray(start, position),
  }
}
