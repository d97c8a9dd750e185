/** Most bytes a varint of a safe integer, or of the zigzag of an append-time step, takes. */
export const mostVarintBytes = 8

/** Writes a non-negative safe integer, seven bits a byte, lowest first; returns the place behind it. */
export function writeVarint(target: Buffer, at: number, value: number): number {
  let rest = value
  let next = at
  while (rest > 0x7fffffff) {
    target[next] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
    next += 1
  }
  while (rest > 127) {
    target[next] = (rest & 127) | 0x80
    rest >>>= 7
    next += 1
  }
  target[next] = rest
  return next + 1
}

/** Something that reads bytes on and on. */
export interface ByteCursor {
  source: Buffer
  at: number
}

/** Reads what {@link writeVarint} wrote and moves the cursor behind it. */
export function readVarint(cursor: ByteCursor): number {
  const first = cursor.source[cursor.at] ?? 0
  cursor.at += 1
  return first < 128 ? first : readLongVarint(cursor, first & 127)
}

function readLongVarint(cursor: ByteCursor, low: number): number {
  let value = low
  let scale = 128
  for (;;) {
    const byte = cursor.source[cursor.at] ?? 0
    cursor.at += 1
    value += (byte & 127) * scale
    if (byte < 128) return value
    scale *= 128
  }
}

/** Maps 0, −1, 1, −2 … to 0, 1, 2, 3 …, so that small steps either way stay short. */
export const toZigzag = (step: number): number => (step >= 0 ? step * 2 : -step * 2 - 1)
export const fromZigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)
