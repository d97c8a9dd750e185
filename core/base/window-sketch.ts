import type { DistinctKind, DistinctSketch } from './distinct.ts'
import { Fault } from './fault.ts'
import { packedSizeBytes, packRegisters, unpackRegisters } from './six-bit-registers.ts'
import { biases, linearCountingThreshold, rawEstimates } from './window-sketch-bias.ts'

/**
 * HyperLogLog++ (Heule, Nunkesser, Hall: "HyperLogLog in Practice", EDBT 2013) with the choices of Spark's
 * `approx_count_distinct` at its default relative standard deviation of 0.05, register for register and estimate for
 * estimate: 512 registers, dense bias correction, no sparse estimator. The hash is to be xxHash64 with seed 42
 * (hash64.ts).
 *
 * Most windows see few customers: up to {@link mostEntries} registers are kept as a list, and methods are shared by all
 * sketches, so that a hundred thousand open windows fit in memory.
 */

const precision = 9
const registerCount = 1 << precision
/** The most leading zeros that 55 bits can have, plus one. */
const highestRank = 64 - precision + 1
const mostEntries = 32

/** Bias-correction constant × m²; alpha as given for m ≥ 128 by Flajolet et al., "HyperLogLog", 2007. */
const alphaSquared = (0.7213 / (1 + 1.079 / registerCount)) * registerCount * registerCount
const neighbours = 6
const inversePowers = Float64Array.from({ length: 64 }, (_, rank) => 2 ** -rank)

interface WindowSketch extends DistinctSketch {
  /** Set registers as index × 64 + rank, in no order, while there are few; then empty. */
  readonly entries: number[]
  registers: Uint8Array | null
}

function addHash(this: WindowSketch, high: number, low: number): boolean {
  const upper = (high << precision) | (low >>> (32 - precision))
  // The bit just after the hash ends the run of zeros, as in Spark.
  const rank = 1 + (upper === 0 ? 32 + Math.clz32((low << precision) | (1 << (precision - 1))) : Math.clz32(upper))
  return raise(this, high >>> (32 - precision), rank)
}

/** Sets a register to at least `rank`; true if that changed it. */
function raise(sketch: WindowSketch, index: number, rank: number): boolean {
  const { registers, entries } = sketch
  if (registers !== null) {
    if ((registers[index] ?? 0) >= rank) return false
    registers[index] = rank
    return true
  }
  for (let at = 0; at < entries.length; at += 1) {
    const entry = entries[at] ?? 0
    if (entry >>> 6 !== index) continue
    if ((entry & 0x3f) >= rank) return false
    entries[at] = (index << 6) | rank
    return true
  }
  entries.push((index << 6) | rank)
  if (entries.length > mostEntries) {
    sketch.registers = spread(entries)
    entries.length = 0
  }
  return true
}

function spread(entries: readonly number[]): Uint8Array {
  const registers = new Uint8Array(registerCount)
  for (const entry of entries) registers[entry >>> 6] = entry & 0x3f
  return registers
}

/** Set registers as index × 64 + rank, ascending. */
function listEntries(sketch: WindowSketch): readonly number[] {
  const { registers } = sketch
  if (registers === null) return [...sketch.entries].sort((left, right) => left - right)
  const entries: number[] = []
  for (let index = 0; index < registerCount; index += 1) {
    const rank = registers[index] ?? 0
    if (rank > 0) entries.push((index << 6) | rank)
  }
  return entries
}

function countSet(registers: Uint8Array): number {
  let count = 0
  for (let index = 0; index < registerCount; index += 1) if ((registers[index] ?? 0) > 0) count += 1
  return count
}

function merge(this: WindowSketch, other: DistinctSketch): void {
  if (!isWindowSketch(other)) throw new Fault('internal', 'only sketches of one kind can be merged')
  for (const entry of listEntries(other)) raise(this, entry >>> 6, entry & 0x3f)
}

