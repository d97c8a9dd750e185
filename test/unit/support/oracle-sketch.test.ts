import { expect, it } from 'vitest'
import { createHash64, hashText } from '../../../core/base/hash64.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { estimatePlainly, hashSlowly, readStoredRegisters, registersOf } from '../../support/oracle-sketch.ts'
import { patternBytes, sparkGolden } from '../base/golden.ts'

const hex = (hash: bigint): string => hash.toString(16).padStart(16, '0')
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** From the C library: length of the pattern, the hash with seed 42. */
const vectors: readonly (readonly [number, string])[] = [
  [0, '98b1582b0977e704'],
  [1, '4d71bef0290052db'],
  [4, 'bcb54295ab591e0d'],
  [8, '9fe8789ac2a1a649'],
  [15, '77d83fcd7f3228dd'],
  [31, '10ab8a7706d8ba37'],
  [32, '232e8071e826d4bf'],
  [33, '9d08407e35697b1f'],
  [100, '7dd00be8513c25a2'],
  [1000, 'd776e8028586ff61'],
]

it('hashes as the reference library and Spark do', () => {
  expect(vectors.map(([length]) => hex(hashSlowly(patternBytes(length))))).toEqual(vectors.map(([, hash]) => hash))
  expect(sparkGolden.texts.values.map((text) => hex(hashSlowly(utf8(text))))).toEqual(sparkGolden.texts.hashes)
})

function* makeIds(count: number): Iterable<string> {
  for (let index = 0; index < count; index += 1) yield `C${String(index).padStart(6, '0')}`
}

it('sets the registers that explain the estimates of Spark', () => {
  const counts = sparkGolden.counts.filter(([count]) => count <= 10_000)
  const explained = counts.filter(([count, estimate]) => {
    const found = estimatePlainly(registersOf(makeIds(count)))
    expect([null, estimate]).toContain(found)
    return found !== null
  })
  expect(explained.length).toBeGreaterThan(9)
  expect(estimatePlainly(registersOf(sparkGolden.texts.values))).toBe(sparkGolden.texts.estimate)
})

it("reads Spark's own words", () => {
  for (const { words, estimate } of sparkGolden.registers) {
    const stored = Buffer.from(`01${words}`, 'hex')
    for (let at = 1; at < stored.length; at += 8) stored.subarray(at, at + 8).reverse()
    expect([null, estimate]).toContain(estimatePlainly(readStoredRegisters(stored)))
  }
})

it('finds in what the engine stores the registers it computes itself, in either form', () => {
  const hash = createHash64()
  const odd = ['', '\ud800', 'x\udc00y', '\ud83d\ud83d\ude00', '😀', '\u0000', '\ufffd']
  for (const count of [0, 1, 32, 33, 206, 207, 300, 3_000]) {
    const customers = [...odd, ...makeIds(count)]
    const sketch = windowSketch.create()
    for (const customer of customers) {
      hashText(customer, hash)
      sketch.addHash(hash.high, hash.low)
    }
    expect(readStoredRegisters(sketch.toBytes())).toEqual(registersOf(customers))
  }
  expect(readStoredRegisters(windowSketch.create().toBytes())).toEqual(registersOf([]))
})

it('refuses bytes that are no sketch', () => {
  for (const bytes of [[], [0], [0, 1, 65], [2, 0, 0], [1, 2, 3]]) {
    expect(() => readStoredRegisters(Uint8Array.from(bytes))).toThrow(RangeError)
  }
})
