import { writeUtf8 } from './utf8.ts'

/**
 * xxHash64 (Yann Collet, "xxHash fast digest algorithm", specification 0.1.1, section XXH64) in 32-bit halves: no
 * BigInt, no allocation. Spark's `xxhash64` and `approx_count_distinct` are this function with seed 42, over a string's
 * UTF-8 bytes, a long's 8 and an int's 4 little-endian bytes.
 */

/** A 64-bit value as two int32 halves; made once by the caller and written over by each hash. */
export interface Hash64 {
  high: number
  low: number
}

export const createHash64 = (): Hash64 => ({ high: 0, low: 0 })

/** The seed Spark uses. */
export const sparkSeed = 42

// The five primes of the specification: upper and lower half.
const prime1High = 0x9e3779b1 | 0
const prime1Low = 0x85ebca87 | 0
const prime2High = 0xc2b2ae3d | 0
const prime2Low = 0x27d4eb4f | 0
const prime3High = 0x165667b1 | 0
const prime3Low = 0x9e3779f9 | 0
const prime4High = 0x85ebca77 | 0
const prime4Low = 0xc2b2ae63 | 0
const prime5High = 0x27d4eb2f | 0
const prime5Low = 0x165667c5 | 0

/** Pairs of halves, low and high: four lanes filled by whole stripes of 32 bytes, the word being mixed, and the hash. */
const lanes = new Int32Array(12)
const mixedLow = 8
const mixedHigh = 9
const hashLow = 10
const hashHigh = 11

let scratch = new Uint8Array(1_024)
let scratchView = new DataView(scratch.buffer)
const wordView = new DataView(new ArrayBuffer(8))

/** Upper half of the unsigned product of two 32-bit numbers (Warren, "Hacker's Delight", section 8–2). */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)
  const crossed = Math.imul(aLow, bHigh) + (middle & 0xffff)
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (crossed >>> 16)) | 0
}

/** The carry, 0 or 1, out of `sum = a + b` in 32 bits; without a branch, because it is a coin toss. */
const carryOf = (a: number, b: number, sum: number): number => ((a & b) | ((a | b) & ~sum)) >>> 31

/** lane = rotateLeft(lane + input × prime2, 31) × prime1 */
function mixLane(lane: number, inputLow: number, inputHigh: number): void {
  const productLow = Math.imul(inputLow, prime2Low)
  const productHigh =
    (multiplyHigh(inputLow, prime2Low) + Math.imul(inputLow, prime2High) + Math.imul(inputHigh, prime2Low)) | 0
  const laneLow = lanes[lane] ?? 0
  const sumLow = (laneLow + productLow) | 0
  const sumHigh = ((lanes[lane + 1] ?? 0) + productHigh + carryOf(laneLow, productLow, sumLow)) | 0
  const low = (sumLow << 31) | (sumHigh >>> 1)
  const high = (sumHigh << 31) | (sumLow >>> 1)
  lanes[lane] = Math.imul(low, prime1Low)
  lanes[lane + 1] = (multiplyHigh(low, prime1Low) + Math.imul(low, prime1High) + Math.imul(high, prime1Low)) | 0
}

/** rotateLeft(input × prime2, 31) × prime1, left in the last but one place: mixing into an empty lane. */
function mixWord(inputLow: number, inputHigh: number): void {
  const productLow = Math.imul(inputLow, prime2Low)
  const productHigh =
    (multiplyHigh(inputLow, prime2Low) + Math.imul(inputLow, prime2High) + Math.imul(inputHigh, prime2Low)) | 0
  const low = (productLow << 31) | (productHigh >>> 1)
  const high = (productHigh << 31) | (productLow >>> 1)
  lanes[mixedLow] = Math.imul(low, prime1Low)
  lanes[mixedHigh] = (multiplyHigh(low, prime1Low) + Math.imul(low, prime1High) + Math.imul(high, prime1Low)) | 0
}

