import { faker } from '@faker-js/faker/locale/en'
import { createRandom, type Random } from '../base/random.ts'
import { seedFaker } from './faker-seed.ts'
import type { StoreProfile } from './generator.ts'
import { itemAt } from './item-at.ts'
import { places } from './places.ts'

/** A store with what decides how much it sells, and when. */
export interface Store extends StoreProfile {
  /** Index into {@link places}. */
  readonly placeIndex: number
  /** Index of the warehouse that serves it. */
  readonly warehouseIndex: number
  /** How much it sells over a week, relative to the others. */
  readonly popularity: number
  /** Weight by local hour, 24 of them. */
  readonly hours: readonly number[]
  /** Weight by local weekday, Sunday first. */
  readonly weekdays: readonly number[]
  /** Sales tax in hundredths of a percent. */
  readonly taxBasisPoints: number
}

const rhythms = {
  errands: {
    hours: [6, 5, 4, 4, 5, 8, 14, 22, 26, 22, 18, 20, 26, 23, 18, 18, 22, 31, 34, 28, 20, 13, 9, 7],
    weekdays: [0.6, 1, 1, 1.05, 1.05, 1.2, 0.9],
  },
  leisure: {
    hours: [6, 5, 4, 4, 4, 5, 8, 11, 15, 19, 23, 26, 28, 29, 30, 30, 29, 28, 25, 21, 17, 13, 9, 7],
    weekdays: [1.3, 0.8, 0.85, 0.9, 1, 1.3, 1.7],
  },
} as const

const sizeClasses = ['small', 'medium', 'large'] as const
const sizePopularity: Readonly<Record<StoreProfile['sizeClass'], number>> = { small: 0.7, medium: 1, large: 1.5 }
const taxBasisPoints = [0, 500, 700, 825, 1000, 1900, 2000, 2100]
const minutesPerDay = 1_440
const minuteMs = 60_000
const dayMs = minutesPerDay * minuteMs

/** Opening hours; the first store, and one in four of the others, is open round the clock. */
function drawHours(random: Random, id: number): Pick<StoreProfile, 'opensAtMinute' | 'closesAtMinute'> {
  const opensAtMinute = 360 + 30 * random.nextInt(9)
  const closesAtMinute = 1_200 + 30 * random.nextInt(7)
  return id === 1 || random.chance(0.25) ? { opensAtMinute: 0, closesAtMinute: 0 } : { opensAtMinute, closesAtMinute }
}

function buildStore(id: number, firstPlace: number, warehouseCount: number, random: Random): Store {
  const placeIndex = (firstPlace + id - 1) % places.length
  const where = itemAt(places, placeIndex)
  const sizeClass = itemAt(sizeClasses, random.nextInt(sizeClasses.length))
  const rhythm = random.chance(0.5) ? rhythms.errands : rhythms.leisure
  return {
    id,
    name: `${where.city} ${faker.location.street()}`,
    city: where.city,
    zone: where.zone,
    sizeClass,
    ...drawHours(random, id),
    placeIndex,
    warehouseIndex: placeIndex % warehouseCount,
    popularity: sizePopularity[sizeClass] * Math.exp(0.2 * random.nextNormal()),
    hours: rhythm.hours,
    weekdays: rhythm.weekdays,
    taxBasisPoints: itemAt(taxBasisPoints, random.nextInt(taxBasisPoints.length)),
  }
}

/** Stores 1 to `count` of a seed's world. A store is the same whatever their number. */
export function buildStores(seed: number, count: number, warehouseCount: number): readonly Store[] {
  seedFaker(seed, 'stores')
  const random = createRandom(seed, 'stores')
  const firstPlace = random.nextInt(places.length)
  return Array.from({ length: count }, (_, index) => buildStore(index + 1, firstPlace, warehouseCount, random))
}

/** @param localMinute minutes after local midnight */
export function isOpen(store: StoreProfile, localMinute: number): boolean {
  const { opensAtMinute, closesAtMinute } = store
  if (opensAtMinute === closesAtMinute) return true
  if (opensAtMinute < closesAtMinute) return localMinute >= opensAtMinute && localMinute < closesAtMinute
  return localMinute >= opensAtMinute || localMinute < closesAtMinute
}

/** How much a store sells at an instant relative to the others; 0 while it is closed. */
export function activityOf(store: Store, instantMs: number, offsetMinutes: number): number {
  const localMs = instantMs + offsetMinutes * minuteMs
  const day = Math.floor(localMs / dayMs)
  const localMinute = (localMs - day * dayMs) / minuteMs
  if (!isOpen(store, localMinute)) return 0
  // 1970-01-01 was a Thursday.
  const weekday = (((day + 4) % 7) + 7) % 7
  return store.popularity * (store.hours[Math.floor(localMinute / 60)] ?? 0) * (store.weekdays[weekday] ?? 0)
}
