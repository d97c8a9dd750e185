import fc from 'fast-check'
import { expect, it } from 'vitest'
import { maxValueBytes, readText } from '../../../core/events/text.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decodeStrictly(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return 'not_utf8'
  }
}

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 3 }),
  fc
    .constantFrom('efbbbf', 'efbfbd', 'eda080', 'c0af', 'f0808080', 'f4908080', 'e282', 'f09f9b', '00', '61')
    .map((hex) => Buffer.from(hex, 'hex')),
)

it('takes exactly what a strict decoder takes, and reads the same text', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
      const bytes = Buffer.concat([Buffer.from('x'), ...pieces, Buffer.from('é"')])
      const read = readText(bytes, 1, bytes.length - 3)
      const framed = bytes.length > 4 && bytes[1] === 0
      const text = decodeStrictly(bytes.subarray(framed ? Math.min(6, bytes.length - 3) : 1, bytes.length - 3))
      expect(read).toStrictEqual(text === 'not_utf8' ? text : { text, framed })
    }),
    { numRuns: 5_000 },
  )
})

it('looks at nothing that is too large', () => {
  const bytes = Buffer.alloc(maxValueBytes + 2, 0xff)
  expect(readText(bytes, 0, maxValueBytes)).toBe('not_utf8')
  expect(readText(bytes, 1, maxValueBytes + 2)).toBe('too_large')
})
