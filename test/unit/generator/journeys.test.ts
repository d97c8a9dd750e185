import { expect, it } from 'vitest'
import type { GeneratorOptions } from '../../../core/generator/generator.ts'
import { onTopic, optionsWith, readObject, takeRecords } from './run.ts'

interface CustomerEventJson {
  readonly event_id: string
  readonly customer_id: string
  readonly event_time: string
  readonly event_type: string
  readonly store_id: number
  readonly behavior: {
    readonly page: string
    readonly product_id?: string
    readonly session_id: string
    readonly transaction_id?: string
  }
}

interface Run {
  readonly salesBefore: Map<string, Record<string, unknown>>
  readonly sessions: Map<string, CustomerEventJson[]>
}

/** Reads a run in sending order; a purchase must find its sale among those sent before it. */
function readRun(options: GeneratorOptions, count: number): Run {
  const run: Run = { salesBefore: new Map(), sessions: new Map() }
  for (const record of takeRecords(options, count)) {
    const event = readObject(record)
    if (record.topic === 'retail-transactions') run.salesBefore.set(String(event['transaction_id']), event)
    if (record.topic !== 'customer-events') continue
    const step = event as unknown as CustomerEventJson
    const { transaction_id: saleId, session_id: session } = step.behavior
    if (step.event_type === 'purchase') {
      expect(run.salesBefore.get(saleId ?? '')).toMatchObject({
        customer_id: step.customer_id,
        store_id: step.store_id,
      })
    } else {
      expect(saleId).toBeUndefined()
    }
    run.sessions.set(session, [...(run.sessions.get(session) ?? []), step])
  }
  return run
}

const typesOf = (steps: readonly CustomerEventJson[]): string => steps.map((step) => step.event_type).join(' ')

it('names a sale sent before in every purchase, of the same customer and store', () => {
  for (const rate of [1, 30, 3_000]) {
    const { sessions } = readRun(optionsWith({ rate }), 12_000)
    const purchases = [...sessions.values()].flat().filter(({ event_type: type }) => type === 'purchase')
    const saleIds = purchases.map(({ behavior }) => behavior.transaction_id)
    expect(saleIds.length).toBeGreaterThan(200)
    expect(new Set(saleIds).size).toBe(saleIds.length)
  }
})

it('tells whole journeys: visit, views and carts, checkout, purchase', () => {
  const { sessions } = readRun(optionsWith(), 15_000)
  for (const steps of sessions.values()) {
    expect(typesOf(steps)).toMatch(/^visit( view( view)? add_to_cart)*( view( view)?)?( checkout( purchase)?)?$/)
    expect(new Set(steps.map((step) => `${step.customer_id} ${step.store_id}`)).size).toBe(1)
    const times = steps.map((step) => Date.parse(step.event_time))
    expect(times).toEqual(times.toSorted((left, right) => left - right))
  }
})

it('leaves no journey without its sale where sales are not fewer than journeys', () => {
  const { sessions } = readRun(optionsWith(), 30_000)
  const journeys = [...sessions.values()]
  const atEnd = Math.ceil((10 * 180) / 7) + 16
  const unfinished = journeys.filter((steps) => !typesOf(steps).endsWith('purchase')).length
  expect(unfinished).toBeLessThanOrEqual(atEnd)
  expect(journeys.length).toBeGreaterThan(4 * atEnd)
})

it('ends journeys at the cart where there are more of them than sales', () => {
  const { sessions } = readRun(optionsWith({ rates: { 'retail-transactions': 0.2 } }), 20_000)
  const purchases = [...sessions.values()].filter((steps) => typesOf(steps).endsWith('purchase')).length
  expect(purchases).toBeGreaterThan(100)
  expect(sessions.size).toBeGreaterThan(4 * purchases)
})

it('sells what was put in the cart', () => {
  const { sessions, salesBefore } = readRun(optionsWith(), 20_000)
  for (const steps of sessions.values()) {
    const sale = salesBefore.get(steps.at(-1)?.behavior.transaction_id ?? '')
    if (!sale) continue
    const carted = steps.filter((step) => step.event_type === 'add_to_cart').map(({ behavior }) => behavior.product_id)
    const sold = (sale['products'] as readonly { readonly product_id: string }[]).map((line) => line.product_id)
    expect(sold).toEqual(carted)
  }
})

it('says which page and product a step is about', () => {
  const records = onTopic(takeRecords(optionsWith(), 3_000), 'customer-events')
  for (const record of records) {
    const { behavior, event_type: type } = readObject(record) as unknown as CustomerEventJson
    const isAboutProduct = type === 'view' || type === 'add_to_cart'
    expect(behavior.product_id !== undefined).toBe(isAboutProduct)
    if (type === 'view') expect(behavior.page).toBe(`/products/${behavior.product_id}`)
  }
})
