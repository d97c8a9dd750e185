import { expect, it } from 'vitest'
import { createRandom } from '../../../core/base/random.ts'
import { createGenerator } from '../../../core/generator/create-generator.ts'
import { noDisorder } from '../../../core/generator/incidents.ts'
import { offsetMinutesAt, places } from '../../../core/generator/places.ts'
import { createRecordWriter } from '../../../core/generator/record-writer.ts'
import { createStoreTraffic } from '../../../core/generator/store-traffic.ts'
import { activityOf, isOpen } from '../../../core/generator/stores.ts'
import { buildWorld, listStores } from '../../../core/generator/world.ts'
import { fromMs, onTopic, optionsWith, readObject, takeFor } from './run.ts'

const hourMs = 3_600_000

it('has at least 20,000 customers and 500 products with different ids', () => {
  const { customers, products } = buildWorld(7, 10)
  expect(customers.count).toBeGreaterThanOrEqual(20_000)
  expect(products.items.length).toBeGreaterThanOrEqual(500)
  expect(new Set(products.items.map(({ id }) => id)).size).toBe(products.items.length)
  for (const { cents, reorderPoint, lotSize } of products.items) {
    expect(Number.isSafeInteger(cents) && cents > 0).toBe(true)
    expect(reorderPoint).toBeGreaterThan(0)
    expect(lotSize).toBeGreaterThan(reorderPoint)
  }
})

it('knows every customer by age group, gender, city and loyalty tier', () => {
  const { customers } = buildWorld(7, 10)
  const out = createRecordWriter()
  const cities = new Set<unknown>()
  for (let customer = 0; customer < customers.count; customer += 97) {
    out.begin()
    customers.putDemographics(out, customer)
    const demographics = JSON.parse(out.end().toString()) as Record<string, unknown>
    expect(Object.keys(demographics)).toEqual(['age_group', 'gender', 'city', 'loyalty_tier'])
    cities.add(demographics['city'])
  }
  expect(cities.size).toBeGreaterThan(50)
})

it('keeps a store the same whatever the number of stores', () => {
  expect(listStores(7, 100).slice(0, 10)).toEqual(listStores(7, 10))
  expect(createGenerator(optionsWith(), fromMs).stores).toEqual(listStores(7, 10))
  expect(listStores(8, 10)).not.toEqual(listStores(7, 10))
})

it('numbers the stores from 1 and gives each a city with its zone', () => {
  const stores = listStores(7, 40)
  expect(stores.map(({ id }) => id)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  for (const { city, zone, name } of stores) {
    expect(places.find((place) => place.city === city)?.zone).toBe(zone)
    expect(name.startsWith(city)).toBe(true)
  }
})

it('has a store open at any hour, even when there is only one', () => {
  for (const count of [1, 10]) {
    const { stores } = buildWorld(3, count)
    for (let hour = 0; hour < 7 * 24; hour += 1) {
      const instantMs = fromMs + hour * hourMs
      const active = stores.filter(
        (store) => activityOf(store, instantMs, offsetMinutesAt(places[store.placeIndex]!, instantMs)) > 0,
      )
      expect(active.length).toBeGreaterThan(0)
    }
  }
})

it('closes stores at night by their own clock', () => {
  const store = { ...listStores(7, 10)[0]!, opensAtMinute: 540, closesAtMinute: 1_200 }
  expect([539, 540, 1_199, 1_200].map((minute) => isOpen(store, minute))).toEqual([false, true, true, false])
  const late = { ...store, opensAtMinute: 1_080, closesAtMinute: 120 }
  expect([119, 120, 1_079, 1_080].map((minute) => isOpen(late, minute))).toEqual([true, false, false, true])
})

it('sells only in stores that are open', () => {
  const { stores } = buildWorld(7, 10)
  for (const record of onTopic(takeFor(optionsWith({ rate: 6 }), 2 * hourMs), 'retail-transactions')) {
    const store = stores[Number(readObject(record)['store_id']) - 1]!
    // Weights hold for a quarter of an hour; customers at the till may pay a little after closing time.
    const openAt = [0, 900_000].some((earlierMs) => {
      const instantMs = record.sentAtMs - earlierMs
      return activityOf(store, instantMs, offsetMinutesAt(places[store.placeIndex]!, instantMs)) > 0
    })
    expect(openAt).toBe(true)
  }
})

it('knows the offset of every zone, summer hours included', () => {
  for (const place of places) {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: place.zone, timeZoneName: 'longOffset' })
    for (let day = 0; day < 365; day += 1) {
      const instantMs = Date.UTC(2025, 0, 1, 12) + day * 24 * hourMs
      const name = format.formatToParts(instantMs).find(({ type }) => type === 'timeZoneName')?.value ?? ''
      const [, sign = '+', hours = '0', minutes = '0'] = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name) ?? []
      const expected = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
      expect(offsetMinutesAt(place, instantMs)).toBe(expected)
    }
  }
})

it('changes the clocks at the hour', () => {
  const berlin = places.find(({ city }) => city === 'Berlin')!
  const newYork = places.find(({ city }) => city === 'New York')!
  const offsetsAround = (place: (typeof places)[number], instantMs: number): readonly number[] =>
    [instantMs - 1, instantMs].map((at) => offsetMinutesAt(place, at))
  expect(offsetsAround(berlin, Date.UTC(2025, 2, 30, 1))).toEqual([60, 120])
  expect(offsetsAround(berlin, Date.UTC(2025, 9, 26, 1))).toEqual([120, 60])
  expect(offsetsAround(newYork, Date.UTC(2025, 2, 9, 7))).toEqual([-300, -240])
  expect(offsetsAround(newYork, Date.UTC(2025, 10, 2, 6))).toEqual([-240, -300])
})

it('lets the others sell while the only open store keeps silent, and nobody when there is no other', () => {
  const disorder = { ...noDisorder, silentStore: 1, silentForMs: 60_000, silentEveryMs: 60_000 }
  const random = createRandom(1)
  const two = buildWorld(7, 2).stores.map((store) =>
    store.id === 2 ? { ...store, opensAtMinute: 0, closesAtMinute: 1 } : store,
  )
  expect(createStoreTraffic(two, disorder).pickStore(fromMs + 12 * hourMs, random)).toBe(1)
  expect(createStoreTraffic(two.slice(0, 1), disorder).pickStore(fromMs, random)).toBe(-1)
})
