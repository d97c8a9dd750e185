import { crc32 as nativeCrc32 } from 'node:zlib'

const table = new Uint32Array(256).map((_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

function tableCrc32(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0)
  return ~crc >>> 0
}

/** CRC-32 as in zlib and PNG (ISO 3309), unsigned. Runtimes whose zlib module lacks it use a table. */
export const crc32: (bytes: Uint8Array, previous?: number) => number =
  typeof nativeCrc32 === 'function' ? nativeCrc32 : tableCrc32
