import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createFormats, readCents } from '../../../renderer/format/formats.ts'

const english = createFormats({ locale: 'en-US', zone: 'Europe/Oslo', currency: 'USD' })
const german = createFormats({ locale: 'de-DE', zone: 'Asia/Kathmandu', currency: 'EUR' })
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

it.each([
  [5_827_123, '$58,271'],
  [10_000, '$100'],
  [9_999, '$99.99'],
  [0, '$0'],
  [-12_345_600, '-$123,456'],
])('writes %d cents as %s', (cents, text) => {
  expect(english.money(cents)).toBe(text)
})

it('writes money in the locale and the display currency', () => {
  expect(plain(german.moneyExact(123_456))).toBe('1.234,56 €')
  expect(english.moneyShort(124_000)).toBe('$1.2K')
  expect(english.moneyFit(99_999_900, 1_000_000)).toBe('$999,999')
  expect(english.moneyFit(735_680_000, 1_000_000)).toBe('$7.36M')
})

it('writes a currency that is none before the amount', () => {
  const odd = createFormats({ locale: 'en-US', zone: 'UTC', currency: 'A1' })
  expect(odd.moneyExact(1_050)).toBe('A1 10.50')
})

it.each([
  [0, '0 ms'],
  [0.42, '0.4 ms'],
  [63.4, '63 ms'],
  [1_240, '1.2 s'],
  [7_000, '7 s'],
  [74_000, '74 s'],
  [540_000, '9 min'],
  [12_600_000, '3.5 h'],
  [259_200_000, '3 d'],
])('writes %d ms as %s', (ms, text) => {
  expect(plain(english.duration(ms))).toBe(text)
})

it('writes every length of time with one unit and no surprise', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (ms) => {
      expect(plain(english.duration(ms))).toMatch(/^[\d,]+(\.\d)? (ms|s|min|h|d)$/)
    }),
  )
})

it.each([
  [118, 100, '+18.0%'],
  [98.6, 100, '−1.4%'],
  [100, 100, '0.0%'],
  [5, 0, null],
  [5, null, null],
] as const)('says how %d lies to %s', (value, compared, text) => {
  expect(english.change(value, compared)).toBe(text)
})

it('writes instants in the viewer’s zone, and in UTC on demand', () => {
  const atMs = Date.parse('2026-11-22T13:22:31Z')
  expect(english.time(atMs)).toBe('14:22:31')
  expect(english.minute(Date.parse('2026-11-22T23:05:00Z'))).toBe('00:05')
  expect(german.minute(atMs)).toBe('19:07')
  expect(english.utc(atMs)).toBe('2026-11-22 13:22:31 UTC')
})

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [75_200_000, '75.2 MB'],
  [18_000, '18 kB'],
  [4e15, '4,000 TB'],
])('writes %d bytes as %s', (bytes, text) => {
  expect(plain(english.bytes(bytes))).toBe(text)
})

it('writes counts whole, rates with a decimal while small, shares with as many as asked', () => {
  expect(english.count(1_234_567)).toBe('1,234,567')
  expect(english.countShort(9_999)).toBe('9,999')
  expect(english.countShort(259_300)).toBe('259.3K')
  expect(english.rate(20.23)).toBe('20.2')
  expect(english.rate(10_000)).toBe('10,000')
  expect(english.percent(0.99891, 2)).toBe('99.89%')
})

it('reads a decimal text as cents', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e11, max: 1e11 }), (cents) => {
      expect(readCents((cents / 100).toFixed(2))).toBe(cents)
    }),
  )
})