/** Reads whole stripes from `at` on and returns where the rest begins; the four lanes hold the outcome. */
function readStripes(view: DataView, length: number, seed: number): number {
  const secondLow = (prime2Low + seed) | 0
  const secondHigh = (prime2High + carryOf(prime2Low, seed, secondLow)) | 0
  const firstLow = (secondLow + prime1Low) | 0
  lanes[0] = firstLow
  lanes[1] = secondHigh + prime1High + carryOf(secondLow, prime1Low, firstLow)
  lanes[2] = secondLow
  lanes[3] = secondHigh
  lanes[4] = seed
  lanes[5] = 0
  lanes[6] = seed - prime1Low
  lanes[7] = -prime1High - (seed >>> 0 < prime1Low >>> 0 ? 1 : 0)
  let at = 0
  for (; at + 32 <= length; at += 32) {
    mixLane(0, view.getInt32(at, true), view.getInt32(at + 4, true))
    mixLane(2, view.getInt32(at + 8, true), view.getInt32(at + 12, true))
    mixLane(4, view.getInt32(at + 16, true), view.getInt32(at + 20, true))
    mixLane(6, view.getInt32(at + 24, true), view.getInt32(at + 28, true))
  }
  return at
}

/** Adds the rotated lanes up, then mixes each of them in. */
function joinLanes(): void {
  lanes[hashLow] = 0
  lanes[hashHigh] = 0
  addTurned(0, 1)
  addTurned(2, 7)
  addTurned(4, 12)
  addTurned(6, 18)
  mergeLane(0)
  mergeLane(2)
  mergeLane(4)
  mergeLane(6)
}

function addTurned(lane: number, bits: number): void {
  const laneLow = lanes[lane] ?? 0
  const laneHigh = lanes[lane + 1] ?? 0
  const turnedLow = (laneLow << bits) | (laneHigh >>> (32 - bits))
  const turnedHigh = (laneHigh << bits) | (laneLow >>> (32 - bits))
  const low = lanes[hashLow] ?? 0
  const sum = (low + turnedLow) | 0
  lanes[hashLow] = sum
  lanes[hashHigh] = (lanes[hashHigh] ?? 0) + turnedHigh + carryOf(low, turnedLow, sum)
}

function mergeLane(lane: number): void {
  mixWord(lanes[lane] ?? 0, lanes[lane + 1] ?? 0)
  const low = (lanes[hashLow] ?? 0) ^ (lanes[mixedLow] ?? 0)
  const high = (lanes[hashHigh] ?? 0) ^ (lanes[mixedHigh] ?? 0)
  const product = Math.imul(low, prime1Low)
  const productHigh = (multiplyHigh(low, prime1Low) + Math.imul(low, prime1High) + Math.imul(high, prime1Low)) | 0
  const sum = (product + prime4Low) | 0
  lanes[hashLow] = sum
  lanes[hashHigh] = productHigh + prime4High + carryOf(product, prime4Low, sum)
}

