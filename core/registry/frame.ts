/**
 * Confluent's wire format: a zero byte, the schema's number as four bytes (big-endian), then what was written with it.
 * No JSON begins with a zero byte.
 */

/** Bytes before the payload. */
export const frameBytes = 5

/** Number of the schema that the bytes [start, end) of `source` are framed with, or null where they are not. */
export const readSchemaId = (source: Buffer, start: number, end: number): number | null =>
  end - start >= frameBytes && source[start] === 0 ? source.readUInt32BE(start + 1) : null
