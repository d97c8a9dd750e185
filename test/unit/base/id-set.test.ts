import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createIdSet, type IdSet, readIdSet } from '../../../core/base/id-set.ts'
import { createRandom } from '../../../core/base/random.ts'

type Step =
  | { readonly do: 'add'; readonly id: number; readonly content: number; readonly bucket: number }
  | { readonly do: 'find'; readonly id: number }
  | { readonly do: 'expire'; readonly bucket: number }
  | { readonly do: 'evict' }
  | { readonly do: 'store' }

/** Fingerprints that crowd: one segment, few homes, the last home among them, and equal words. */
const crowdedFingerprint = (id: number): Int32Array =>
  Int32Array.from([(id % 3) << 1, [-1, -1, 0x7fffffff, 0, 5][id % 5] ?? 0, id % 2, id >> 1])

const spreadFingerprint = (id: number): Int32Array => {
  const random = createRandom(id)
  return Int32Array.from({ length: 4 }, () => random.next() * 4294967296)
}

/** As it is written behind other things, at an odd place. */
function store(set: IdSet): Uint8Array {
  const target = new Uint8Array(3 + set.storedBytes).subarray(3)
  set.store(target)
  return target
}

/** The same contract on a Map. */
function createModel() {
  const entries = new Map<number, { content: number; bucket: number }>()
  let floor = Number.NEGATIVE_INFINITY
  const forget = (isOver: (bucket: number) => boolean): number => {
    const over = [...entries].filter(([, { bucket }]) => isOver(bucket))
    for (const [id] of over) entries.delete(id)
    return over.length
  }
  const oldest = (): number | null =>
    entries.size === 0 ? null : Math.min(...[...entries.values()].map(({ bucket }) => bucket))
  return {
    find: (id: number) => entries.get(id)?.content ?? null,
    add(id: number, content: number, bucket: number) {
      if (bucket < floor || entries.has(id)) return false
      entries.set(id, { content, bucket })
      return true
    },
    expireBelow(bucket: number) {
      floor = Math.max(floor, bucket)
      return forget((other) => other < floor)
    },
    evictOldest() {
      const bucket = oldest()
      return forget((other) => other === bucket)
    },
    get size() {
      return entries.size
    },
    oldest,
  }
}

const steps = (ids: number): fc.Arbitrary<readonly Step[]> => {
  const id = fc.nat({ max: ids })
  const bucket = fc.integer({ min: -3, max: 12 })
  return fc.array(
    fc.oneof(
      { weight: 12, arbitrary: fc.record({ do: fc.constant('add' as const), id, content: fc.nat(9), bucket }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('find' as const), id }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), bucket }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('evict' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('store' as const) }) },
    ),
    { maxLength: 300, size: 'max' },
  )
}

function runAgainstModel(script: readonly Step[], fingerprintOf: (id: number) => Int32Array): void {
  let set: IdSet = createIdSet()
  const model = createModel()
  for (const step of script) {
    if (step.do === 'add') {
      const { id, content, bucket } = step
      expect(set.add(fingerprintOf(id), content, bucket)).toBe(model.add(id, content, bucket))
    } else if (step.do === 'find') expect(set.find(fingerprintOf(step.id))).toBe(model.find(step.id))
    else if (step.do === 'expire') expect(set.expireBelow(step.bucket)).toBe(model.expireBelow(step.bucket))
    else if (step.do === 'evict') expect(set.evictOldest()).toBe(model.evictOldest())
    else {
      const bytes = store(set)
      set = readIdSet(bytes)
      expect(Buffer.compare(store(set), bytes)).toBe(0)
    }
    expect(set.size).toBe(model.size)
    expect(set.oldestBucket).toBe(model.oldest())
  }
}

it('does what a map would, with ids that crowd', () => {
  fc.assert(fc.property(steps(200), (script) => runAgainstModel(script, crowdedFingerprint)))
})

