/**
 * Kafka's murmur2 over bytes, a signed 32-bit integer: `org.apache.kafka.common.utils.Utils.murmur2`
 * (seed 0x9747b28c, m 0x5bd1e995, r 24).
 */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  const m = 0x5bd1e995
  let hash = 0x9747b28c ^ length
  const whole = length & ~3
  for (let index = 0; index < whole; index += 4) {
    let word =
      (bytes[index] ?? 0) |
      ((bytes[index + 1] ?? 0) << 8) |
      ((bytes[index + 2] ?? 0) << 16) |
      ((bytes[index + 3] ?? 0) << 24)
    word = Math.imul(word, m)
    word ^= word >>> 24
    word = Math.imul(word, m)
    hash = Math.imul(hash, m) ^ word
  }
  const rest = length - whole
  if (rest === 3) hash ^= (bytes[whole + 2] ?? 0) << 16
  if (rest >= 2) hash ^= (bytes[whole + 1] ?? 0) << 8
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[whole] ?? 0), m)
  hash ^= hash >>> 13
  hash = Math.imul(hash, m)
  return hash ^ (hash >>> 15)
}

/** The partition Kafka's default partitioner gives a keyed record: `toPositive(murmur2(key)) % partitions`. */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}
