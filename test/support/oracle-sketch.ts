/**
 * What a window's sketch must hold, computed the slow way and from public descriptions alone: xxHash64 as its
 * specification has it (github.com/Cyan4973/xxHash, doc/xxhash_spec.md) in big integers, and the registers that Spark's
 * `approx_count_distinct` keeps of such hashes: 512, each the most leading zeros seen behind its nine bits, plus one.
 * Shares no code with the engine. The estimates that take Spark's tables of biases are no part of it.
 */

const prime1 = 0x9e3779b185ebca87n
const prime2 = 0xc2b2ae3d27d4eb4fn
const prime3 = 0x165667b19e3779f9n
const prime4 = 0x85ebca77c2b2ae63n
const prime5 = 0x27d4eb2f165667c5n

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value)
const rotateLeft = (value: bigint, bits: bigint): bigint => wrap((value << bits) | (value >> (64n - bits)))
const mixLane = (lane: bigint, word: bigint): bigint => wrap(rotateLeft(wrap(lane + word * prime2), 31n) * prime1)
const mergeLane = (hash: bigint, lane: bigint): bigint => wrap((hash ^ mixLane(0n, lane)) * prime1 + prime4)

/** The four lanes over every whole stripe of 32 bytes, and where the rest begins. */
function hashStripes(bytes: Buffer, seed: bigint): { readonly hash: bigint; readonly at: number } {
  if (bytes.length < 32) return { hash: wrap(seed + prime5), at: 0 }
  let lanes = [seed + prime1 + prime2, seed + prime2, seed, seed - prime1].map(wrap)
  let at = 0
  for (; at + 32 <= bytes.length; at += 32) {
    const stripe = at
    lanes = lanes.map((lane, index) => mixLane(lane, bytes.readBigUInt64LE(stripe + index * 8)))
  }
  const turns = [1n, 7n, 12n, 18n]
  const sum = wrap(lanes.reduce((total, lane, index) => total + rotateLeft(lane, turns[index] ?? 0n), 0n))
  return { hash: lanes.reduce(mergeLane, sum), at }
}

/** xxHash64 of bytes. */
export function hashSlowly(input: Uint8Array, seed = 42n): bigint {
  const bytes = Buffer.from(input)
  let { hash, at } = hashStripes(bytes, seed)
  hash = wrap(hash + BigInt(bytes.length))
  for (; at + 8 <= bytes.length; at += 8) {
    hash = wrap(rotateLeft(hash ^ mixLane(0n, bytes.readBigUInt64LE(at)), 27n) * prime1 + prime4)
  }
  for (; at + 4 <= bytes.length; at += 4) {
    hash = wrap(rotateLeft(hash ^ wrap(BigInt(bytes.readUInt32LE(at)) * prime1), 23n) * prime2 + prime3)
  }
  for (; at < bytes.length; at += 1) {
    hash = wrap(rotateLeft(hash ^ wrap(BigInt(bytes.readUInt8(at)) * prime5), 11n) * prime1)
  }
  hash = wrap((hash ^ (hash >> 33n)) * prime2)
  hash = wrap((hash ^ (hash >> 29n)) * prime3)
  return hash ^ (hash >> 32n)
}

/** UTF-8 as Java writes it: half of a surrogate pair becomes a question mark. */
const encodeText = (text: string): Uint8Array => new TextEncoder().encode(text.replaceAll(/\p{Surrogate}/gu, '?'))

const precision = 9n
const registerCount = 2 ** Number(precision)

/** How many of the bits behind the index are zero before the first that is not, plus one; at most 56. */
function rankOf(hash: bigint): number {
  const bits = BigInt.asUintN(64 - Number(precision), hash)
  return bits === 0n ? 64 - Number(precision) + 1 : 64 - Number(precision) - bits.toString(2).length + 1
}

/** The registers after these values, in any order; repeats change nothing. */
export function registersOf(customers: Iterable<string>): readonly number[] {
  const registers = Array.from({ length: registerCount }, () => 0)
  for (const customer of customers) {
    const hash = hashSlowly(encodeText(customer))
    const index = Number(hash >> (64n - precision))
    registers[index] = Math.max(registers[index] ?? 0, rankOf(hash))
  }
  return registers
}

/**
 * The registers that a sketch in the warehouse holds. Its first byte tells the form. 0: a byte with the number of
 * entries, then each as uint16 LE, index × 64 + value. 1: words of 64 bits, little-endian, each with ten registers of six
 * bits from its lowest bit on.
 *
 * @throws RangeError where it is neither
 */
export function readStoredRegisters(stored: Uint8Array): readonly number[] {
  const bytes = Buffer.from(stored)
  const registers = Array.from({ length: registerCount }, () => 0)
  if (bytes[0] === 0 && bytes.length === 2 + 2 * (bytes[1] ?? 0)) {
    for (let at = 2; at < bytes.length; at += 2) {
      const entry = bytes.readUInt16LE(at)
      registers[entry >> 6] = entry & 63
    }
    return registers
  }
  const words = Math.ceil(registerCount / 10)
  if (bytes[0] !== 1 || bytes.length !== 1 + words * 8) throw new RangeError(`no sketch: ${bytes.toString('hex')}`)
  return registers.map((_, index) => {
    const word = bytes.readBigUInt64LE(1 + Math.floor(index / 10) * 8)
    return Number((word >> BigInt((index % 10) * 6)) & 63n)
  })
}

/**
 * Spark's estimate where it follows from the registers by a formula alone, few of them being set or the values being
 * many; null where it takes the measured biases.
 */
export function estimatePlainly(registers: readonly number[]): number | null {
  const zeros = registers.filter((register) => register === 0).length
  const linear = zeros > 0 ? Math.round(registerCount * Math.log(registerCount / zeros)) : Number.POSITIVE_INFINITY
  if (linear < 400) return linear
  const alpha = 0.7213 / (1 + 1.079 / registerCount)
  const inverseSum = registers.reduce((sum, register) => sum + 2 ** -register, 0)
  const estimate = Math.round((alpha * registerCount * registerCount) / inverseSum)
  return estimate > 5 * registerCount ? estimate : null
}