it('does what a map would, with ids that spread', () => {
  fc.assert(fc.property(steps(40), (script) => runAgainstModel(script, spreadFingerprint)))
})

it('keeps ids whose fingerprints all end at the last slot', () => {
  const set = createIdSet()
  for (let id = 0; id < 500; id += 1) set.add(Int32Array.from([-1, -1, 0, id]), id, 0)
  for (let id = 0; id < 500; id += 1) expect(set.find(Int32Array.from([-1, -1, 0, id]))).toBe(id)
})

const randomFingerprint = createRandomFingerprints()
function createRandomFingerprints() {
  const random = createRandom(11)
  return () => Int32Array.from({ length: 4 }, () => random.next() * 4294967296)
}

it('returns the content unsigned', () => {
  const set = createIdSet()
  const fingerprint = randomFingerprint()
  set.add(fingerprint, 0xfffffffe, 0)
  expect(set.find(fingerprint)).toBe(0xfffffffe)
})

it('finds every id of the horizon and no other while windows pass, in steady memory', () => {
  const perBucket = 2_000
  const horizon = 5
  const set = createIdSet()
  const kept: Int32Array[][] = []
  const sizes: number[] = []
  for (let bucket = 0; bucket < 60; bucket += 1) {
    kept.push(Array.from({ length: perBucket }, randomFingerprint))
    kept[bucket]?.forEach((fingerprint, index) => set.add(fingerprint, index, bucket))
    set.expireBelow(bucket - horizon + 1)
    sizes.push(set.sizeBytes)
  }
  const countFound = (fingerprints: readonly Int32Array[]): number =>
    fingerprints.filter((fingerprint, index) => set.find(fingerprint) === index).length
  expect(set.size).toBe(perBucket * horizon)
  expect(kept.map(countFound)).toEqual(kept.map((_, bucket) => (bucket > 54 ? perBucket : 0)))
  expect(Math.max(...sizes.slice(30))).toBeLessThan(set.size * 80)
})

it('gives memory back after a burst', () => {
  const set = createIdSet()
  for (let index = 0; index < 60_000; index += 1) set.add(randomFingerprint(), 0, 0)
  const burst = set.sizeBytes
  for (let bucket = 1; bucket < 80; bucket += 1) {
    set.expireBelow(bucket)
    for (let index = 0; index < 1_000; index += 1) set.add(randomFingerprint(), 0, bucket)
  }
  expect(set.sizeBytes).toBeLessThan(burst / 4)
})

it('takes at most 48 bytes of memory for each of the most ids it may hold', () => {
  const most = 40_000
  const set = createIdSet()
  let worst = 0
  for (let index = 0; index < most * 4; index += 1) {
    if (set.size >= most) set.evictOldest()
    set.add(randomFingerprint(), index, Math.floor(index / (most / 11)))
    if (index % 100 === 0) worst = Math.max(worst, set.sizeBytes)
  }
  expect(worst).toBeLessThanOrEqual(most * 48)
  expect(readIdSet(store(set)).sizeBytes).toBeLessThanOrEqual(most * 48)
})

it('refuses bytes that are no id set', () => {
  const set = createIdSet()
  set.add(randomFingerprint(), 1, 2)
  const bytes = store(set)
  expect(() => readIdSet(new Uint8Array(0))).toThrow(RangeError)
  expect(() => readIdSet(bytes.subarray(0, bytes.length - 1))).toThrow(RangeError)
  expect(() => readIdSet(Uint8Array.from(bytes, (byte, index) => (index === 0 ? byte ^ 1 : byte)))).toThrow(RangeError)
})

it('reads bytes from anywhere in a buffer', () => {
  const set = createIdSet()
  const fingerprint = randomFingerprint()
  set.add(fingerprint, 9, 28_000_000)
  const framed = Buffer.concat([Buffer.from('abc'), store(set)]).subarray(3)
  expect(readIdSet(framed).find(fingerprint)).toBe(9)
})
