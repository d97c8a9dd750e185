import type { DistinctKind, DistinctSketch } from './distinct.ts'
import { Fault } from './fault.ts'
import { createHashSet64, type HashSet64 } from './hash-set64.ts'
import { packedSizeBytes, packRegisters, unpackRegisters } from './six-bit-registers.ts'

/**
 * Distinct counts over spans of windows, made to be merged: exact up to {@link mostExact} distinct hashes, beyond that
 * HyperLogLog with 16,384 registers and Ertl's improved raw estimator (Otmar Ertl: "New cardinality estimation
 * algorithms for HyperLogLog sketches", 2017, section 4, algorithm 6), which needs neither bias tables nor a switch to
 * linear counting. Relative standard error 0.81 %.
 *
 * The form depends on the number of distinct hashes alone, so that merging in any order or grouping gives equal bytes.
 */

const precision = 14
const registerCount = 1 << precision
/** Bits of the hash behind the index; ranks go from 1 to one more than that. */
const restBits = 64 - precision
const highestRank = restBits + 1
const mostExact = 1_024
const alpha = 1 / (2 * Math.LN2)

interface SpanSketch extends DistinctSketch {
  hashes: HashSet64 | null
  registers: Uint8Array
}

const noRegisters = new Uint8Array(0)

function addHash(this: SpanSketch, high: number, low: number): boolean {
  if (this.hashes === null) return raiseBy(this.registers, high, low)
  if (!this.hashes.add(high, low)) return false
  if (this.hashes.size > mostExact) spread(this)
  return true
}

function raiseBy(registers: Uint8Array, high: number, low: number): boolean {
  const index = high >>> (32 - precision)
  const upper = (high << precision) | (low >>> (32 - precision))
  const rank = 1 + (upper === 0 ? 32 + Math.clz32((low << precision) | (1 << (precision - 1))) : Math.clz32(upper))
  if ((registers[index] ?? 0) >= rank) return false
  registers[index] = rank
  return true
}

/** Gives up the exact hashes for registers. */
function spread(sketch: SpanSketch): void {
  const registers = new Uint8Array(registerCount)
  sketch.hashes?.forEach((high, low) => raiseBy(registers, high, low))
  sketch.registers = registers
  sketch.hashes = null
}

function merge(this: SpanSketch, other: DistinctSketch): void {
  if (!isSpanSketch(other)) throw new Fault('internal', 'only sketches of one kind can be merged')
  if (other.hashes !== null) {
    other.hashes.forEach((high, low) => this.addHash(high, low))
    return
  }
  if (this.hashes !== null) spread(this)
  const mine = this.registers
  const theirs = other.registers
  for (let index = 0; index < registerCount; index += 1) {
    const rank = theirs[index] ?? 0
    if (rank > (mine[index] ?? 0)) mine[index] = rank
  }
}

function estimate(this: SpanSketch): number {
  if (this.hashes !== null) return this.hashes.size
  const counts = new Float64Array(highestRank + 1)
  for (const rank of this.registers) counts[rank] = (counts[rank] ?? 0) + 1
  let sum = registerCount * tau(1 - (counts[highestRank] ?? 0) / registerCount)
  for (let rank = restBits; rank >= 1; rank -= 1) sum = (sum + (counts[rank] ?? 0)) / 2
  sum += registerCount * sigma((counts[0] ?? 0) / registerCount)
  return Math.round((alpha * registerCount * registerCount) / sum)
}

/** x + Σ x^(2^k) 2^(k−1) over k ≥ 1: what the empty registers add. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let power = share
  let weight = 1
  let sum = share
  for (let previous = Number.NaN; sum !== previous; ) {
    power *= power
    previous = sum
    sum += power * weight
    weight += weight
  }
  return sum
}

/** (1 − x − Σ (1 − x^(2^−k))² 2^−k over k ≥ 1) ÷ 3: what the saturated registers take away. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let root = share
  let weight = 1
  let sum = 1 - share
  for (let previous = Number.NaN; sum !== previous; ) {
    root = Math.sqrt(root)
    previous = sum
    weight /= 2
    sum -= (1 - root) ** 2 * weight
  }
  return sum / 3
}

/** First byte: which form follows. */
const exactForm = 0
const listForm = 1
const packedForm = 2
const headerBytes = 3
const hashBytes = 8
const entryBytes = 3
const packedBytes = 1 + packedSizeBytes(registerCount)

