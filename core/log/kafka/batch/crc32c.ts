/** Eight tables of the Castagnoli polynomial, so that eight bytes go in one step. */
const tables: readonly Int32Array[] = (() => {
  const first = new Int32Array(256).map((_, index) => {
    let value = index
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
    return value
  })
  const all = [first]
  for (let step = 1; step < 8; step += 1) {
    const before = all[step - 1] ?? first
    all.push(before.map((value) => (value >>> 8) ^ (first[value & 0xff] ?? 0)))
  }
  return all
})()

const [t0 = new Int32Array(256), t1 = t0, t2 = t0, t3 = t0, t4 = t0, t5 = t0, t6 = t0, t7 = t0] = tables

/** CRC-32C (Castagnoli, RFC 3720) of the bytes [from, until), unsigned: the checksum of Kafka's batches. */
export function crc32c(bytes: Uint8Array, from = 0, until = bytes.length): number {
  let crc = -1
  let at = from
  for (const whole = until - 7; at < whole; at += 8) {
    crc ^= (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
    crc =
      (t7[crc & 0xff] ?? 0) ^
      (t6[(crc >>> 8) & 0xff] ?? 0) ^
      (t5[(crc >>> 16) & 0xff] ?? 0) ^
      (t4[crc >>> 24] ?? 0) ^
      (t3[bytes[at + 4] ?? 0] ?? 0) ^
      (t2[bytes[at + 5] ?? 0] ?? 0) ^
      (t1[bytes[at + 6] ?? 0] ?? 0) ^
      (t0[bytes[at + 7] ?? 0] ?? 0)
  }
  for (; at < until; at += 1) crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0)
  return ~crc >>> 0
}
