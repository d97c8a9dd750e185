import { expect, it } from 'vitest'
import { createDecoder } from '../../../core/events/decode.ts'
import { paymentMethods } from '../../../core/events/decoded.ts'
import { createLogRecord } from '../../support/log-record.ts'
import { fromMs, onTopic, optionsWith, readObject, takeFor, takeRecords, textOf } from './run.ts'

interface SaleJson {
  readonly transaction_id: string
  readonly store_id: number
  readonly customer_id: string
  readonly event_time: string
  readonly kind: 'sale' | 'refund'
  readonly products: readonly { readonly product_id: string; readonly quantity: number; readonly unit_price: number }[]
  readonly subtotal: number
  readonly discount: number
  readonly tax: number
  readonly final_amount: number
  readonly payment_method: string
}

const readSales = (count: number): readonly SaleJson[] =>
  onTopic(takeRecords(optionsWith(), count), 'retail-transactions').map(
    (record) => readObject(record) as unknown as SaleJson,
  )

const centsOf = (amount: number): number => Math.round(amount * 100)

it('makes only events that the decoder takes, with the ids and times it was given', () => {
  const decoder = createDecoder({ futureMs: 300_000, zone: 'UTC' })
  const wrong = takeRecords(optionsWith(), 6_000).filter((record) => {
    const decoded = decoder.decode(createLogRecord(record.topic, record.value), record.sentAtMs)
    const isEvent = decoded.type === 'sale' || decoded.type === 'event'
    return !isEvent || decoded.eventTimeMs !== record.sentAtMs || decoded.zoneless
  })
  expect(wrong.map(textOf)).toEqual([])
})

it('writes the fields of the table under their own names, ids as text and the store as a number', () => {
  for (const sale of readSales(900)) {
    expect(Object.keys(sale)).toEqual([
      'transaction_id',
      'store_id',
      'customer_id',
      'event_time',
      'kind',
      'products',
      'subtotal',
      'discount',
      'tax',
      'final_amount',
      'payment_method',
    ])
    expect(sale.store_id).toBeTypeOf('number')
    expect(sale.customer_id).toMatch(/^C\d{6}$/)
    expect(sale.event_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(Object.keys(sale.products[0] ?? {})).toEqual(['product_id', 'name', 'category', 'quantity', 'unit_price'])
  }
})

it('adds up to the cent: final amount = subtotal − discount + tax', () => {
  const wrong = readSales(30_000).filter(({ kind, products, subtotal, discount, tax, final_amount: finalAmount }) => {
    const sign = kind === 'sale' ? 1 : -1
    const lines = products.reduce((sum, line) => sum + line.quantity * centsOf(line.unit_price), 0)
    const addsUp = centsOf(finalAmount) === centsOf(subtotal) - centsOf(discount) + centsOf(tax)
    const isSigned = [subtotal, discount, tax, finalAmount].every((amount) => sign * amount >= 0)
    const isCovered = Math.abs(discount) <= Math.abs(subtotal)
    return centsOf(subtotal) !== sign * lines || !addsUp || !isSigned || !isCovered
  })
  expect(wrong).toEqual([])
})

it('writes amounts with two decimals', () => {
  const [record] = onTopic(takeRecords(optionsWith(), 3), 'retail-transactions')
  expect(textOf(record!)).toMatch(/"subtotal":\d+\.\d\d,"discount":\d+\.\d\d,"tax":\d+\.\d\d,"final_amount":\d+\.\d\d,/)
})

it('refunds about two sales in a hundred', () => {
  const sales = readSales(40_000)
  const refunds = sales.filter(({ kind }) => kind === 'refund').length / sales.length
  expect(refunds).toBeGreaterThan(0.014)
  expect(refunds).toBeLessThan(0.026)
})

it('is paid in every way, mostly by card', () => {
  const counts = new Map<string, number>()
  for (const { payment_method: method } of readSales(15_000)) counts.set(method, (counts.get(method) ?? 0) + 1)
  expect([...counts.keys()].toSorted()).toEqual([...paymentMethods].toSorted())
  expect(Math.max(...counts.values())).toBe(counts.get('card'))
})

it('gives every event an id of its own', () => {
  const ids = takeRecords(optionsWith(), 30_000).map((record) => {
    const event = readObject(record)
    return event['transaction_id'] ?? event['event_id'] ?? event['update_id']
  })
  expect(new Set(ids).size).toBe(ids.length)
})

it('keys sales by store, customer events by customer and updates by product', () => {
  const keyFields = {
    'retail-transactions': 'store_id',
    'customer-events': 'customer_id',
    'inventory-updates': 'product_id',
  } as Readonly<Record<string, string>>
  for (const record of takeRecords(optionsWith(), 3_000)) {
    const field = keyFields[record.topic] ?? ''
    expect(Buffer.from(record.key ?? []).toString()).toBe(String(readObject(record)[field]))
  }
})

it('sells in popular stores and of popular products more than in others', () => {
  const units = new Map<string, number>()
  for (const { products } of readSales(30_000)) {
    for (const line of products) units.set(line.product_id, (units.get(line.product_id) ?? 0) + line.quantity)
  }
  const sorted = [...units.values()].toSorted((left, right) => right - left)
  expect(sorted[0]).toBeGreaterThan(10 * (sorted[Math.floor(sorted.length / 2)] ?? 0))
})

it('happens at the instant it is sent', () => {
  for (const record of takeFor(optionsWith(), 20_000)) {
    expect(Date.parse(String(readObject(record)['event_time']))).toBe(record.sentAtMs)
  }
  expect(fromMs % 1_000).toBe(0)
})
