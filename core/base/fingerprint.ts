import { writeUtf8 } from './utf8.ts'

/**
 * Identities made small: an id becomes 128 bits, a record's content 32. Both are MurmurHash3 by Austin Appleby (public
 * domain, https://github.com/aappleby/smhasher), whose x86 variants need nothing but 32-bit arithmetic.
 *
 * 1. Equal text has an equal fingerprint on every machine and in every release: fingerprints are stored.
 * 2. Different texts have different UTF-8 bytes here, lone surrogates included.
 */

/** 128 bits as four int32 words. */
export type Fingerprint = Int32Array

export const createFingerprint = (): Fingerprint => new Int32Array(4)

// The multipliers of MurmurHash3_x86_128, and those of MurmurHash3_x86_32.
const c1 = 0x239b961b
const c2 = 0xab0e9789 | 0
const c3 = 0x38b34ae5
const c4 = 0xa1e38b93 | 0
const contentC1 = 0xcc9e2d51 | 0
const contentC2 = 0x1b873593

const blockBytes = 16
let scratch = new Uint8Array(1_024)
let scratchView = new DataView(scratch.buffer)

/** The view of the buffer hashed last: the records of one batch share theirs, and a view costs as much as a hash. */
let contentView: DataView = scratchView

const mixBits = (hash: number): number => {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

const scramble1 = (word: number): number => {
  const product = Math.imul(word, c1)
  return Math.imul((product << 15) | (product >>> 17), c2)
}
const scramble2 = (word: number): number => {
  const product = Math.imul(word, c2)
  return Math.imul((product << 16) | (product >>> 16), c3)
}
const scramble3 = (word: number): number => {
  const product = Math.imul(word, c3)
  return Math.imul((product << 17) | (product >>> 15), c4)
}
const scramble4 = (word: number): number => {
  const product = Math.imul(word, c4)
  return Math.imul((product << 18) | (product >>> 14), c1)
}

/**
 * MurmurHash3_x86_128 of the text's UTF-8 bytes.
 *
 * @param seed any 32-bit integer; one per kind of id keeps kinds apart
 */
export function fingerprintText(text: string, into: Fingerprint, seed = 0): void {
  const need = text.length * 3 + blockBytes
  if (need > scratch.length) {
    scratch = new Uint8Array(need * 2)
    scratchView = new DataView(scratch.buffer)
  }
  const length = writeUtf8(text, scratch, 'kept')
  for (let at = length; at < length + blockBytes; at += 4) scratchView.setInt32(at, 0, true)
  fingerprintScratch(length, into, seed)
}

function fingerprintScratch(length: number, into: Fingerprint, seed: number): void {
  let h1 = seed | 0
  let h2 = h1
  let h3 = h1
  let h4 = h1
  let at = 0
  for (; at + blockBytes <= length; at += blockBytes) {
    h1 ^= scramble1(scratchView.getInt32(at, true))
    h1 = (Math.imul(((h1 << 19) | (h1 >>> 13)) + h2, 5) + 0x561ccd1b) | 0
    h2 ^= scramble2(scratchView.getInt32(at + 4, true))
    h2 = (Math.imul(((h2 << 17) | (h2 >>> 15)) + h3, 5) + 0x0bcaa747) | 0
    h3 ^= scramble3(scratchView.getInt32(at + 8, true))
    h3 = (Math.imul(((h3 << 15) | (h3 >>> 17)) + h4, 5) + 0x96cd1c35) | 0
    h4 ^= scramble4(scratchView.getInt32(at + 12, true))
    h4 = (Math.imul(((h4 << 13) | (h4 >>> 19)) + h1, 5) + 0x32ac3b17) | 0
  }
  // The rest, padded with zeros: a zero word scrambles to zero, so absent words change nothing.
  h1 ^= scramble1(scratchView.getInt32(at, true)) ^ length
  h2 ^= scramble2(scratchView.getInt32(at + 4, true)) ^ length
  h3 ^= scramble3(scratchView.getInt32(at + 8, true)) ^ length
  h4 ^= scramble4(scratchView.getInt32(at + 12, true)) ^ length
  h1 = (h1 + h2 + h3 + h4) | 0
  const m1 = mixBits(h1)
  const m2 = mixBits((h2 + h1) | 0)
  const m3 = mixBits((h3 + h1) | 0)
  const m4 = mixBits((h4 + h1) | 0)
  const sum = (m1 + m2 + m3 + m4) | 0
  into[0] = sum
  into[1] = m2 + sum
  into[2] = m3 + sum
  into[3] = m4 + sum
}

/**
 * MurmurHash3_x86_32 (seed 0) of `source[start, end)`, unsigned: tells whether two records under one id say the same.
 * Three times as quick as the C library's CRC-32 through Node.js for the few hundred bytes of a record.
 */
export function hashContent(source: Uint8Array, start: number, end: number): number {
  if (contentView.buffer !== source.buffer) contentView = new DataView(source.buffer)
  const from = source.byteOffset + start
  const until = source.byteOffset + end
  let hash = 0
  let at = from
  for (; at + 4 <= until; at += 4) {
    hash ^= scrambleContent(contentView.getInt32(at, true))
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let shift = 0; at < until; at += 1, shift += 8) rest |= contentView.getUint8(at) << shift
  return mixBits(hash ^ scrambleContent(rest) ^ (end - start)) >>> 0
}

const scrambleContent = (word: number): number => {
  const product = Math.imul(word, contentC1)
  return Math.imul((product << 15) | (product >>> 17), contentC2)
}