/**
 * Exact form: count (uint16) and the hashes ascending, eight little-endian bytes each, upper half first. List form: count
 * and the set registers ascending, index × 64 + rank in three bytes. Packed form: all registers. Of the last two the
 * shorter one is written.
 */
function toBytes(this: SpanSketch): Uint8Array {
  if (this.hashes !== null) return writeExact(this.hashes)
  const { registers } = this
  const count = registers.reduce((total, rank) => (rank > 0 ? total + 1 : total), 0)
  if (headerBytes + count * entryBytes >= packedBytes) {
    const bytes = new Uint8Array(packedBytes)
    bytes[0] = packedForm
    packRegisters(registers, bytes, 1)
    return bytes
  }
  const bytes = new Uint8Array(headerBytes + count * entryBytes)
  bytes[0] = listForm
  bytes[1] = count & 0xff
  bytes[2] = count >>> 8
  let at = headerBytes
  registers.forEach((rank, index) => {
    if (rank === 0) return
    const entry = (index << 6) | rank
    bytes[at] = entry & 0xff
    bytes[at + 1] = (entry >>> 8) & 0xff
    bytes[at + 2] = entry >>> 16
    at += entryBytes
  })
  return bytes
}

function writeExact(hashes: HashSet64): Uint8Array {
  const sorted: (readonly [number, number])[] = []
  hashes.forEach((high, low) => sorted.push([high >>> 0, low >>> 0]))
  sorted.sort((left, right) => left[0] - right[0] || left[1] - right[1])
  const bytes = new Uint8Array(headerBytes + sorted.length * hashBytes)
  const view = new DataView(bytes.buffer)
  bytes[0] = exactForm
  view.setUint16(1, sorted.length, true)
  sorted.forEach(([high, low], index) => {
    view.setUint32(headerBytes + index * hashBytes, high, true)
    view.setUint32(headerBytes + index * hashBytes + 4, low, true)
  })
  return bytes
}

const create = (): SpanSketch => ({
  hashes: createHashSet64(),
  registers: noRegisters,
  addHash,
  merge,
  estimate,
  toBytes,
})

const isSpanSketch = (sketch: DistinctSketch): sketch is SpanSketch => sketch.addHash === addHash

function read(bytes: Uint8Array): DistinctSketch {
  const sketch = create()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const count = bytes.length >= headerBytes ? view.getUint16(1, true) : 0
  if (bytes[0] === exactForm && bytes.length === headerBytes + count * hashBytes && count <= mostExact) {
    for (let at = headerBytes; at < bytes.length; at += hashBytes) {
      if (!sketch.addHash(view.getInt32(at, true), view.getInt32(at + 4, true)))
        throw new RangeError('a hash is there twice')
    }
    return sketch
  }
  sketch.hashes = null
  sketch.registers = new Uint8Array(registerCount)
  if (bytes[0] === listForm && bytes.length === headerBytes + count * entryBytes) readList(bytes, sketch.registers)
  else if (bytes[0] === packedForm && bytes.length === packedBytes) unpackRegisters(bytes, 1, sketch.registers)
  else throw new RangeError('not a span sketch')
  if (sketch.registers.some((rank) => rank > highestRank))
    throw new RangeError('a span sketch has an impossible register')
  return sketch
}

function readList(bytes: Uint8Array, registers: Uint8Array): void {
  let previous = -1
  for (let at = headerBytes; at < bytes.length; at += entryBytes) {
    const entry = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)
    const index = entry >>> 6
    if (index <= previous || index >= registerCount) throw new RangeError('a span sketch has an impossible register')
    registers[index] = entry & 0x3f
    previous = index
  }
}

/** Counts of distinct values over spans, exact while small; sketches of many windows merge into one. */
export const spanSketch: DistinctKind = { create, read }
