/** Bytes of a request, in the order of its fields: big-endian, as all of Kafka's protocol. */
export interface Writer {
  int8(value: number): Writer
  int16(value: number): Writer
  int32(value: number): Writer
  /** A safe integer. */
  int64(value: number): Writer
  /** Length as int16, -1 for null. */
  string(value: string | null): Writer
  /** Length plus one as a varint. */
  compactString(value: string | null): Writer
  uvarint(value: number): Writer
  /** Zigzag, a safe integer. */
  varint(value: number): Writer
  raw(bytes: Uint8Array): Writer
  readonly length: number
  /** The bytes so far; a view that the next write may outdate. */
  finish(): Buffer
}

/** @param sizeHint bytes to begin with */
export function createWriter(sizeHint = 512): Writer {
  let buffer = Buffer.allocUnsafe(sizeHint)
  let at = 0

  const reserve = (bytes: number): void => {
    if (at + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(at + bytes, buffer.length * 2))
    buffer.copy(larger, 0, 0, at)
    buffer = larger
  }

  const writer: Writer = {
    int8(value) {
      reserve(1)
      at = buffer.writeInt8(value, at)
      return writer
    },
    int16(value) {
      reserve(2)
      at = buffer.writeInt16BE(value, at)
      return writer
    },
    int32(value) {
      reserve(4)
      at = buffer.writeInt32BE(value, at)
      return writer
    },
    int64(value) {
      reserve(8)
      buffer.writeInt32BE(Math.floor(value / 2 ** 32), at)
      at = buffer.writeUInt32BE(((value % 2 ** 32) + 2 ** 32) % 2 ** 32, at + 4)
      return writer
    },
    string(value) {
      if (value === null) return writer.int16(-1)
      const bytes = Buffer.from(value)
      return writer.int16(bytes.length).raw(bytes)
    },
    compactString(value) {
      if (value === null) return writer.uvarint(0)
      const bytes = Buffer.from(value)
      return writer.uvarint(bytes.length + 1).raw(bytes)
    },
    uvarint(value) {
      reserve(10)
      let rest = value
      while (rest >= 0x80) {
        buffer[at++] = (rest % 0x80) | 0x80
        rest = Math.floor(rest / 0x80)
      }
      buffer[at++] = rest
      return writer
    },
    varint: (value) => writer.uvarint(value >= 0 ? value * 2 : -value * 2 - 1),
    raw(bytes) {
      reserve(bytes.length)
      buffer.set(bytes, at)
      at += bytes.length
      return writer
    },
    get length() {
      return at
    },
    finish: () => buffer.subarray(0, at),
  }
  return writer
}
