/**
 * What Avro's logical types come to in an event. Source: Avro 1.12 specification, "Logical Types".
 *
 * 1. Nothing loses digits: a decimal is its decimal text, a long beyond 2⁵³ its digits.
 * 2. An instant is milliseconds since the epoch of UTC, rounded down; a local time is ISO text without a zone, which is read
 *    in `events.zone`.
 */

export const readLong = (value: bigint): number | string =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value)

const divideDown = (value: bigint, by: bigint): bigint => {
  const whole = value / by
  return value < 0n && whole * by !== value ? whole - 1n : whole
}

const farthestMs = 8_640_000_000_000_000n

/** ISO text without a zone; instants no date has stay numbers, which are then found to be out of bounds. */
const describeLocal = (atMs: bigint): number | string =>
  atMs >= -farthestMs && atMs <= farthestMs ? new Date(Number(atMs)).toISOString().replace('Z', '') : readLong(atMs)

const perMillisecond: Readonly<Record<string, bigint>> = { millis: 1n, micros: 1_000n, nanos: 1_000_000n }

/** Values of a long under its logical type. */
export function convertLong(logicalType: string | null): (value: bigint) => number | string {
  const [, local, , unit = ''] = /^(local-)?(timestamp)-(millis|micros|nanos)$/.exec(logicalType ?? '') ?? []
  const by = perMillisecond[unit]
  if (by === undefined) return readLong
  const describe = local === undefined ? readLong : describeLocal
  return (value) => describe(divideDown(value, by))
}

/** Days since 1970-01-01 as ISO text. */
export const describeDay = (days: number): number | string => {
  const atMs = days * 86_400_000
  return Math.abs(atMs) <= Number(farthestMs) ? new Date(atMs).toISOString().slice(0, 10) : days
}

/** Two's complement, big-endian. */
function readUnscaled(bytes: Buffer): bigint {
  if (bytes.length === 0) return 0n
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))
}

/** A decimal as text with `scale` digits behind the point. */
export const convertDecimal =
  (scale: number) =>
  (bytes: Buffer): string => {
    const unscaled = readUnscaled(bytes)
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
    const point = digits.length - scale
    const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`
    return unscaled < 0n ? `-${text}` : text
  }

/** Sixteen bytes as a UUID is written. */
export const describeUuid = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
