import { expect, it } from 'vitest'
import { formatCsvLine, quoteCsv } from '../../../core/cli/csv.ts'
import { formatTable, makeLinesVisible } from '../../../core/cli/output.ts'
import { escapeUnseen } from '../../../core/base/logger.ts'
import { makeBrief, makeVisible } from '../../../core/protocol/visible-text.ts'
import { hostileTexts } from '../../support/hostile-texts.ts'

/** What a terminal acts upon, or nobody sees. */
const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}]/u

it.each(hostileTexts)('shows $name without anything that is acted upon or not seen', ({ text }) => {
  expect(makeVisible(text)).not.toMatch(unseen)
  expect(makeVisible(makeVisible(text))).toBe(makeVisible(text))
  const brief = makeBrief(text, 40)
  expect(brief).not.toMatch(unseen)
  expect(brief.length).toBeLessThanOrEqual(40 * 6)
})

it.each(hostileTexts)('writes $name as JSON of the same value', ({ text }) => {
  const line = makeVisible(JSON.stringify({ [text]: text }))
  expect(line).not.toMatch(unseen)
  expect(JSON.parse(line)).toEqual({ [text]: text })
  const logged = escapeUnseen(JSON.stringify({ msg: text }))
  expect(logged).not.toMatch(unseen)
  expect(JSON.parse(logged)).toEqual({ msg: text })
})

it.each(hostileTexts)('lays out $name in one line of a table, columns in place', ({ text }) => {
  const lines = formatTable(
    ['id', 'store'],
    [
      ['before', '1'],
      [text, '22'],
      ['after', '3'],
    ],
    [1],
  ).split('\n')
  expect(lines).toHaveLength(5)
  for (const line of lines) expect(line).not.toMatch(unseen)
  expect(lines[3]).toMatch(/\s22$/)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200 * 6)
})

it.each([
  ['plain', 'plain'],
  ['a\u202eb', 'a\\u202eb'],
  ['\u001b[31m', '\\u001b[31m'],
  ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
  ['\u{e0041}', '\\udb40\\udc41'],
  ['x\ud800', 'x\\ud800'],
  ['Łódź 東京 👍 שלום é', 'Łódź 東京 👍 שלום é'],
  ['\u3164\u115f\ufe0f', '\\u3164\\u115f\\ufe0f'],
])('spells out what is in %j', (text, shown) => {
  expect(makeVisible(text)).toBe(shown)
})

it('cuts between characters, and says so', () => {
  expect(makeBrief('abcdef', 6)).toBe('abcdef')
  expect(makeBrief('abcdefg', 6)).toBe('abcde…')
  expect(makeBrief('abcd👍👍👍', 6)).toBe('abcd…')
  expect(makeBrief('abc👍👍👍👍', 6)).toBe('abc👍…')
})

it('keeps the lines of a text of several', () => {
  expect(makeLinesVisible('a\u0007\nb\u202e')).toBe('a\\u0007\nb\\u202e')
})

/** Cells as a reader of RFC 4180 has them. */
function readCsvLine(line: string): readonly string[] {
  const cells = [...line.replace(/\r\n$/, '').matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)]
  return cells.map(([, quoted, plain]) => (quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"')))
}

it.each(hostileTexts)('writes $name into a CSV so that no spreadsheet takes it for a formula', ({ text }) => {
  const [before, cell, after, ...rest] = readCsvLine(formatCsvLine(['before', text, 7]))
  expect([before, after, rest]).toEqual(['before', '7', []])
  expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
  expect([text, `'${text}`]).toContain(cell)
})

it.each([
  ['=1+1', "'=1+1"],
  ['+1', '+1'],
  ['-12.50', '-12.50'],
  ['+49 30 1234', "'+49 30 1234"],
  ['-2+3', "'-2+3"],
  ['-', "'-"],
  ['@SUM(1)', "'@SUM(1)"],
  [' =1', "' =1"],
  ['\u200b=1', "'\u200b=1"],
  ['\u0000=1', "'\u0000=1"],
  ['＝1', "'＝1"],
  ['\ta', '"\'\ta"'],
  ['\ra', '"\'\ra"'],
  ['\na', '"\'\na"'],
  ['a=1', 'a=1'],
  ['a;=1', '"a;=1"'],
  ['a"b', '"a""b"'],
  ['a,b', '"a,b"'],
  ['12', '12'],
  ['', ''],
])('writes the cell %j as %j', (text, cell) => {
  expect(quoteCsv(text)).toBe(cell)
})

it('writes numbers, flags, nothing, lists and objects', () => {
  expect(formatCsvLine([1, -1, true, null, [1, '='], { a: '=' }])).toBe('1,-1,true,,"[1,""=""]","{""a"":""=""}"\r\n')
})

it('lays out as many rows as a query may have', () => {
  const rows = Array.from({ length: 200_000 }, (_, index) => [String(index)])
  expect(formatTable(['n'], rows, [0]).length).toBe(200_002 * 7 - 1)
})
