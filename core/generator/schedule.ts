import { Fault } from '../base/fault.ts'
import { eventTopics, isEventTopic } from '../events/topics.ts'
import type { GeneratorOptions } from './generator.ts'

/** When each topic's events happen. Positions count a topic's events from 0. */
export interface Schedule {
  /** Events per second of each topic, in the order of `eventTopics`. */
  readonly rates: readonly number[]
  /**
   * Milliseconds after the start at which a topic's event happens, with fractions; Infinity for a topic without events.
   * Never falls as `position` grows.
   */
  offsetOf(topicIndex: number, position: number): number
}

/** Time between two events, milliseconds, as a fraction: a third of a rate has no exact number of its own. */
interface Step {
  readonly numerator: number
  readonly denominator: number
}

const dayMs = 86_400_000
const hourMs = 3_600_000
const hoursPerDay = 24

function checkRate(path: string, rate: number): void {
  if (Number.isFinite(rate) && rate >= 0) return
  throw new Fault('setting', `${path} must be at least 0`, { domain: 'user' })
}

/** @throws Fault `setting` for a negative rate or one of an unknown topic */
function readSteps(options: GeneratorOptions): readonly (Step | null)[] {
  checkRate('/generator/rate', options.rate)
  for (const [topic, rate] of Object.entries(options.rates)) {
    if (!isEventTopic(topic)) throw new Fault('setting', `/generator/rates/${topic} is no topic`, { domain: 'user' })
    checkRate(`/generator/rates/${topic}`, rate)
  }
  return eventTopics.map((topic) => {
    const own = options.rates[topic]
    if (options.rate === 0 || own === 0) return null
    if (own !== undefined) return { numerator: 1_000, denominator: own }
    return { numerator: 1_000 * eventTopics.length, denominator: options.rate }
  })
}

/** A day of UTC whose hours are busy as `hours` (mean 1) says, and the same day if it were evenly busy. */
interface BusyDay {
  readonly day: number
  readonly hours: Float64Array
  /** Even milliseconds of the day before each hour. */
  readonly before: Float64Array
}

function readDay(day: number, hoursOf: (day: number) => Float64Array): BusyDay {
  const hours = hoursOf(day)
  const before = new Float64Array(hoursPerDay)
  for (let hour = 1; hour < hoursPerDay; hour += 1) {
    before[hour] = (before[hour - 1] ?? 0) + (hours[hour - 1] ?? 0) * hourMs
  }
  return { day, hours, before }
}

/** From even time to the day's own: slow where stores are quiet, fast where they are busy. */
function bendTime({ day, hours, before }: BusyDay, evenMs: number): number {
  const withinDay = evenMs - day * dayMs
  let hour = hoursPerDay - 1
  while (hour > 0 && withinDay < (before[hour] ?? 0)) hour -= 1
  const withinHour = (withinDay - (before[hour] ?? 0)) / (hours[hour] ?? 1)
  return day * dayMs + hour * hourMs + Math.min(withinHour, hourMs)
}

/** The inverse of {@link bendTime}. */
function evenTime({ day, hours, before }: BusyDay, instantMs: number): number {
  const withinDay = instantMs - day * dayMs
  const hour = Math.floor(withinDay / hourMs)
  return day * dayMs + (before[hour] ?? 0) + (withinDay - hour * hourMs) * (hours[hour] ?? 1)
}

/**
 * @param hoursOf how busy each hour of a day of UTC is, mean 1; used by `shape: 'day'` only
 * @throws Fault `setting` for a negative rate or one of an unknown topic
 */
export function createSchedule(
  options: GeneratorOptions,
  fromMs: number,
  hoursOf: (day: number) => Float64Array,
): Schedule {
  const steps = readSteps(options)
  const rates = steps.map((step) => (step === null ? 0 : (1_000 * step.denominator) / step.numerator))
  const evenOffsetOf = (topicIndex: number, position: number): number => {
    const step = steps[topicIndex]
    return step ? (position * step.numerator) / step.denominator : Number.POSITIVE_INFINITY
  }
  if (options.shape === 'flat') return { rates, offsetOf: evenOffsetOf }

  let today = readDay(Math.floor(fromMs / dayMs), hoursOf)
  const evenFromMs = evenTime(today, fromMs)
  return {
    rates,
    offsetOf(topicIndex, position) {
      const evenMs = evenFromMs + evenOffsetOf(topicIndex, position)
      if (evenMs === Number.POSITIVE_INFINITY) return evenMs
      const day = Math.floor(evenMs / dayMs)
      if (day !== today.day) today = readDay(day, hoursOf)
      return Math.max(0, bendTime(today, evenMs) - fromMs)
    },
  }
}
