import { Fault } from '../base/fault.ts'
import { createRandom, type Random } from '../base/random.ts'
import { type EventTopic, eventTopics } from '../events/topics.ts'
import { createRecentRecords, drawFate, drawLatenessMs, type RecentRecords } from './disorder.ts'
import type { Draft, MakerTools, RecordMaker } from './draft.ts'
import type { GeneratedRecord, Generator, GeneratorOptions, StoreProfile } from './generator.ts'
import { sentAtOf, skewOf } from './incidents.ts'
import { createInventoryMaker } from './inventory.ts'
import { itemAt } from './item-at.ts'
import { createJourneyMaker } from './journeys.ts'
import { createRecordWriter } from './record-writer.ts'
import { createRunTag } from './run-tag.ts'
import { createSalesMaker } from './sales.ts'
import { createSchedule, type Schedule } from './schedule.ts'
import { createSpoiler, type Spoiler } from './spoil.ts'
import { createStoreTraffic, type StoreTraffic } from './store-traffic.ts'
import { buildWorld, profileOf } from './world.ts'

/** One topic's events, in turn. */
interface Lane {
  readonly topic: EventTopic
  readonly topicIndex: number
  readonly maker: RecordMaker
  readonly fates: Random
  readonly recent: RecentRecords
  /** How many of its turns have passed. */
  position: number
  /** When the next one is, milliseconds after the start, with fractions. */
  nextOffset: number
}

/** What the lanes have in common. */
interface Shared {
  readonly options: GeneratorOptions
  readonly traffic: StoreTraffic
  readonly spoiler: Spoiler
}

function createMakers(
  options: GeneratorOptions,
  world: ReturnType<typeof buildWorld>,
  traffic: StoreTraffic,
  schedule: Schedule,
  fromMs: number,
): Readonly<Record<EventTopic, RecordMaker>> {
  const tools: MakerTools = { out: createRecordWriter(), tag: createRunTag(options, fromMs) }
  const random = createRandom(options.seed, `run from ${fromMs}`)
  const [salesRate = 0, customerRate = 0] = schedule.rates
  const storeSkews = world.stores.map((store) => skewOf(options.disorder, store.id))
  const storeSkewOf = (storeIndex: number): number => storeSkews[storeIndex] ?? 0
  const inventory = createInventoryMaker(world, traffic, tools, random.fork('inventory'))
  const journeys = createJourneyMaker(
    { world, traffic, rate: customerRate, hasSales: salesRate > 0, skewOf: storeSkewOf },
    tools,
    random.fork('journeys'),
  )
  const sales = createSalesMaker(
    { world, traffic, stock: inventory.stock, buyers: journeys, skewOf: storeSkewOf },
    tools,
    random.fork('sales'),
  )
  return { 'retail-transactions': sales, 'customer-events': journeys, 'inventory-updates': inventory }
}

/** The record of one turn; null when nobody is left who could send it. */
function takeTurn(lane: Lane, shared: Shared, createdAtMs: number, sentAtMs: number): GeneratedRecord | null {
  const { topic, maker, fates, recent } = lane
  const { disorder } = shared.options
  const fate = drawFate(disorder, fates)
  if (fate === 'duplicate') {
    const isSilent = (storeIndex: number): boolean => shared.traffic.isSilent(storeIndex, createdAtMs)
    const again = recent.draw(sentAtMs, isSilent, fates)
    if (again) return { topic, key: again.key, value: again.value, sentAtMs }
  }
  if (fate === 'invalid') {
    const sample = maker.makeSample(createdAtMs)
    if (!sample) return null
    const value = shared.spoiler.spoil(sample.value.toString(), topic, createdAtMs)
    return { topic, key: sample.key, value, sentAtMs }
  }
  const latenessMs = fate === 'late' ? drawLatenessMs(fates) : 0
  const draft = maker.makeEvent(createdAtMs, latenessMs)
  if (!draft) return null
  const record = { topic, key: draft.key, value: draft.value, sentAtMs }
  if (latenessMs === 0 && disorder.duplicate > 0 && isTimely(draft, topic, disorder.skewedStore)) {
    recent.remember(record, draft.storeIndex)
  }
  return record
}

/** What the clock of a store dates wrongly is not sent again: it might count as late and not as a duplicate. */
const isTimely = (draft: Draft, topic: EventTopic, skewedStore: number): boolean =>
  skewedStore <= 0 || draft.storeIndex !== skewedStore - 1 || topic === 'inventory-updates'

/** The lane whose turn comes first; of several at the same instant the first in the order of the topics. */
function firstLane(lanes: readonly Lane[]): Lane {
  let first = itemAt(lanes, 0)
  for (const lane of lanes) if (lane.nextOffset < first.nextOffset) first = lane
  return first
}

/**
 * Opens the shops of a seeded world. The k-th event of a topic, from 0, is made `k × 1000 ÷ rate` milliseconds after
 * `fromMs` (`shape: 'flat'`), whatever becomes of it: late, repeated and invalid records take turns, they add none.
 * What is sent depends on `options` and `fromMs` alone, not on how `advance` is called; the world, and so the store
 * directory, on `seed` and `stores` alone. A topic whose rate is 0 is silent; with a total rate of 0 they all are.
 *
 * @param fromMs whole milliseconds since the epoch of UTC
 * @throws Fault `setting` when a rate is negative or names an unknown topic, or there is no store
 */
export function createGenerator(
  options: GeneratorOptions,
  fromMs: number,
): Generator & { readonly stores: readonly StoreProfile[] } {
  if (!Number.isSafeInteger(options.stores) || options.stores < 1) {
    throw new Fault('setting', '/generator/stores must be at least 1', { domain: 'user' })
  }
  const world = buildWorld(options.seed, options.stores)
  const traffic = createStoreTraffic(world.stores, options.disorder)
  const schedule = createSchedule(options, fromMs, (day) => traffic.hoursOf(day))
  const makers = createMakers(options, world, traffic, schedule, fromMs)
  const chance = createRandom(options.seed, `disorder from ${fromMs}`)
  const shared: Shared = { options, traffic, spoiler: createSpoiler(chance.fork('spoil')) }
  const lanes = eventTopics.map(
    (topic, topicIndex): Lane => ({
      topic,
      topicIndex,
      maker: makers[topic],
      fates: chance.fork(topic),
      recent: createRecentRecords(),
      position: 0,
      nextOffset: schedule.offsetOf(topicIndex, 0),
    }),
  )
  let nowMs = fromMs

  return {
    stores: world.stores.map(profileOf),
    advance(untilMs, maxRecords) {
      const records: GeneratedRecord[] = []
      for (;;) {
        const lane = firstLane(lanes)
        const createdAtMs = fromMs + Math.floor(lane.nextOffset)
        const sentAtMs = sentAtOf(options.disorder, createdAtMs)
        if (sentAtMs >= untilMs || records.length >= maxRecords) {
          nowMs = Math.max(nowMs, Math.min(untilMs, sentAtMs))
          return records
        }
        const record = takeTurn(lane, shared, createdAtMs, sentAtMs)
        if (record) records.push(record)
        lane.position += 1
        lane.nextOffset = schedule.offsetOf(lane.topicIndex, lane.position)
      }
    },
    get nowMs() {
      return nowMs
    },
  }
}
