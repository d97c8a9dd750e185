/**
 * HyperLogLog registers of six bits, packed as Spark keeps them: ten to a 64-bit word from its lowest bit on, four bits
 * of each word unused, words in little-endian bytes.
 */
const registersPerWord = 10
const wordBytes = 8

export const packedSizeBytes = (registers: number): number => Math.ceil(registers / registersPerWord) * wordBytes

/** @param registers each 0…63, one a byte */
export function packRegisters(registers: Uint8Array, into: Uint8Array, offset: number): void {
  const view = new DataView(into.buffer, into.byteOffset + offset)
  for (let index = 0, at = 0; index < registers.length; index += registersPerWord, at += wordBytes) {
    const middle = registers[index + 5] ?? 0
    const low =
      (registers[index] ?? 0) |
      ((registers[index + 1] ?? 0) << 6) |
      ((registers[index + 2] ?? 0) << 12) |
      ((registers[index + 3] ?? 0) << 18) |
      ((registers[index + 4] ?? 0) << 24) |
      (middle << 30)
    const high =
      (middle >>> 2) |
      ((registers[index + 6] ?? 0) << 4) |
      ((registers[index + 7] ?? 0) << 10) |
      ((registers[index + 8] ?? 0) << 16) |
      ((registers[index + 9] ?? 0) << 22)
    view.setInt32(at, low, true)
    view.setInt32(at + 4, high, true)
  }
}

export function unpackRegisters(from: Uint8Array, offset: number, registers: Uint8Array): void {
  const view = new DataView(from.buffer, from.byteOffset + offset)
  for (let index = 0; index < registers.length; index += 1) {
    const at = Math.floor(index / registersPerWord) * wordBytes
    const shift = (index % registersPerWord) * 6
    const low = view.getInt32(at, true)
    const high = view.getInt32(at + 4, true)
    const bits = shift < 30 ? low >>> shift : shift === 30 ? (low >>> 30) | (high << 2) : high >>> (shift - 32)
    registers[index] = bits & 0x3f
  }
}
