import type { Random } from '../base/random.ts'
import type { Disorder } from './generator.ts'
import { isSilenceAt } from './incidents.ts'
import { offsetMinutesAt, places } from './places.ts'
import { activityOf, type Store } from './stores.ts'
import { createWeightedChoice, type WeightedChoice } from './weighted-choice.ts'

/** Which stores sell at what time. */
export interface StoreTraffic {
  /** Index of the store where the next thing happens; −1 when every store there is keeps silent. */
  pickStore(instantMs: number, random: Random): number
  /** Whether that store, by index, says nothing at an instant. */
  isSilent(storeIndex: number, instantMs: number): boolean
  /** How busy all stores together are in each hour of a day of UTC, relative to that day's mean. */
  hoursOf(day: number): Float64Array
}

/** Store hours and zone offsets are multiples of this, so the weights of a stretch hold for all of it. */
const stretchMs = 900_000
const hourMs = 3_600_000
const hoursPerDay = 24
/** Even with nearly all stores closed, an hour has this share of the mean. */
const quietest = 0.05

function activitiesAt(stores: readonly Store[], instantMs: number): Float64Array {
  const offsets = places.map((place) => offsetMinutesAt(place, instantMs))
  return Float64Array.from(stores, (store) => activityOf(store, instantMs, offsets[store.placeIndex] ?? 0))
}

/** Weights without the silent store; where no other is open, closed ones stand in for it. */
function withoutStore(stores: readonly Store[], weights: Float64Array, silentIndex: number): WeightedChoice {
  weights[silentIndex] = 0
  const choice = createWeightedChoice(weights)
  if (choice.total > 0) return choice
  return createWeightedChoice(stores.map((store, index) => (index === silentIndex ? 0 : store.popularity)))
}

export function createStoreTraffic(stores: readonly Store[], disorder: Disorder): StoreTraffic {
  const silentIndex = disorder.silentStore <= stores.length ? disorder.silentStore - 1 : -1
  let knownStretch = Number.NaN
  let knownSilence = false
  let choice = createWeightedChoice([])

  return {
    pickStore(instantMs, random) {
      const stretch = Math.floor(instantMs / stretchMs)
      const silence = silentIndex >= 0 && isSilenceAt(disorder, instantMs)
      if (stretch !== knownStretch || silence !== knownSilence) {
        const weights = activitiesAt(stores, stretch * stretchMs)
        choice = silence ? withoutStore(stores, weights, silentIndex) : createWeightedChoice(weights)
        knownStretch = stretch
        knownSilence = silence
      }
      return choice.pick(random)
    },
    isSilent: (storeIndex, instantMs) =>
      storeIndex === silentIndex && silentIndex >= 0 && isSilenceAt(disorder, instantMs),
    hoursOf(day) {
      const hours = new Float64Array(hoursPerDay)
      for (let hour = 0; hour < hoursPerDay; hour += 1) {
        const instantMs = (day * hoursPerDay + hour) * hourMs
        hours[hour] = activitiesAt(stores, instantMs).reduce((sum, activity) => sum + activity, 0)
      }
      const mean = hours.reduce((sum, activity) => sum + activity, 0) / hoursPerDay
      const lifted = hours.map((activity) => Math.max(activity, mean * quietest))
      const liftedMean = lifted.reduce((sum, activity) => sum + activity, 0) / hoursPerDay
      return lifted.map((activity) => activity / liftedMean)
    },
  }
}
