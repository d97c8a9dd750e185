import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Amount, readAmount } from '../../../core/events/amount.ts'

/** Half away from zero on the exact decimal, by whole-number arithmetic. */
function roundExactly(text: string): Amount | 'bad_amount' {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().replace(/^[+-]/, '').split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const shift = Number(exponent) - fraction.length + 2
  const digits = BigInt(whole + fraction)
  const scaled = digits * 10n * (shift >= 0 ? 10n ** BigInt(shift) : 1n)
  const divisor = shift >= 0 ? 10n : 10n * 10n ** BigInt(-shift)
  const cents = (scaled * 2n + divisor) / (divisor * 2n)
  if (cents >= 10_000_000_000n) return 'bad_amount'
  const sign = digits === 0n ? 0 : text.startsWith('-') ? -1 : 1
  return { cents: Number(cents) * sign + 0, sign, rounded: scaled % divisor !== 0n }
}

const sized = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true, min: -2e8, max: 2e8 }),
  fc.integer({ min: -11_000_000_000, max: 11_000_000_000 }).map((cents) => cents / 100),
  fc.integer({ min: -100_000_000, max: 100_000_000 }).map((tenths) => tenths / 1_000),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => value / 1_000 + 99_999_999),
)

it('rounds a number on the shortest decimal that round-trips it', () => {
  fc.assert(
    fc.property(sized, (value) => {
      expect(readAmount(value)).toStrictEqual(roundExactly(String(value)))
    }),
    { numRuns: 8_000 },
  )
})

it('rounds a text on the decimal it spells', () => {
  const text = fc
    .tuple(
      fc.constantFrom('', '+', '-'),
      fc.stringMatching(/^\d{1,10}$/),
      fc.option(fc.stringMatching(/^\d{1,25}$/)),
      fc.option(fc.integer({ min: -30, max: 9 })),
    )
    .map(([sign, whole, fraction, exponent]) => {
      const point = fraction === null ? '' : `.${fraction}`
      return `${sign}${whole}${point}${exponent === null ? '' : `e${exponent}`}`
    })
  fc.assert(
    fc.property(text, (value) => {
      expect(readAmount(value)).toStrictEqual(roundExactly(value))
    }),
    { numRuns: 4_000 },
  )
})

it('gives every number of whole cents as those cents', () => {
  fc.assert(
    fc.property(fc.integer({ min: -9_999_999_999, max: 9_999_999_999 }), (cents) => {
      expect(readAmount(cents / 100)).toStrictEqual({ cents, sign: Math.sign(cents), rounded: false })
      expect(readAmount((cents / 100).toFixed(2))).toStrictEqual({ cents, sign: Math.sign(cents), rounded: false })
    }),
    { numRuns: 4_000 },
  )
})

it.each([
  [1.005, 101, true],
  [2.675, 268, true],
  [1.115, 112, true],
  [-1.005, -101, true],
  [0.285, 29, true],
  [8.345, 835, true],
  [1.0049999, 100, true],
  [5e-324, 0, true],
  ['0.00499999999999999999999', 0, true],
  ['12.340', 1234, false],
  ['1E2', 10_000, false],
  ['1e-2', 1, false],
  ['0e999999999999999999999', 0, false],
  ['00000000000000000000001', 100, false],
])('reads %s as %i cents', (value, cents, rounded) => {
  expect(readAmount(value)).toMatchObject({ cents, rounded })
})

it('takes negative zero, however it is spelt, for zero', () => {
  for (const value of [-0, '-0', '-0.00', -0.004, '-0.004', '-1e-99']) {
    expect(readAmount(value)).toHaveProperty('cents', 0)
  }
})

it('refuses what is not finite or too large, and what is no amount', () => {
  for (const value of [Infinity, -Infinity, NaN, 1e8, -1e8, 1e300, 'NaN', '1e8', '1e400']) {
    expect(readAmount(value)).toBe('bad_amount')
  }
  for (const value of [
    '',
    '-',
    '1 ',
    '1,5',
    '.5',
    '5.',
    'inf',
    'nan',
    '+Infinity',
    '1e',
    '1e1.5',
    '0b1',
    null,
    true,
    [],
    {},
  ]) {
    expect(readAmount(value)).toBe('wrong_type')
  }
})
