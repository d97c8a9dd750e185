import { expect, it } from 'vitest'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import type { Decoded } from '../../../core/events/decoded.ts'
import type { EpochOutcome, ReadRecord } from '../../../core/events/epoch.ts'
import { createEngine, type Engine, type EngineOptions } from '../../../core/stream/engine.ts'
import { makeEvent, makeRecord, makeRejection, makeSale, readInOrder } from '../../support/records.ts'

const minute = 60_000
const noon = Date.UTC(2025, 0, 6, 12)
const options: EngineOptions = {
  windowSizeMs: minute,
  latenessMs: 10 * minute,
  duplicates: 'drop',
  maxIds: 4_000_000,
  sketch: windowSketch,
}
const start = (more: Partial<EngineOptions> = {}, stored: Uint8Array | null = null): Engine =>
  createEngine({ ...options, ...more }, stored)

const nameOutcome = ({ conflicts, late, quarantined, counters }: EpochOutcome, before: EpochOutcome | null): string => {
  if (quarantined.length > 0) return 'invalid'
  if (late.length > 0) return 'late'
  const sum = (of: EpochOutcome | null, name: 'duplicate' | 'counted'): number =>
    of ? Object.values(of.counters.perTopic).reduce((total, counts) => total + counts[name], 0) : 0
  if (sum({ counters } as EpochOutcome, 'duplicate') === sum(before, 'duplicate')) return 'counted'
  return conflicts.length > 0 ? 'conflict' : 'duplicate'
}

/** What each record in turn is, each an epoch of its own. */
function judge(engine: Engine, decoded: readonly Decoded[]): readonly string[] {
  let before: EpochOutcome | null = null
  return readInOrder(decoded, (one) => JSON.stringify({ ...one, rounded: 0 })).map((read) => {
    const outcome = engine.apply([read], 0)
    const name = nameOutcome(outcome, before)
    before = outcome
    return name
  })
}

const at = (minutes: number, ms = 0): number => noon + minutes * minute + ms
const other = { cents: 999 }

it.each<readonly [string, readonly Decoded[], readonly string[]]>([
  ['again at once', [makeSale('a', at(0)), makeSale('a', at(0))], ['counted', 'duplicate']],
  [
    'again as often as it likes',
    [0, 1, 2, 3].map(() => makeSale('a', at(0))),
    ['counted', 'duplicate', 'duplicate', 'duplicate'],
  ],
  [
    'again with another time, which is another content',
    [makeSale('a', at(0)), makeSale('a', at(5))],
    ['counted', 'conflict'],
  ],
  [
    'again in the last moment of its window being open',
    [makeSale('a', at(0)), makeSale('b', at(11, -1)), makeSale('a', at(0))],
    ['counted', 'counted', 'duplicate'],
  ],
  [
    'again when its window is final, with its own time: late comes first',
    [makeSale('a', at(0)), makeSale('b', at(11)), makeSale('a', at(0))],
    ['counted', 'counted', 'late'],
  ],
  [
    'again when its window is final, with a time of now: another sale',
    [makeSale('a', at(0)), makeSale('b', at(11)), makeSale('a', at(11))],
    ['counted', 'counted', 'counted'],
  ],
  ['with another content', [makeSale('a', at(0)), makeSale('a', at(0), other)], ['counted', 'conflict']],
  [
    'with another content, and again: it is compared with what was counted',
    [makeSale('a', at(0)), makeSale('a', at(0), other), makeSale('a', at(0), other), makeSale('a', at(0))],
    ['counted', 'conflict', 'conflict', 'duplicate'],
  ],
  [
    'of a sale that was late, which counted nothing',
    [makeSale('b', at(30)), makeSale('a', at(0)), makeSale('a', at(30))],
    ['counted', 'late', 'counted'],
  ],
  ['of a record that was invalid', [makeRejection('bad_amount'), makeSale('a', at(0))], ['invalid', 'counted']],
  [
    'on the other topics, each by itself',
    [makeSale('a', at(0)), makeEvent('a', at(0)), makeEvent('a', at(0), 'inventory-updates'), makeEvent('a', at(0))],
    ['counted', 'counted', 'counted', 'duplicate'],
  ],
  [
    'on another topic once the sales have moved on: the horizon is theirs',
    [makeEvent('a', at(0)), makeSale('b', at(11)), makeEvent('a', at(0))],
    ['counted', 'counted', 'counted'],
  ],
])('an id %s', (_, decoded, outcomes) => {
  expect(judge(start(), decoded)).toEqual(outcomes)
})

