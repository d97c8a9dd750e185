import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeNdjson, formatBare, formatEnvelope } from '../../../core/generator/ndjson.ts'
import { onTopic, optionsWith, takeRecords } from './run.ts'

const record = (value: Uint8Array | string | null, key: string | null = '3') => ({
  topic: 'retail-transactions' as const,
  key: key === null ? null : Buffer.from(key),
  value: typeof value === 'string' ? Buffer.from(value) : value,
})

const head = '{"topic":"retail-transactions","key":"3",'

it('puts an object on one line into the envelope byte for byte', () => {
  expect(formatEnvelope(record('{"a": 1.50,\t"b":"é\\u00e9"}'))).toBe(`${head}"value":{"a": 1.50,\t"b":"é\\u00e9"}}`)
})

it('writes a tombstone and a record without a key as null', () => {
  expect(formatEnvelope(record(null, null))).toBe('{"topic":"retail-transactions","key":null,"value":null}')
})

it('writes other text as a JSON string', () => {
  for (const text of [
    '',
    '[1]',
    '17',
    '{"a":1',
    '{"a":1} ',
    ' {"a":1}',
    '{"a":\n1}',
    '{"a":1}\r',
    'say "hi"',
    '\0\0\0\0\u0005x',
    '\uFFFD',
  ]) {
    expect(formatEnvelope(record(text))).toBe(`${head}"text":${JSON.stringify(text)}}`)
  }
})

it('writes bytes that are no text as base64', () => {
  expect(formatEnvelope(record(Uint8Array.of(0x7b, 0xff, 0x7d)))).toBe(`${head}"base64":"e/99"}`)
})

it('makes one line of JSON from any bytes, from which they can be read again', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      fc.string({ unit: 'grapheme' }),
      (value, key) => {
        const line = formatEnvelope(record(value, key))
        expect(line).not.toContain('\n')
        const envelope = JSON.parse(line) as Record<string, unknown>
        expect(envelope['key']).toBe(key)
        const text = envelope['text']
        const base64 = envelope['base64']
        const again =
          typeof text === 'string'
            ? Buffer.from(text)
            : typeof base64 === 'string'
              ? Buffer.from(base64, 'base64')
              : Buffer.from(line.slice(line.indexOf('"value":') + 8, -1))
        expect(again).toEqual(Buffer.from(value))
      },
    ),
  )
})

it('writes bare values as they are, invalid ones included, one a line', () => {
  const records = onTopic(takeRecords(optionsWith({ disorder: { invalid: 0.5 } }), 900), 'retail-transactions')
  const bytes = encodeNdjson(records, 'bare')
  const lines: Buffer[] = []
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start)
    lines.push(bytes.subarray(start, end))
    start = end + 1
  }
  expect(lines.map((line) => line.toString('hex'))).toEqual(
    records.map(({ value }) => Buffer.from(value ?? []).toString('hex')),
  )
})

it('ends every envelope with a line feed', () => {
  const records = takeRecords(optionsWith({ disorder: { invalid: 0.5 } }), 300)
  const lines = encodeNdjson(records, 'envelope').toString().split('\n')
  expect(lines).toHaveLength(301)
  expect(lines.at(-1)).toBe('')
  expect(lines.slice(0, -1)).toEqual(records.map(formatEnvelope))
})

it('refuses a bare value that is not one line', () => {
  for (const value of [null, '', '{\n}', '{}\r']) {
    expect(() => formatBare(record(value))).toThrow('a record of retail-transactions has a value that is not one line')
  }
})