function estimate(this: WindowSketch): number {
  const registers = this.registers
  let zeros = registerCount - this.entries.length
  let inverseSum = 0
  if (registers !== null) {
    zeros = 0
    for (let index = 0; index < registerCount; index += 1) {
      const rank = registers[index] ?? 0
      inverseSum += inversePowers[rank] ?? 0
      if (rank === 0) zeros += 1
    }
  }
  const linear = zeros > 0 ? registerCount * Math.log(registerCount / zeros) : Number.POSITIVE_INFINITY
  if (linear <= linearCountingThreshold) return Math.round(linear)
  const raw = alphaSquared / inverseSum
  // Linear counting below 2.5 m is the original HyperLogLog's rule; Spark has both, so both are here.
  if (zeros > 0 && raw <= 2.5 * registerCount) return Math.round(linear)
  return Math.round(raw < 5 * registerCount ? raw - estimateBias(raw) : raw)
}

/**
 * Mean bias at the six measured raw estimates nearest to `raw` (the paper's section 5.2). Above the largest one Spark
 * takes five; so does this.
 */
export function estimateBias(raw: number): number {
  let above = rawEstimates.findIndex((measured) => measured >= raw)
  if (above < 0) above = rawEstimates.length
  let from = Math.max(above - neighbours + 1, 0)
  let until = Math.min(from + neighbours, rawEstimates.length)
  const distanceTo = (index: number): number => (raw - (rawEstimates[index] ?? 0)) ** 2
  while (until < rawEstimates.length && distanceTo(until) < distanceTo(from)) {
    from += 1
    until += 1
  }
  let sum = 0
  for (let index = from; index < until; index += 1) sum += biases[index] ?? 0
  return sum / (until - from)
}

/** First byte: which form follows. */
const listForm = 0
const packedForm = 1
const listHeaderBytes = 2
const packedBytes = 1 + packedSizeBytes(registerCount)

/** List form: count (one byte), entries (uint16, little-endian). Packed form: Spark's 52 words. The shorter is written. */
function toBytes(this: WindowSketch): Uint8Array {
  const { registers } = this
  if (registers !== null && listHeaderBytes + countSet(registers) * 2 >= packedBytes) {
    const bytes = new Uint8Array(packedBytes)
    bytes[0] = packedForm
    packRegisters(registers, bytes, 1)
    return bytes
  }
  const entries = listEntries(this)
  const bytes = new Uint8Array(listHeaderBytes + entries.length * 2)
  bytes[0] = listForm
  bytes[1] = entries.length
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index] ?? 0
    bytes[listHeaderBytes + index * 2] = entry & 0xff
    bytes[listHeaderBytes + index * 2 + 1] = entry >>> 8
  }
  return bytes
}

const create = (): WindowSketch => ({ entries: [], registers: null, addHash, merge, estimate, toBytes })

const isWindowSketch = (sketch: DistinctSketch): sketch is WindowSketch => sketch.addHash === addHash

function read(bytes: Uint8Array): DistinctSketch {
  const sketch = create()
  if (bytes[0] === packedForm && bytes.length === packedBytes) {
    const registers = new Uint8Array(registerCount)
    unpackRegisters(bytes, 1, registers)
    if (registers.some((rank) => rank > highestRank)) throw new RangeError('a window sketch has an impossible register')
    sketch.registers = registers
    return sketch
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes[0] !== listForm || bytes.length < listHeaderBytes) throw new RangeError('not a window sketch')
  if (bytes.length !== listHeaderBytes + (bytes[1] ?? 0) * 2) throw new RangeError('not a window sketch')
  let previous = -1
  for (let at = listHeaderBytes; at < bytes.length; at += 2) {
    const entry = view.getUint16(at, true)
    const rank = entry & 0x3f
    const index = entry >>> 6
    if (index <= previous || index >= registerCount || rank === 0 || rank > highestRank) {
      throw new RangeError('a window sketch has an impossible register')
    }
    previous = index
    raise(sketch, index, rank)
  }
  return sketch
}

/** Spark-identical counts of distinct values in one window; relative standard error 4.6 %. */
export const windowSketch: DistinctKind = { create, read }
