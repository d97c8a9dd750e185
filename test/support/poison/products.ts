import { type Poison, counted, rejection, saleOf } from './record.ts'

const bad = rejection('bad_amount', '/final_amount')

/** Products. */
export const lines: readonly Poison[] = [
  saleOf('no products', { products: [] }, counted()),
  saleOf('a product without fields', { products: [{}] }, counted()),
  saleOf('null in a product', { products: [{ product_id: null, quantity: null, unit_price: null }] }, counted()),
  saleOf('products as an object', { products: {} }, rejection('wrong_type', '/products')),
  saleOf('products as text', { products: '[]' }, rejection('wrong_type', '/products')),
  saleOf('a product as text', { products: [{}, 'PROD-1'] }, rejection('wrong_type', '/products/1')),
  saleOf('null as product', { products: [null] }, rejection('wrong_type', '/products/0')),
  saleOf('a list as product', { products: [[]] }, rejection('wrong_type', '/products/0')),
  saleOf('quantity 0', { products: [{ quantity: 0 }] }, rejection('wrong_type', '/products/0/quantity')),
  saleOf('quantity 1.5', { products: [{ quantity: 1.5 }] }, rejection('wrong_type', '/products/0/quantity')),
  saleOf('quantity "2"', { products: [{ quantity: '2' }] }, rejection('wrong_type', '/products/0/quantity')),
  saleOf(
    'a negative price',
    { products: [{}, { unit_price: -0.01 }] },
    rejection('bad_amount', '/products/1/unit_price'),
  ),
  saleOf(
    'a price just below zero',
    { products: [{ unit_price: -0.001 }] },
    rejection('bad_amount', '/products/0/unit_price'),
  ),
  saleOf('a price as text', { products: [{ unit_price: '1.00' }] }, counted()),
  saleOf(
    'a price that is none',
    { products: [{ unit_price: '1,00' }] },
    rejection('wrong_type', '/products/0/unit_price'),
  ),
  saleOf('a name as number', { products: [{ name: 5 }] }, rejection('wrong_type', '/products/0/name')),
  saleOf('a product id as number', { products: [{ product_id: 5, name: '', category: '' }] }, counted()),
  saleOf('10,000 products', { products: Array.from({ length: 10_000 }, () => ({ quantity: 1 })) }, counted()),
]

/** Two things wrong at once. */
export const precedence: readonly Poison[] = [
  saleOf(
    'missing before wrong, wherever',
    { transaction_id: 1.5, final_amount: null },
    rejection('missing_field', '/final_amount'),
  ),
  saleOf('wrong before bad amount', { final_amount: 1e8, kind: 'x' }, rejection('wrong_type', '/kind')),
  saleOf('bad amount before bad time', { event_time: 'x', tax: 1e8 }, rejection('bad_amount', '/tax')),
  saleOf('bad amount before future time', { event_time: '2026-01-01', final_amount: -1 }, bad),
  saleOf(
    'of two missing the first in the table',
    { customer_id: null, store_id: null },
    rejection('missing_field', '/store_id'),
  ),
  saleOf(
    'of two wrong the first in the table',
    { kind: 1, tax: true, products: [{ name: 1 }] },
    rejection('wrong_type', '/products/0/name'),
  ),
  saleOf('a wrong sign before a bad price', { final_amount: -1, products: [{ unit_price: -1 }] }, bad),
]