/** Takes in what is left after the stripes by eights, a four and ones, then avalanches. */
function finish(view: DataView, from: number, length: number, startLow: number, startHigh: number, into: Hash64): void {
  let low = startLow
  let high = startHigh
  let at = from
  for (; at + 8 <= length; at += 8) {
    mixWord(view.getInt32(at, true), view.getInt32(at + 4, true))
    low ^= lanes[mixedLow] ?? 0
    high ^= lanes[mixedHigh] ?? 0
    const turnedLow = (low << 27) | (high >>> 5)
    const turnedHigh = (high << 27) | (low >>> 5)
    high = multiplyHigh(turnedLow, prime1Low) + Math.imul(turnedLow, prime1High) + Math.imul(turnedHigh, prime1Low)
    const product = Math.imul(turnedLow, prime1Low)
    low = (product + prime4Low) | 0
    high = (high + prime4High + carryOf(product, prime4Low, low)) | 0
  }
  if (at + 4 <= length) {
    const word = view.getInt32(at, true)
    low ^= Math.imul(word, prime1Low)
    high ^= multiplyHigh(word, prime1Low) + Math.imul(word, prime1High)
    const turnedLow = (low << 23) | (high >>> 9)
    const turnedHigh = (high << 23) | (low >>> 9)
    high = multiplyHigh(turnedLow, prime2Low) + Math.imul(turnedLow, prime2High) + Math.imul(turnedHigh, prime2Low)
    const product = Math.imul(turnedLow, prime2Low)
    low = (product + prime3Low) | 0
    high = (high + prime3High + carryOf(product, prime3Low, low)) | 0
    at += 4
  }
  for (; at < length; at += 1) {
    const byte = view.getUint8(at)
    low ^= Math.imul(byte, prime5Low)
    high ^= multiplyHigh(byte, prime5Low) + Math.imul(byte, prime5High)
    const turnedLow = (low << 11) | (high >>> 21)
    const turnedHigh = (high << 11) | (low >>> 21)
    high =
      (multiplyHigh(turnedLow, prime1Low) + Math.imul(turnedLow, prime1High) + Math.imul(turnedHigh, prime1Low)) | 0
    low = Math.imul(turnedLow, prime1Low)
  }
  avalanche(low, high, into)
}

function avalanche(fromLow: number, fromHigh: number, into: Hash64): void {
  let low = fromLow ^ (fromHigh >>> 1)
  let high = (multiplyHigh(low, prime2Low) + Math.imul(low, prime2High) + Math.imul(fromHigh, prime2Low)) | 0
  low = Math.imul(low, prime2Low)
  low ^= (low >>> 29) | (high << 3)
  high ^= high >>> 29
  high = (multiplyHigh(low, prime3Low) + Math.imul(low, prime3High) + Math.imul(high, prime3Low)) | 0
  low = Math.imul(low, prime3Low)
  into.low = low ^ high
  into.high = high
}

function hashView(view: DataView, length: number, seed: number, into: Hash64): void {
  let at = 0
  if (length >= 32) {
    at = readStripes(view, length, seed)
    joinLanes()
  } else {
    const start = (prime5Low + seed) | 0
    lanes[hashLow] = start
    lanes[hashHigh] = prime5High + carryOf(prime5Low, seed, start)
  }
  const low = lanes[hashLow] ?? 0
  const sum = (low + length) | 0
  finish(view, at, length, sum, ((lanes[hashHigh] ?? 0) + carryOf(low, length, sum)) | 0, into)
}

/**
 * xxHash64 of the text's UTF-8 bytes, a lone surrogate counting as `?` like in Spark.
 *
 * @param seed an unsigned 32-bit integer
 */
export function hashText(text: string, into: Hash64, seed = sparkSeed): void {
  const need = text.length * 3
  if (need > scratch.length) {
    scratch = new Uint8Array(need * 2)
    scratchView = new DataView(scratch.buffer)
  }
  hashView(scratchView, writeUtf8(text, scratch, 'replaced'), seed, into)
}

/** xxHash64 of bytes. @param seed an unsigned 32-bit integer */
export function hashBytes(bytes: Uint8Array, into: Hash64, seed = sparkSeed): void {
  if (bytes.length <= scratch.length) {
    // Copying a short value costs a fifth of making a view on it.
    scratch.set(bytes)
    hashView(scratchView, bytes.length, seed, into)
    return
  }
  hashView(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), bytes.length, seed, into)
}

/** Spark's hash of a 32-bit integer column value: xxHash64 of its four little-endian bytes. */
export function hashInt(value: number, into: Hash64, seed = sparkSeed): void {
  wordView.setInt32(0, value, true)
  hashView(wordView, 4, seed, into)
}

/** Spark's hash of a 64-bit integer column value given in two halves: xxHash64 of its eight little-endian bytes. */
export function hashLong(high: number, low: number, into: Hash64, seed = sparkSeed): void {
  wordView.setInt32(0, low, true)
  wordView.setInt32(4, high, true)
  hashView(wordView, 8, seed, into)
}
