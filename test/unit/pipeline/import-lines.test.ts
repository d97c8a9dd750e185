import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatEnvelope } from '../../../core/generator/ndjson.ts'
import { readBareLine, readEnvelopeLine } from '../../../core/pipeline/import-lines.ts'

const read = (line: string) => {
  const { topic, key, value } = readEnvelopeLine(Buffer.from(line))
  return { topic, key: key && Buffer.from(key).toString(), value: value && Buffer.from(value).toString() }
}
const sales = 'retail-transactions'

it('takes an object with the exact bytes it has in the line', () => {
  const value = '{ "a" : [1,{"value":"}"}] , "text":"\\"{" }'
  expect(read(`{"topic":"${sales}", "key":"7" ,"value" : ${value} }`)).toEqual({ topic: sales, key: '7', value })
})

it('takes text, bytes and tombstones', () => {
  expect(read(`{"topic":"${sales}","key":null,"text":"no \\u0041 json\\n"}`).value).toBe('no A json\n')
  expect(read(`{"topic":"${sales}","key":null,"base64":"AAEC"}`).value).toBe('\u0000\u0001\u0002')
  expect(read(`{"topic":"${sales}","key":"7","value":null}`)).toEqual({ topic: sales, key: '7', value: null })
})

it('keys a record without a key by its own field', () => {
  expect(read(`{"topic":"${sales}","value":{"store_id":12}}`).key).toBe('12')
  expect(read('{"topic":"customer-events","value":{"customer_id":"C1"}}').key).toBe('C1')
  expect(Buffer.from(readBareLine('inventory-updates', Buffer.from('{"product_id":"P1"}')).key ?? []).toString()).toBe(
    'P1',
  )
  expect(readBareLine(sales, Buffer.from('not json')).key).toBeNull()
})

it.each([
  ['', 'is no envelope'],
  ['[]', 'is no envelope'],
  ['{"topic":"nowhere","value":null}', 'names no known topic'],
  ['{"topic":"storepulse-readmissions","value":{}}', 'names no known topic'],
  [`{"topic":"${sales}","key":7,"value":null}`, 'has a key'],
  [`{"topic":"${sales}","key":"7"}`, 'must carry one of'],
  [`{"topic":"${sales}","key":"7","value":5}`, 'must carry one of'],
  [`{"topic":"${sales}","key":"7","value":null,"text":"x"}`, 'must carry one of'],
  [`{"topic":"${sales}","key":"7","base64":"A"}`, 'must carry one of'],
])('refuses the line %j', (line, message) => {
  expect(() => read(line)).toThrow(message)
})

it('gives back every record that was written as an envelope', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.jsonValue(), fc.boolean(), (bytes, json, isObject) => {
      const value = isObject ? Buffer.from(JSON.stringify({ x: json })) : Buffer.from(bytes)
      const record = { topic: sales, key: Buffer.from('1'), value } as const
      const again = readEnvelopeLine(Buffer.from(formatEnvelope(record)))
      expect(Buffer.from(again.value ?? []).equals(value)).toBe(true)
    }),
    { numRuns: 300 },
  )
})
