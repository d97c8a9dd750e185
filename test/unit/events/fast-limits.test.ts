import { expect, it } from 'vitest'
import { createFastCustomerEventReader, createFastInventoryUpdateReader } from '../../../core/events/fast-event.ts'
import { createFastSaleReader } from '../../../core/events/fast-sale.ts'
import { eventTopics } from '../../../core/events/topics.ts'
import { agreesOn, fastReaders, futureMs } from './agreement.ts'
import { nowMs } from './event-arbitraries.ts'

it('leaves what is rare to the parser', () => {
  const sure = (changes: object) =>
    agreesOn(
      'retail-transactions',
      JSON.stringify({
        transaction_id: 'T',
        store_id: 1,
        customer_id: 'C',
        event_time: nowMs,
        final_amount: 1,
        ...changes,
      }),
    )
  expect(sure({})).toBe(true)
  expect(sure({ event_time: '2025-01-06T10:00:00+00:00' })).toBe(true)
  expect(sure({ final_amount: 1.005 })).toBe(false)
  expect(sure({ final_amount: '1.00' })).toBe(false)
  expect(sure({ final_amount: -1 })).toBe(false)
  expect(sure({ customer_id: 'Zoë' })).toBe(false)
  expect(sure({ products: [{ name: 'Crème "brûlée" 🍮\n' }] })).toBe(true)
  expect(sure({ event_time: '2025-01-06T10:00:00' })).toBe(true)
  expect(sure({ event_time: '2025-01-06' })).toBe(false)
  expect(sure({ event_time: nowMs + futureMs + 1 })).toBe(false)
  expect(sure({ txn_id: 'T', timestamp: 'x' })).toBe(true)
  expect(sure({ transaction_id: undefined, txn_id: 'T' })).toBe(false)
  expect(sure({ tax: null, products: null })).toBe(true)
  expect(sure({ kind: null })).toBe(false)
})

it('leaves a time without a zone to the parser where it is not to be read in UTC', () => {
  const fields = { event_id: 'E', event_type: 'visit', update_id: 'U', product_id: 'P', warehouse: 'W', quantity: 1 }
  const sale = {
    transaction_id: 'T',
    store_id: 1,
    customer_id: 'C',
    final_amount: 1,
    event_time: '2025-01-06T10:00:00',
  }
  const value = Buffer.from(JSON.stringify({ ...fields, ...sale }))
  for (const create of [createFastSaleReader, createFastCustomerEventReader, createFastInventoryUpdateReader]) {
    expect(create('Europe/Berlin')(value, 0, value.length, nowMs)).toBeNull()
    expect(create('Etc/UTC')(value, 0, value.length, nowMs)).toMatchObject({ zoneless: true })
  }
})

it('takes no key for another that differs in one letter', () => {
  const other = { event_id: 'E', event_type: 'visit', update_id: 'U', product_id: 'P', warehouse: 'W', quantity: 1 }
  const sale = { transaction_id: 'T', store_id: 1, customer_id: 'C', event_time: nowMs, final_amount: 1 }
  const optional = { products: [], subtotal: 1, discount: 1, tax: 1, payment_method: 'card', kind: 'sale', change: 1 }
  const fields = { ...sale, ...other, ...optional, reason: 'sale', reorder_point: 1 }
  for (const name of Object.keys(fields)) {
    for (let index = 0; index < name.length; index += 1) {
      const misspelt = `${name.slice(0, index)}?${name.slice(index + 1)}`
      for (const record of [fields, { ...fields, [name]: 7.5 }]) {
        const text = JSON.stringify(record).replace(`"${name}"`, `"${misspelt}"`)
        for (const topic of eventTopics) agreesOn(topic, text)
      }
    }
  }
})

it('stops soon after a record’s end, so that cut records cost no more than their own length', () => {
  const cut = '{"a":"","b":[{"c":'
  const source = Buffer.from(cut.repeat(50_000))
  const reader = fastReaders['retail-transactions']
  for (let start = 0; start < source.length; start += cut.length) {
    expect(reader(source, start, start + cut.length, nowMs)).toBeNull()
  }
})
