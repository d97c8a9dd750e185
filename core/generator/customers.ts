import { faker } from '@faker-js/faker/locale/en'
import { createRandom, type Random } from '../base/random.ts'
import { seedFaker } from './faker-seed.ts'
import { itemAt } from './item-at.ts'
import { places } from './places.ts'
import { fragmentOf, type RecordWriter } from './record-writer.ts'
import type { Store } from './stores.ts'
import { createWeightedChoice } from './weighted-choice.ts'

/** Everyone who may buy. Customers are indices; who they are is kept in columns and put into words when asked. */
export interface Customers {
  readonly count: number
  /** Someone who shops at that store: mostly its regulars, some of them far more often than others. */
  pickFor(storeIndex: number, random: Random): number
  /** Puts the customer's id: `C` and at least six digits. */
  putId(out: RecordWriter, customer: number): void
  /** Puts the `demographics` object. */
  putDemographics(out: RecordWriter, customer: number): void
}

const ageGroups = ['18-24', '25-34', '35-44', '45-54', '55-64', '65+'] as const
const ageWeights = [12, 22, 20, 17, 15, 14]
const genders = ['female', 'male', 'other'] as const
const genderWeights = [50, 47, 3]
const loyaltyTiers = ['none', 'bronze', 'silver', 'gold'] as const
const tierWeights = [40, 30, 20, 10]
const townCount = 120
const regularShare = 0.7
const idPrefix = fragmentOf('C')
const idDigits = 6

/** Columns of equal length, one value a customer. */
interface Columns {
  readonly ageGroup: Uint8Array
  readonly gender: Uint8Array
  readonly tier: Uint8Array
  /** Index into the places followed by the towns. */
  readonly city: Uint16Array
  readonly homeStore: Uint32Array
}

/** 24,000, and more where there are so many stores that each would have fewer than a hundred. */
const countFor = (storeCount: number): number => Math.max(24_000, Math.min(200_000, storeCount * 100))

function drawColumns(count: number, stores: readonly Store[], random: Random): Columns {
  const columns: Columns = {
    ageGroup: new Uint8Array(count),
    gender: new Uint8Array(count),
    tier: new Uint8Array(count),
    city: new Uint16Array(count),
    homeStore: new Uint32Array(count),
  }
  const ages = createWeightedChoice(ageWeights)
  const gendersChoice = createWeightedChoice(genderWeights)
  const tiers = createWeightedChoice(tierWeights)
  const homes = createWeightedChoice(stores.map((store) => store.popularity))
  for (let customer = 0; customer < count; customer += 1) {
    const home = homes.pick(random)
    columns.ageGroup[customer] = ages.pick(random)
    columns.gender[customer] = gendersChoice.pick(random)
    columns.tier[customer] = tiers.pick(random)
    columns.homeStore[customer] = home
    columns.city[customer] = random.chance(0.3)
      ? places.length + random.nextInt(townCount)
      : itemAt(stores, home).placeIndex
  }
  return columns
}

/** Customers ordered by home store, with where each store's stretch begins (one more entry than stores). */
function groupByHome(homeStore: Uint32Array, storeCount: number): { starts: Uint32Array; members: Uint32Array } {
  const starts = new Uint32Array(storeCount + 1)
  for (const home of homeStore) starts[home + 1] = (starts[home + 1] ?? 0) + 1
  for (let index = 1; index <= storeCount; index += 1) starts[index] = (starts[index] ?? 0) + (starts[index - 1] ?? 0)
  const next = starts.slice()
  const members = new Uint32Array(homeStore.length)
  homeStore.forEach((home, customer) => {
    const position = next[home] ?? 0
    members[position] = customer
    next[home] = position + 1
  })
  return { starts, members }
}

/** The customers of a seed's world: at least 24,000, each at home in one of the stores. */
export function buildCustomers(seed: number, stores: readonly Store[]): Customers {
  seedFaker(seed, 'towns')
  const towns = Array.from({ length: townCount }, () => faker.location.city())
  const count = countFor(stores.length)
  const columns = drawColumns(count, stores, createRandom(seed, 'customers'))
  const { starts, members } = groupByHome(columns.homeStore, stores.length)
  const people = ageGroups.flatMap((age) =>
    genders.map((gender) => fragmentOf(`{"age_group":"${age}","gender":"${gender}","city":`)),
  )
  const cities = [...places.map(({ city }) => city), ...towns].map((city) => fragmentOf(JSON.stringify(city)))
  const tiers = loyaltyTiers.map((tier) => fragmentOf(`,"loyalty_tier":"${tier}"}`))
  return {
    count,
    pickFor(storeIndex, random) {
      const start = starts[storeIndex] ?? 0
      const regulars = (starts[storeIndex + 1] ?? 0) - start
      const place = random.next()
      if (regulars === 0 || random.chance(1 - regularShare)) return Math.floor(place * count)
      return members[start + Math.floor(place * place * regulars)] ?? 0
    },
    putId(out, customer) {
      out.put(idPrefix)
      out.putWhole(customer + 1, idDigits)
    },
    putDemographics(out, customer) {
      const person = (columns.ageGroup[customer] ?? 0) * genders.length + (columns.gender[customer] ?? 0)
      out.put(itemAt(people, person))
      out.put(itemAt(cities, columns.city[customer] ?? 0))
      out.put(itemAt(tiers, columns.tier[customer] ?? 0))
    },
  }
}
