/** Fields of an answer, one after the other. Reading past the end throws a RangeError. */
export interface Reader {
  int8(): number
  int16(): number
  int32(): number
  /** As a number: offsets, times and ids stay below 2^53. */
  int64(): number
  string(): string | null
  compactString(): string | null
  uvarint(): number
  /** A view of the next bytes. */
  raw(length: number): Buffer
  /** Length as int32; null as none. */
  array<Item>(readItem: () => Item): readonly Item[]
  /** Length plus one as a varint; null as none. */
  compactArray<Item>(readItem: () => Item): readonly Item[]
  /** Skips the fields that a flexible version may add. */
  skipTags(): void
}

export const readInt64 = (buffer: Buffer, at: number): number =>
  buffer.readInt32BE(at) * 2 ** 32 + buffer.readUInt32BE(at + 4)

export function createReader(buffer: Buffer): Reader {
  let at = 0
  const step = (bytes: number): number => {
    at += bytes
    return at - bytes
  }
  const readItems = <Item>(count: number, readItem: () => Item): readonly Item[] => {
    const items: Item[] = []
    for (let index = 0; index < count; index += 1) items.push(readItem())
    return items
  }
  const readText = (length: number): string | null => (length < 0 ? null : reader.raw(length).toString('utf8'))

  const reader: Reader = {
    int8: () => buffer.readInt8(step(1)),
    int16: () => buffer.readInt16BE(step(2)),
    int32: () => buffer.readInt32BE(step(4)),
    int64: () => readInt64(buffer, step(8)),
    string: () => readText(reader.int16()),
    compactString: () => readText(reader.uvarint() - 1),
    uvarint() {
      let value = 0
      for (let scale = 1; ; scale *= 0x80) {
        const byte = buffer.readUInt8(step(1))
        value += (byte & 0x7f) * scale
        if (byte < 0x80) return value
      }
    },
    raw(length) {
      if (at + length > buffer.length) throw new RangeError(`${at + length - buffer.length} bytes are missing`)
      return buffer.subarray(step(length), at)
    },
    array: (readItem) => readItems(reader.int32(), readItem),
    compactArray: (readItem) => readItems(reader.uvarint() - 1, readItem),
    skipTags() {
      const count = reader.uvarint()
      for (let index = 0; index < count; index += 1) {
        reader.uvarint()
        reader.raw(reader.uvarint())
      }
    },
  }
  return reader
}
