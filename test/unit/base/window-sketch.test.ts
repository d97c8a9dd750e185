import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { DistinctSketch } from '../../../core/base/distinct.ts'
import { createHash64, hashInt, hashLong, hashText } from '../../../core/base/hash64.ts'
import { spanSketch } from '../../../core/base/span-sketch.ts'
import { estimateBias, windowSketch } from '../../../core/base/window-sketch.ts'
import { sparkGolden } from './golden.ts'

const hash = createHash64()

function sketchOf(texts: Iterable<string>): DistinctSketch {
  const sketch = windowSketch.create()
  for (const text of texts) {
    hashText(text, hash)
    sketch.addHash(hash.high, hash.low)
  }
  return sketch
}

function* makeIds(from: number, until: number): Iterable<string> {
  for (let index = from; index < until; index += 1) yield `C${String(index).padStart(6, '0')}`
}

const bytesOf = (sketch: DistinctSketch): string => Buffer.from(sketch.toBytes()).toString('hex')

/** Estimates over the first values of a series at each of the counts, which grow: every value is hashed once. */
function estimatePrefixes(
  counts: readonly (readonly [count: number, estimate: number])[],
  hashValue: (index: number) => void,
): readonly (readonly [number, number])[] {
  const sketch = windowSketch.create()
  let next = 0
  return counts.map(([count]) => {
    for (; next < count; next += 1) {
      hashValue(next)
      sketch.addHash(hash.high, hash.low)
    }
    return [count, sketch.estimate()]
  })
}

it("estimates as Spark's approx_count_distinct does, from none to ten million texts", () => {
  const found = estimatePrefixes(sparkGolden.counts, (index) =>
    hashText(index < 1_000_000 ? `C${String(index).padStart(6, '0')}` : `C${index}`, hash),
  )
  expect(found).toEqual(sparkGolden.counts)
  expect(found.at(-1)?.[0]).toBe(10_000_000)
})

it('estimates as Spark does over columns of integers, from none to ten million', () => {
  const ints = estimatePrefixes(sparkGolden.intCounts, (index) => hashInt(index, hash))
  expect(ints).toEqual(sparkGolden.intCounts)
  // Multiples of 2³² + 1: both halves are the index.
  const longs = estimatePrefixes(sparkGolden.longCounts, (index) => hashLong(index, index, hash))
  expect(longs).toEqual(sparkGolden.longCounts)
  expect([ints.at(-1)?.[0], longs.at(-1)?.[0]]).toEqual([10_000_000, 10_000_000])
})

it('estimates as Spark does at every size where its three estimators meet', () => {
  const found = sparkGolden.sweep.map(([count]) => [
    count,
    sketchOf(Array.from({ length: count }, (_, index) => `W${count}-${index}`)).estimate(),
  ])
  expect(found).toEqual(sparkGolden.sweep)
})

it('estimates as Spark does over the empty string and every script', () => {
  expect(sketchOf(sparkGolden.texts.values).estimate()).toBe(sparkGolden.texts.estimate)
})

it("takes Spark's own registers and estimates as its helper does, up to 10¹⁴", () => {
  for (const { words, estimate } of sparkGolden.registers) {
    const bytes = Buffer.from(`01${words}`, 'hex')
    for (let at = 1; at < bytes.length; at += 8) bytes.subarray(at, at + 8).reverse()
    const sketch = windowSketch.read(bytes)
    expect(sketch.estimate()).toBe(estimate)
    expect(windowSketch.read(sketch.toBytes()).estimate()).toBe(estimate)
  }
})

it("corrects the bias as Spark's helper does", () => {
  for (const [raw, bias] of sparkGolden.biases) expect(estimateBias(raw)).toBe(bias)
})

it('says whether a hash changed it', () => {
  const sketch = windowSketch.create()
  expect([sketch.addHash(1, 2), sketch.addHash(1, 2)]).toEqual([true, false])
})

it('takes halves signed or unsigned', () => {
  const signed = windowSketch.create()
  const unsigned = windowSketch.create()
  signed.addHash(-1, -2)
  unsigned.addHash(0xffffffff, 0xfffffffe)
  expect(bytesOf(signed)).toBe(bytesOf(unsigned))
})

it('merges into what adding everything to one gives, to the byte', () => {
  fc.assert(
    fc.property(fc.nat(900), fc.nat(900), fc.nat(900), (first, second, third) => {
      const left = sketchOf(makeIds(0, first))
      left.merge(sketchOf(makeIds(second, second + third)))
      const all = sketchOf([...makeIds(0, first), ...makeIds(second, second + third)])
      expect(bytesOf(left)).toBe(bytesOf(all))
    }),
    { numRuns: 60 },
  )
})

it('keeps the same bytes in any order and through storage', () => {
  for (const count of [0, 1, 31, 32, 33, 34, 100, 206, 300, 5_000]) {
    const ids = [...makeIds(0, count)]
    const forth = sketchOf(ids)
    const back = sketchOf(ids.reverse())
    const stored = windowSketch.read(forth.toBytes())
    expect(bytesOf(back)).toBe(bytesOf(forth))
    expect(bytesOf(stored)).toBe(bytesOf(forth))
    expect(stored.estimate()).toBe(forth.estimate())
    expect(forth.toBytes().length).toBeLessThanOrEqual(Math.min(417, 2 + 2 * count))
  }
})

it('reads bytes from anywhere in a buffer', () => {
  const sketch = sketchOf(makeIds(0, 1_000))
  const framed = Buffer.concat([Buffer.from('abc'), sketch.toBytes()]).subarray(3)
  expect(windowSketch.read(framed).estimate()).toBe(sketch.estimate())
})

it('refuses bytes that are no window sketch', () => {
  const damaged = [[], [0], [0, 1, 65], [2, 0, 0], [0, 1, 0, 0], [0, 1, 63, 0], [0, 2, 65, 0, 65, 0], [1, 2, 3]]
  for (const bytes of damaged) expect(() => windowSketch.read(Uint8Array.from(bytes))).toThrow(RangeError)
  expect(() => windowSketch.read(new Uint8Array(417).fill(255).fill(1, 0, 1))).toThrow(RangeError)
})

it('refuses to merge with another kind', () => {
  expect(() => windowSketch.create().merge(spanSketch.create())).toThrow('one kind')
  expect(() => spanSketch.create().merge(windowSketch.create())).toThrow('one kind')
})
