import type { Random } from '../../../core/base/random.ts'
import { hostileTexts } from '../hostile-texts.ts'

/** What mutations are made of. */

export function pick<Item>(items: readonly Item[], random: Random): Item {
  const item = items[random.nextInt(items.length)]
  if (item === undefined) throw new Error('there is nothing to pick from')
  return item
}

/** Names that some record's field has, and names that nearly are one. */
export const fieldNames: readonly string[] = [
  'transaction_id txn_id store_id customer_id event_time timestamp final_amount amount products subtotal discount tax',
  'payment_method kind event_id event_type demographics behavior update_id product_id warehouse quantity change reason',
  'reorder_point name category unit_price age_group gender city loyalty_tier page session_id duration_ms note',
  '__proto__ constructor prototype toString Kind STORE_ID storeId',
]
  .flatMap((names) => names.split(' '))
  .concat('', ' ', 'kind ', 'stоre_id', 'event_time\u0000')

const numbers = [
  '0 -0 1 -1 7 7.0 7e0 1.5 0.005 -0.005 1.005 2.675 12.345 1e2 1E+2 1e-7 1e8 -1e8 99999999.99 99999999.994 99999999.995',
  '2147483647 2147483648 9007199254740991 9007199254740992 9007199254740993 1e15 999999999999999 1e21 1e300 1e308 1e309',
  '1e400 -1e400 1e-400 5e-324 123456789012345678901234567890 0.1 0.30000000000000004 946684799999 946684800000',
  '1736157600 1736157600000 1736157600000.5 1736157600000000 4102444799999 4102444800000 01 +1 .5 5. 1e 0x10 NaN -',
].flatMap((line) => line.split(' '))

const times = [
  '2025-01-06',
  '2025-01-06T10:00',
  '2025-01-06T10:00:00',
  '2025-01-06T10:00:00,5+0530',
  '2025-01-06T10:00:00.123456789Z',
  '2025-01-06t10:00:00z',
  '2025-01-06T09:59:59-00:00',
  '2025-01-06T24:00:00Z',
  '2016-12-31T23:59:60Z',
  '2025-02-29T00:00:00Z',
  '2024-02-29T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+00:01',
  '1970-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '9999-12-31T23:59:59-00:01',
  '2025-01-06 10:00:00',
  '20250106T100000Z',
  '2025-W02-1',
  'now',
]

const words = [
  ['card', 'cash', 'mobile', 'gift_card', 'sale', 'refund', 'visit', 'view', 'add_to_cart', 'checkout', 'purchase'],
  ['restock', 'shrinkage', 'transfer', 'Card', 'cheque', '', ' ', '7', '07', '-7', '2147483648', '12.50', '-3', '1e2'],
  ['1e99', 'NaN', '-Infinity', '12,50', '1,234.56', '$12.50', '99999999.995', '1.005', '١٢', '+0012.5', '0x10', 'null'],
].flat()

const literals = [
  'null',
  'true',
  'false',
  '[]',
  '{}',
  '[null]',
  '[{}]',
  '[[]]',
  '{"a":1}',
  '[1,"x",{}]',
  'undefined',
  '',
]

/** JSON of a value that some field may have and others may not; now and then of none. */
export function pickJson(random: Random): string {
  const kind = random.nextInt(10)
  if (kind < 3) return pick(numbers, random)
  if (kind < 5) return JSON.stringify(pick(words, random))
  if (kind < 6) return JSON.stringify(pick(times, random))
  if (kind < 7) return JSON.stringify(pick(hostileTexts, random).text)
  return pick(literals, random)
}

/** Bytes that mean something in JSON, in UTF-8 or to a decoder of frames. */
export const tokens: readonly Buffer[] = '{}[]",:.-+059eEtfnuZz\\/ \n\t\r\0'
  .split('')
  .concat(
    '\\u0000',
    '\\ud800',
    '\\u0061',
    '\\"',
    '\\x',
    '""',
    '{}',
    '[]',
    'null',
    'true',
    '1e999',
    '"tax":"x",',
    '{"a":',
  )
  .concat('"kind":"refund",', '"amount":1,', '"__proto__":{},', '\u00a0', '\u2028', '\ufeff', 'é', '€', '🛒', '\ufffd')
  .map((text) => Buffer.from(text))
  .concat(
    ['c0af', 'c080', 'eda080', 'f4908080', 'e08080', 'c3', 'e282', 'f09f9b', 'ff', '80', '0000000001', '1f8b08'].map(
      (hex) => Buffer.from(hex, 'hex'),
    ),
  )
