import { expect, it } from 'vitest'
import { createHash64 } from '../../../core/base/hash64.ts'
import { chooseCustomerHash } from '../../../core/parity/customer-hash.ts'
import { sparkGolden } from '../base/golden.ts'

const hash = createHash64()
const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, '0')
const hashOf = (type: 'string' | 'int' | 'long', text: string): string | null =>
  chooseCustomerHash(type)(text, hash) ? hex(hash.high) + hex(hash.low) : null

it('hashes integers as Spark hashes columns of them', () => {
  for (const [value, expected] of sparkGolden.ints) expect(hashOf('int', String(value))).toBe(expected)
  for (const [value, expected] of sparkGolden.longs) {
    expect(hashOf('long', String(BigInt.asIntN(64, BigInt(`0x${value}`))))).toBe(expected)
  }
})

it('hashes texts as Spark does', () => {
  for (const [index, text] of sparkGolden.texts.values.entries()) {
    expect(hashOf('string', text)).toBe(sparkGolden.texts.hashes[index])
  }
})

it.each(['', 'C1', '1.5', '0x1', '1e3', ' ', '2147483648', '-2147483649'])('takes %j for null as an int', (text) => {
  expect(hashOf('int', text)).toBe(null)
})

it('takes what 64 bits cannot hold for null as a long', () => {
  expect(hashOf('long', '9223372036854775807')).not.toBe(null)
  expect([hashOf('long', '9223372036854775808'), hashOf('long', '-9223372036854775809')]).toEqual([null, null])
})

it('reads 007 and +7 as the integer 7', () => {
  expect([hashOf('int', '007'), hashOf('int', '+7'), hashOf('long', '-0')]).toEqual([
    hashOf('int', '7'),
    hashOf('int', '7'),
    hashOf('long', '0'),
  ])
})
