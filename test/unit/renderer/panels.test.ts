import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SettingView } from '../../../core/protocol/views.ts'
import { decodeBytes, dumpHex, readTextLines } from '../../../renderer/panels/quarantine/bytes.ts'
import { hostileTexts } from '../../support/hostile-texts.ts'
import { edit, findSettings, groupSettings, toSave } from '../../../renderer/panels/settings/edits.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const failing = (text: string, path: string): readonly string[] =>
  readTextLines(encode(text), path)
    .filter(({ isFailing }) => isFailing)
    .map((line) => line.text.trim())

it('marks the field that failed, with all that is in it', () => {
  const text = '{"a":1,"products":[{"id":"p","price":-3},{"price":{"x":2}}]}'
  expect(failing(text, '/products/0/price')).toEqual(['"price": -3'])
  expect(failing(text, '/products/1')).toEqual(['{', '"price": {', '"x": 2', '}', '}'])
  expect(failing(text, '')).toEqual([])
  expect(failing('{"a/b":1}', '/a~1b')).toEqual(['"a/b": 1'])
})

it('shows what is no JSON as it came', () => {
  expect(readTextLines(encode('{"a":\nx'), '')).toEqual([
    { text: '{"a":', isFailing: false },
    { text: 'x', isFailing: false },
  ])
})

it('writes JSON so that it reads back the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      const lines = readTextLines(encode(text), '').map((line) => line.text)
      expect(JSON.parse(lines.join('\n'))).toEqual(JSON.parse(text))
    }),
  )
})

it('shows JSON as it is written, not as it is parsed', () => {
  const lines = (text: string, path = '') => readTextLines(encode(text), path).map(({ text: line }) => line.trim())
  expect(lines('{"final_amount":1e400,"id":9007199254740993,"a":1,"a":-0}')).toEqual([
    '{',
    '"final_amount": 1e400,',
    '"id": 9007199254740993,',
    '"a": 1,',
    '"a": -0',
    '}',
  ])
  expect(failing('{"a":1,"a":[2],"__proto__":{"a":3}}', '/a')).toEqual(['"a": 1,', '"a": [', '2', '],'])
  expect(failing('{"a":{"b":1},"b":2}', '/b')).toEqual(['"b": 2'])
  expect(failing('[[1,2],[3,4]]', '/1/0')).toEqual(['3,'])
  expect(lines('{"a":[],"b":{},"c":[ ]}')).toEqual(['{', '"a": [],', '"b": {},', '"c": []', '}'])
  expect(lines('\ufeff{}')).toEqual(['\\ufeff{}'])
})

it.each([
  ['lists', `{"a":${'['.repeat(32_000)}${']'.repeat(32_000)}}`],
  ['objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ['members', `[${'0,'.repeat(32_000)}0]`],
  ['line feeds', '\n'.repeat(65_536)],
  ['one text', JSON.stringify('x'.repeat(65_000))],
  ['escapes', JSON.stringify('\\'.repeat(32_000))],
  ['half a record', `{"a":${'['.repeat(65_000)}`],
])('shows a record of very many %s at once, cut where it is too long', (_, text) => {
  const lines = readTextLines(encode(text), '/a/0')
  expect(lines.length).toBeLessThanOrEqual(2_001)
  if (lines.length > 1_000) expect(lines.at(-1)?.text).toBe('…')
  expect(Math.max(...lines.map((line) => line.text.length))).toBeLessThan(70_000)
})

it.each(hostileTexts)('spells out what is acted upon or not seen in $name', ({ text }) => {
  const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}]/u
  for (const written of [JSON.stringify({ [text]: text }), text, `{"a":"${text}`]) {
    for (const line of readTextLines(encode(written), '/a')) expect(line.text).not.toMatch(unseen)
  }
})

it('dumps bytes as hex and what of them is printable', () => {
  expect(dumpHex(decodeBytes(btoa('Storepulse\u0000\u00ff 0123456')))).toEqual([
    '000000  53 74 6f 72 65 70 75 6c 73 65 00 ff 20 30 31 32  Storepulse·· 012',
    '000010  33 34 35 36                                      3456',
  ])
})

const makeSetting = (name: string, parts: Partial<SettingView> = {}): SettingView => ({
  name,
  kind: 'number',
  choices: [],
  value: 3,
  default: 3,
  source: 'default',
  doc: `what ${name} is for`,
  needsRestart: false,
  ...parts,
})

it('forgets an edit that is typed back to what it was', () => {
  const setting = makeSetting('generator.rate')
  const edits = edit({}, setting, '5')
  expect(edits).toEqual({ 'generator.rate': '5' })
  expect(edit(edits, setting, '3')).toEqual({})
})

it('saves numbers as numbers, nonsense as it is, and a default by leaving it out of the file', () => {
  const settings = [makeSetting('a.x'), makeSetting('a.y'), makeSetting('a.z', { value: 7 }), makeSetting('a.w')]
  expect(toSave({ 'a.x': '12.5', 'a.y': 'nonsense', 'a.z': '3' }, settings)).toEqual({
    'a.x': 12.5,
    'a.y': 'nonsense',
    'a.z': null,
  })
})

it('finds settings by every word of the search, in name or purpose', () => {
  const settings = [makeSetting('window.sizeMs'), makeSetting('log.partitions', { doc: 'of a new log' })]
  expect(findSettings(settings, 'SIZE what').map(({ name }) => name)).toEqual(['window.sizeMs'])
  expect(findSettings(settings, '')).toHaveLength(2)
  expect([...groupSettings(settings).keys()]).toEqual(['window', 'log'])
})
