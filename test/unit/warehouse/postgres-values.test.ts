import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseArray } from '../../../core/warehouse/postgres/array-text.ts'
import { findCellType, formatTimestamp } from '../../../core/warehouse/postgres/cell.ts'
import {
  bytesList,
  flagList,
  literal,
  moneyList,
  numberList,
  textList,
} from '../../../core/warehouse/postgres/parameter.ts'
import { decodeText, encodeText, readRow } from '../../../core/warehouse/postgres/row.ts'

const asText = (text: string | null): string | null => text

it('writes lists as the server reads them', () => {
  expect(numberList([1, null, -3n])).toBe('{1,NULL,-3}')
  expect(flagList([true, false])).toBe('{t,f}')
  expect(moneyList([250n, null, -1n])).toBe('{250e-2,NULL,-1e-2}')
  expect(textList(['a"b\\c', '', null])).toBe('{"a\\"b\\\\c","",NULL}')
  expect(bytesList([Uint8Array.of(0, 255), null])).toBe('{"\\\\x00ff",NULL}')
})

it('reads back every list of texts it has written', () => {
  const texts = fc.array(fc.option(fc.string({ unit: 'binary' }).filter((text) => !text.includes('\u0000'))))
  fc.assert(
    fc.property(texts, (values) => {
      const read = parseArray(String(textList(values)), asText)
      expect(read.map((value) => (typeof value === 'string' ? decodeText(value) : value))).toEqual(values)
    }),
  )
})

it('reads lists in lists, bounds in front left out', () => {
  expect(parseArray('[0:1][1:2]={{1,2},{NULL,"}"}}', asText)).toEqual([
    ['1', '2'],
    [null, '}'],
  ])
  expect(parseArray('{}', asText)).toEqual([])
})

it.each(['', 'a', '{1', '{"a}', '1}'])('refuses %j, which is no list', (text) => {
  expect(() => parseArray(text, asText)).toThrow('a list that the server sent cannot be read')
})

it('reads an element of ten megabytes, escapes in it or not', () => {
  for (const text of ['x'.repeat(10_000_000), '\\'.repeat(1_000_000)]) {
    expect(parseArray(String(textList([text, 'y'])), (element) => element)).toEqual([text, 'y'])
  }
})

it('keeps texts that PostgreSQL has no sign for', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('\u0000', '\u2400', '0', '1', 'a') }), (text) => {
      expect(encodeText(text)).not.toContain('\u0000')
      expect(decodeText(encodeText(text))).toBe(text)
    }),
  )
  expect(encodeText('usual')).toBe('usual')
})

it('quotes what goes into a statement', () => {
  expect(literal("o'clock")).toBe("'o''clock'")
  expect(literal("a\\'; DROP")).toBe(" E'a\\\\''; DROP'")
})

it.each([
  ['2025-01-06 12:34:56', '2025-01-06T12:34:56.000Z'],
  ['2025-01-06 12:34:56.7', '2025-01-06T12:34:56.700Z'],
  ['2025-01-06 12:34:56.789012', '2025-01-06T12:34:56.789012Z'],
  ['2025-01-06 12:34:56.789+00', '2025-01-06T12:34:56.789Z'],
  ['infinity', 'infinity'],
  ['0044-03-15 12:00:00 BC', '0044-03-15 12:00:00 BC'],
])('writes the timestamp %s as %s', (text, wanted) => {
  expect(formatTimestamp(text)).toBe(wanted)
})

it('names decimals with their size, and lists by their elements', () => {
  const sized = ((12 << 16) | 2) + 4
  expect(findCellType(1700, sized).name).toBe('DECIMAL(12,2)')
  expect(findCellType(1700, -1).name).toBe('DECIMAL')
  expect(findCellType(1016, -1).name).toBe('BIGINT[]')
  expect(findCellType(1016, -1).read('{1,NULL}')).toEqual(['1', null])
  expect(findCellType(999_999, -1)).toMatchObject({ name: 'VARCHAR' })
})

it('reads a value only as what it is', () => {
  const row = readRow(['12', null, '9007199254740993', 't', '\\x00ff', '1.5'])
  expect([row.number(0), row.numberOrNull(1), row.bigint(2), row.flag(3), row.realOrNull(5)]).toEqual([
    12,
    null,
    9_007_199_254_740_993n,
    true,
    1.5,
  ])
  expect([...row.bytes(4)]).toEqual([0, 255])
  expect(() => row.number(2)).toThrow('column 2 of a result should be a safe integer')
  expect(() => row.number(1)).toThrow('column 1 of a result should be a number')
  expect(() => row.text(9)).toThrow('column 9 of a result should be text')
  expect(() => row.bytes(0)).toThrow('column 0 of a result should be bytes in hexadecimal')
})
