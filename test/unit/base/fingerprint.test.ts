import { expect, it } from 'vitest'
import { createFingerprint, fingerprintText, hashContent } from '../../../core/base/fingerprint.ts'
import { patternBytes } from './golden.ts'

const fingerprint = createFingerprint()
const readHex = (): string => Buffer.from(fingerprint.buffer).toString('hex')

/** From PyPI mmh3 5.3.1, `hash_bytes(text, seed, x64arch=False)` with seeds 0 and 7. */
const textVectors: readonly (readonly [string, string, string])[] = [
  ['', '00000000000000000000000000000000', '5ed8450d888984fb888984fb888984fb'],
  ['a', '3c9394a71bb056551bb056551bb05655', '74ec724570d64f9870d64f9870d64f98'],
  ['abc', 'd1c6cd75a506b0a2a506b0a2a506b0a2', '141a91a08cab69b48cab69b48cab69b4'],
  ['T0000001', '302a29b57a521d81d336db31d336db31', 'c3872d2e39fb36ede0b09e36e0b09e36'],
  ['123e4567-e89b-12d3-a456-426614174000', '50499adada0caf6547e3323e3ac952c8', 'cfc22d0f88383cc9f720dab79ba54db5'],
  ['x'.repeat(15), 'b543fa825b401c7893338d541b879d15', 'da32d1b7d208b6daae4faf249cf45b7d'],
  ['x'.repeat(16), '3de04b70dadd9287c0be2b0745c8779e', '8918997b93a3242b04302fe9ee67c416'],
  ['x'.repeat(17), '6c08a9f6d6a33f39464e828ad9cbd876', '36b5b5cd7baf5f8974ff7a7f66038218'],
  ['x'.repeat(64), '207e2ab32a4c0d263976b78772c8094f', '0a8a12e3e52e57a34ca969bdd7b1bd5b'],
  ['naïve café', 'e7c1924eb3e6aff52b54e9cafdb1e639', '6c6faa48c1447acbe867c4a74c1b821d'],
  ['你好', 'bd63f7cb81dc14cda2f447f8a2f447f8', '0f1298372323cc8f699f0ac9699f0ac9'],
  ['😀', '84fae2f0f2631470f2631470f2631470', '98a543f708cd0e1208cd0e1208cd0e12'],
]

/** From PyPI mmh3 5.3.1, `hash(pattern, 0, signed=False)`: length and hash. */
const contentVectors: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 1579843702],
  [2, 4101996963],
  [3, 3328613650],
  [4, 2399179545],
  [5, 296725826],
  [7, 545649965],
  [8, 4109149985],
  [31, 1666870425],
  [290, 660823670],
  [1000, 3931443490],
]

it.each(textVectors)('gives "%s" the fingerprint of the reference library', (text, seed0, seed7) => {
  fingerprintText(text, fingerprint)
  expect(readHex()).toBe(seed0)
  fingerprintText(text, fingerprint, 7)
  expect(readHex()).toBe(seed7)
})

it('does not depend on what was fingerprinted before', () => {
  fingerprintText('z'.repeat(5_000), fingerprint)
  fingerprintText('abc', fingerprint)
  expect(readHex()).toBe('d1c6cd75a506b0a2a506b0a2a506b0a2')
})

it('tells ids apart that differ in a lone surrogate only', () => {
  const found = ['a?', 'a\ud800', 'a\ud801', 'a\ufffd'].map((text) => {
    fingerprintText(text, fingerprint)
    return readHex()
  })
  expect(new Set(found).size).toBe(4)
})

it('hashes content as the reference library does, wherever it lies', () => {
  for (const [length, expected] of contentVectors) {
    const bytes = patternBytes(length)
    const framed = new Uint8Array(length + 20)
    framed.set(bytes, 13)
    expect(hashContent(bytes, 0, length)).toBe(expected)
    expect(hashContent(framed, 13, 13 + length)).toBe(expected)
    expect(hashContent(framed.subarray(5), 8, 8 + length)).toBe(expected)
  }
})
