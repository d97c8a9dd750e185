import fc from 'fast-check'
import { expect, it } from 'vitest'
import { writeUtf8 } from '../../../core/base/utf8.ts'

const scratch = new Uint8Array(4_096)
const encode = (text: string, loneSurrogates: 'replaced' | 'kept'): Buffer =>
  Buffer.from(scratch.subarray(0, writeUtf8(text, scratch, loneSurrogates)))

it('writes well-formed text as the platform does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      expect(encode(text, 'replaced').equals(Buffer.from(text))).toBe(true)
      expect(encode(text, 'kept').equals(Buffer.from(text))).toBe(true)
    }),
  )
})

it('replaces a lone surrogate by a question mark', () => {
  expect(encode('a\ud800', 'replaced').toString()).toBe('a?')
  expect(encode('\udc00b', 'replaced').toString()).toBe('?b')
  expect(encode('\ud83d\ud83d\ude00', 'replaced').toString()).toBe('?😀')
  expect(encode(`${'x'.repeat(40)}\ud800`, 'replaced').toString()).toBe(`${'x'.repeat(40)}?`)
})

it('keeps lone surrogates apart from each other and from all else', () => {
  const anyUnits = fc.array(fc.constantFrom(0x3f, 0x61, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfffd), { maxLength: 4 })
  fc.assert(
    fc.property(anyUnits, anyUnits, (left, right) => {
      const one = String.fromCharCode(...left)
      const other = String.fromCharCode(...right)
      expect(encode(one, 'kept').equals(encode(other, 'kept'))).toBe(one === other)
    }),
  )
})