it('counts them by topic', () => {
  const repeated = [makeSale('a', at(0)), makeEvent('a', at(0)), makeEvent('b', at(0), 'inventory-updates')]
  const { counters } = start().apply(
    readInOrder([...repeated, ...repeated, ...repeated.slice(1), ...repeated.slice(2)]),
    0,
  )
  const duplicates = Object.values(counters.perTopic).map(({ duplicate }) => duplicate)
  expect(duplicates).toEqual([1, 2, 3])
})

it('counts everything, remembers nothing and knows no conflict where it is turned off', () => {
  const engine = start({ duplicates: 'count' })
  const sales = [makeSale('a', at(0)), makeSale('a', at(0)), makeSale('a', at(0), other)]
  expect(judge(engine, sales)).toEqual(['counted', 'counted', 'counted'])
  expect(engine.knownIds).toBe(0)
})

it('takes a re-admitted sale for a repeat where its id has been counted meanwhile', () => {
  const engine = start()
  engine.apply(readInOrder([makeSale('b', at(30)), makeSale('a', at(0)), makeSale('a', at(30))]), 0)
  const ref = { topic: 'retail-transactions' as const, partition: 0, offset: 1 }
  const readmission: ReadRecord = {
    record: makeRecord('{}', { offset: 1 }),
    decoded: makeSale('a', at(0)),
    readmits: { ref, was: 'late', reason: null },
  }
  const { amendments, counters } = engine.apply([readmission], 0)
  expect(amendments).toEqual([])
  expect(counters.perTopic['retail-transactions']).toMatchObject({ received: 3, counted: 2, late: 0, duplicate: 1 })
})

const hash = (index: number): number => Math.imul(index + 1, 0x9e3779b1) >>> 0
/** Twenty minutes of sales and events, a fifth of them repeats from up to eight minutes before. */
const busy = readInOrder(
  Array.from({ length: 12_000 }, (_, index) => {
    const from = hash(index) % 5 === 0 ? Math.max(0, index - (hash(index + 9) % 4_800)) : index
    return hash(from) % 4 === 0 ? makeEvent(`e${from}`, noon + from * 100) : makeSale(`s${from}`, noon + from * 100)
  }),
)

it('evicts the oldest windows’ ids beyond the cap, the same ones however records are grouped and resumed', () => {
  const few = { maxIds: 2_000 }
  const whole = start(few).apply(busy, 0)
  expect(whole.counters.evictedIds).toBeGreaterThan(1_000)
  expect(start().apply(busy, 0).counters.perTopic['retail-transactions'].duplicate).toBeGreaterThan(
    whole.counters.perTopic['retail-transactions'].duplicate + 100,
  )
  for (const size of [1, 97, 5_000]) {
    let engine = start(few)
    let last: EpochOutcome | null = null
    for (let from = 0; from < busy.length; from += size) {
      last = engine.apply(busy.slice(from, from + size), 0)
      expect(engine.knownIds).toBeLessThanOrEqual(few.maxIds)
      if (from % 1_000 < size) engine = start(few, engine.saveState())
    }
    expect([last?.counters, last?.idHorizonMs]).toEqual([whole.counters, whole.idHorizonMs])
  }
})

it('says how far back every id is still known, until the forgotten windows have closed', () => {
  const fill = (from: number, count: number): readonly ReadRecord[] =>
    readInOrder(Array.from({ length: count }, (_, index) => makeSale(`${from}/${index}`, at(from))))
  const engine = start({ maxIds: 1_000 })
  const horizons = [0, 1, 2].map((from) => engine.apply(fill(from, 500), 0).idHorizonMs)
  // With the third minute the first one's ids are gone: known are those from 12:01 on, a minute before the newest sale.
  expect(horizons).toEqual([null, null, minute])
  const resumed = start({ maxIds: 1_000 }, engine.saveState())
  expect(resumed.apply([], 0).idHorizonMs).toBe(minute)
  expect(resumed.apply(fill(5, 1), 0).idHorizonMs).toBe(3 * minute)
  expect(resumed.apply(fill(12, 1), 0).idHorizonMs).toBeNull()
  expect(resumed.apply([], 0).counters.evictedIds).toBe(1_000)
})
