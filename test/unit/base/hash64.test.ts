import { expect, it } from 'vitest'
import { createHash64, hashBytes, hashInt, hashLong, hashText } from '../../../core/base/hash64.ts'
import { patternBytes, sparkGolden } from './golden.ts'

const hash = createHash64()
const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, '0')
const readHash = (): string => hex(hash.high) + hex(hash.low)

/** From the C library through PyPI xxhash 4.1.0: length of the pattern, then the hash with seeds 0, 42 and 2³² − 1. */
const vectors: readonly (readonly [number, string, string, string])[] = [
  [0, 'ef46db3751d8e999', '98b1582b0977e704', '39554c1e3db747e7'],
  [1, '1f25c8d0bc1f4bb6', '4d71bef0290052db', 'd6dd550988745a76'],
  [4, '9bb64b7d66ee9fda', 'bcb54295ab591e0d', '3dd2ee2143537c86'],
  [8, 'dab99d95c6f90092', '9fe8789ac2a1a649', '45a101b1a8ae8ab4'],
  [15, '1b47cb8243cc8e32', '77d83fcd7f3228dd', '53d75a2d27d2cdf2'],
  [31, 'a2aa5f33cc4a6119', '10ab8a7706d8ba37', '152e6eea7fa264ae'],
  [32, '23c3c17ef790fd97', '232e8071e826d4bf', 'dcf9e1bda62fda98'],
  [33, '50a7cfc7ba588784', '9d08407e35697b1f', '2c73fc526e418e31'],
  [64, '0eb64b3ef6eeb01f', 'df21b2dd545076e0', 'c20fcc3e90407c0a'],
  [100, 'a61f8d4c170fe531', '7dd00be8513c25a2', '7d3c6044e7aac1f9'],
  [1000, '5f235fa033f1a3fb', 'd776e8028586ff61', '279a6db37d2d23af'],
  [5000, '9a8d831c04aa8b1d', '7cbafb6a94a5b604', 'a32242e8d674b65b'],
]

it.each(vectors)('hashes %i bytes as the reference library does', (length, seed0, seed42, seedMax) => {
  const bytes = patternBytes(length)
  const found = [0, 42, 0xffffffff].map((seed) => {
    hashBytes(bytes, hash, seed)
    return readHash()
  })
  expect(found).toEqual([seed0, seed42, seedMax])
})

it('hashes a view in the middle of a buffer like the same bytes alone', () => {
  const framed = new Uint8Array(200)
  framed.set(patternBytes(100), 37)
  hashBytes(framed.subarray(37, 137), hash)
  expect(readHash()).toBe('7dd00be8513c25a2')
})

it("hashes text of every script as Spark's xxhash64 does", () => {
  const found = sparkGolden.texts.values.map((text) => {
    hashText(text, hash)
    return readHash()
  })
  expect(found).toEqual(sparkGolden.texts.hashes)
})

it('hashes text longer than its buffer like its bytes', () => {
  const text = 'naïve 😀 café '.repeat(500)
  hashText(text, hash)
  const ofText = readHash()
  hashBytes(new TextEncoder().encode(text), hash)
  expect(ofText).toBe(readHash())
})

it('takes a lone surrogate for a question mark like Spark', () => {
  for (const [escaped, expected] of sparkGolden.loneSurrogates) {
    hashText(JSON.parse(`"${escaped}"`) as string, hash)
    expect(readHash()).toBe(expected)
  }
})

it('hashes integers as Spark hashes integer columns', () => {
  for (const [value, expected] of sparkGolden.ints) {
    hashInt(value, hash)
    expect(readHash()).toBe(expected)
  }
})

it('hashes longs as Spark hashes long columns', () => {
  for (const [value, expected] of sparkGolden.longs) {
    hashLong(Number.parseInt(value.slice(0, 8), 16), Number.parseInt(value.slice(8), 16), hash)
    expect(readHash()).toBe(expected)
  }
})
