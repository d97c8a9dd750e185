import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { DistinctSketch } from '../../../core/base/distinct.ts'
import { createRandom } from '../../../core/base/random.ts'
import { spanSketch } from '../../../core/base/span-sketch.ts'

/** Well mixed 64-bit hashes, `count` of them, the same for the same seed. */
function* drawHashes(seed: number, count: number): Iterable<readonly [number, number]> {
  const random = createRandom(seed)
  for (let index = 0; index < count; index += 1) yield [random.next() * 4294967296, random.next() * 4294967296]
}

function sketchOf(...runs: readonly (readonly [seed: number, count: number])[]): DistinctSketch {
  const sketch = spanSketch.create()
  for (const [seed, count] of runs) for (const [high, low] of drawHashes(seed, count)) sketch.addHash(high, low)
  return sketch
}

const bytesOf = (sketch: DistinctSketch): string => Buffer.from(sketch.toBytes()).toString('base64')

it('counts exactly while small', () => {
  for (const count of [0, 1, 5, 6, 7, 100, 768, 769, 1_000, 1_024]) {
    expect(sketchOf([count, count], [count, count]).estimate()).toBe(count)
  }
})

it('counts the hash zero too', () => {
  const sketch = spanSketch.create()
  expect([sketch.addHash(0, 0), sketch.addHash(0, 0), sketch.addHash(0, 1), sketch.addHash(1, 0)]).toEqual([
    true,
    false,
    true,
    true,
  ])
  expect(spanSketch.read(sketch.toBytes()).estimate()).toBe(3)
})

it.each([
  [1_500, 60],
  [10_000, 60],
  [40_000, 40],
  [100_000, 20],
])('errs by about 0.8 %% at %i distinct hashes', (count, seeds) => {
  let squares = 0
  let sum = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const error = sketchOf([seed, count]).estimate() / count - 1
    squares += error * error
    sum += error
  }
  expect(Math.sqrt(squares / seeds)).toBeLessThan(0.0105)
  expect(Math.abs(sum / seeds)).toBeLessThan(0.004)
})

it('merges into what adding everything to one gives, to the byte, in any grouping', () => {
  const run = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(0, 3, 500, 1_000, 1_024, 1_025, 3_000, 20_000))
  fc.assert(
    fc.property(run, run, run, (first, second, third) => {
      const left = sketchOf(first)
      left.merge(sketchOf(second))
      left.merge(sketchOf(third))
      const tail = sketchOf(third)
      tail.merge(sketchOf(second))
      const right = sketchOf(first)
      right.merge(tail)
      const all = bytesOf(sketchOf(first, second, third))
      expect(bytesOf(left)).toBe(all)
      expect(bytesOf(right)).toBe(all)
    }),
    { numRuns: 40 },
  )
})

it('leaves the other sketch of a merge as it was', () => {
  const other = sketchOf([2, 3_000])
  const before = bytesOf(other)
  const into = sketchOf([1, 10])
  into.merge(other)
  into.addHash(1, 2)
  expect(bytesOf(other)).toBe(before)
})

it('keeps estimate and bytes through storage, in fewer bytes while sparse', () => {
  for (const count of [0, 1, 1_024, 1_025, 2_000, 5_000, 6_000, 50_000]) {
    const sketch = sketchOf([7, count])
    const stored = spanSketch.read(Buffer.concat([Buffer.from('abc'), sketch.toBytes()]).subarray(3))
    expect(stored.estimate()).toBe(sketch.estimate())
    expect(bytesOf(stored)).toBe(bytesOf(sketch))
    const shorter = count <= 1_024 ? 3 + 8 * count : 3 + 3 * count
    expect(sketch.toBytes().length).toBeLessThanOrEqual(Math.min(shorter, 13_113))
  }
})

it('refuses bytes that are no span sketch', () => {
  const damaged = [
    [],
    [0],
    [0, 1, 0],
    [3, 0, 0],
    [1, 1, 0, 1],
    [1, 2, 0, 65, 0, 0, 65, 0, 0],
    [1, 1, 0, 63, 0, 0],
    [2, 0, 0],
  ]
  for (const bytes of damaged) expect(() => spanSketch.read(Uint8Array.from(bytes))).toThrow(RangeError)
  expect(() => spanSketch.read(Uint8Array.from([0, 2, 0, ...Array.from({ length: 16 }, () => 1)]))).toThrow(RangeError)
})
