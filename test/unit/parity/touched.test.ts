import { expect, it } from 'vitest'
import { createPlaceReader } from '../../../core/parity/touched.ts'

const read = createPlaceReader('UTC')
const at = Date.UTC(2025, 0, 6, 10)

it.each<readonly [text: string, expected: readonly unknown[]]>([
  ['{"store_id":7,"event_time":"2025-01-06T10:00:00Z"}', [{ storeId: 7, eventTimeMs: at }]],
  ['{"store_id":"007","timestamp":"2025-01-06 10:00:00"}', [{ storeId: 7, eventTimeMs: at }]],
  [`{"store_id":7,"event_time":${at}}`, [{ storeId: 7, eventTimeMs: at }]],
  [`{"store_id":7,"event_time":${at / 1_000}}`, [{ storeId: 7, eventTimeMs: at }]],
  ['{"event_time":"2025-01-06T10:00:00Z"}', [{ storeId: null, eventTimeMs: at }]],
  [`{"store_id":7,"event_time":"2025-01-06T10:00:00Z","timestamp":${at}}`, [{ storeId: 7, eventTimeMs: at }]],
  ['{"store_id":7}', []],
  ['{"store_id":7,"event_time":"soon"}', []],
  ['[1]', []],
  ['null', []],
  ['{', []],
  ['', []],
])('reads where %j would count for others', (text, expected) => {
  expect(read(Buffer.from(text))).toEqual(expected)
})
