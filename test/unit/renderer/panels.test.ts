import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SettingView } from '../../../core/protocol/views.ts'
import { decodeBytes, dumpHex, readTextLines } from '../../../renderer/panels/quarantine/bytes.ts'
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
