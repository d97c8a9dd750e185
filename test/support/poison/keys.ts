import {
  type Poison,
  counted,
  inSales,
  json,
  rejection,
  saleFields,
  saleOf,
  saleWith,
  without,
  eventTimeMs,
} from './record.ts'

/** Keys: inherited names, repetitions, escapes, aliases. */
export const keys: readonly Poison[] = [
  inSales(
    '__proto__ with all fields',
    `{"__proto__":${json(saleFields)}}`,
    rejection('missing_field', '/transaction_id'),
  ),
  inSales('__proto__ beside them', `{"__proto__":{"kind":"refund"},${json(saleFields).slice(1)}`, counted()),
  inSales('__proto__ as text', `{"__proto__":"x",${json(saleFields).slice(1)}`, counted()),
  inSales(
    '__proto__ in an inner object',
    saleWith('products', '[{"__proto__":{"quantity":0},"quantity":1}]'),
    counted(),
  ),
  inSales('constructor.prototype', json(saleFields, { constructor: { prototype: { kind: 'refund' } } }), counted()),
  inSales(
    'only inherited names',
    '{"toString":1,"valueOf":2,"hasOwnProperty":3}',
    rejection('missing_field', '/transaction_id'),
  ),
  inSales('a key of 100,000 characters', json(saleFields, { ['k'.repeat(100_000)]: 1 }), counted()),
  inSales(
    '10,000 keys nobody knows',
    json(saleFields, Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, index]))),
    counted(),
  ),
  inSales(
    '10,000 times the same key',
    `${json(saleFields).slice(0, -1)}${',"kind":"sale"'.repeat(10_000)}}`,
    counted(),
  ),
  inSales('a key with a NUL', json(saleFields, { 'store_id\u0000': 9 }), counted()),
  inSales('a key with a space behind it', json(saleFields, { 'kind ': 'refund' }), counted()),
  inSales(
    'a key in letters that look the same',
    json(without(saleFields, 'store_id'), { stоre_id: 7 }),
    rejection('missing_field', '/store_id'),
  ),
  inSales(
    'camel case',
    json(without(saleFields, 'transaction_id'), { transactionId: 'T' }),
    rejection('missing_field', '/transaction_id'),
  ),
  inSales(
    'constructor and toString',
    json(saleFields, { constructor: 1, toString: null, hasOwnProperty: [] }),
    counted(),
  ),
  inSales('a repeated amount', `{"final_amount":"x",${json(saleFields).slice(1)}`, counted()),
  inSales(
    'a repeated amount, the last one wrong',
    `${json(saleFields).slice(0, -1)},"final_amount":true}`,
    rejection('wrong_type', '/final_amount'),
  ),
  inSales('a repeated store', `${json(saleFields).slice(0, -1)},"store_id":8}`, counted({ storeId: 8 })),
  inSales(
    'a repeated id, the last one null',
    `${json(saleFields).slice(0, -1)},"customer_id":null}`,
    rejection('missing_field', '/customer_id'),
  ),
  inSales('a key with an escape', json(saleFields).replace('"store_id"', '"store\\u005fid"'), counted()),
  inSales(
    'a wrong field behind a key with an escape',
    `${json(saleFields).slice(0, -1)},"t\\u0061x":"?"}`,
    rejection('wrong_type', '/tax'),
  ),
  inSales(
    'a wrong field behind a key and a space',
    `${json(saleFields).slice(0, -1)},"tax" :"?"}`,
    rejection('wrong_type', '/tax'),
  ),
  inSales(
    'a key in capitals',
    json(without(saleFields, 'store_id'), { STORE_ID: 7 }),
    rejection('missing_field', '/store_id'),
  ),
  inSales('an empty key', json(saleFields, { '': 1, ' ': 2 }), counted()),
  inSales(
    'fields nobody knows',
    json(saleFields, { a: null, b: [1, { c: 2 }], d: { e: {} }, f: 1e300, g: false }),
    counted(),
  ),
  inSales('txn_id', json(without(saleFields, 'transaction_id'), { txn_id: 'T' }), counted({ id: 'T' })),
  inSales(
    'timestamp and amount',
    json(without(saleFields, 'event_time', 'final_amount'), { timestamp: eventTimeMs + 1, amount: 3 }),
    counted({ eventTimeMs: eventTimeMs + 1, cents: 300 }),
  ),
  saleOf('field and alias', { txn_id: 'T', timestamp: 'x', amount: 'x' }, counted()),
  saleOf('alias beside null', { transaction_id: null, txn_id: 'T' }, counted({ id: 'T' })),
  saleOf('a wrong alias', { transaction_id: null, txn_id: true }, rejection('wrong_type', '/txn_id')),
  saleOf(
    'alias and field both null',
    { final_amount: null, amount: null },
    rejection('missing_field', '/final_amount'),
  ),
]
