import { describe, expect, it } from 'vitest'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { createDecoder } from '../../../core/events/decode.ts'
import type { DecodeRules } from '../../../core/events/decoded.ts'
import type { EpochOutcome } from '../../../core/events/epoch.ts'
import type { LogRecord } from '../../../core/events/record.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { createReadingStage } from '../../../core/pipeline/reading.ts'
import { createEngine } from '../../../core/stream/engine.ts'
import { makeRecord } from '../../support/records.ts'

/**
 * Hazards of time, each in a row: an ordinary sale made and appended at `now`, the hazard, and the next ordinary sale a
 * second later. The watermark stays ten minutes behind the newest valid sale; windows are minutes.
 */

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const noon = Date.UTC(2025, 0, 6, 12)
const latenessMs = 10 * minute
const log = createMemoryLog({ partitions: 1 })

interface Hazard {
  /** `event_time` as it stands in the record. */
  readonly time: string | number
  /** What it is read as, where it is read. */
  readonly readAs?: string
  readonly outcome: 'counted' | 'late' | 'bad_time' | 'future_time'
  /** By how much the hazard moves the watermark; 0 where it is not said. */
  readonly moves?: number
  /** What the next ordinary sale is; counted where it is not said. */
  readonly next?: 'counted' | 'late'
  /** When the ordinary sale before is made, appended and read; noon of 6 January 2025 where it is not said. */
  readonly now?: number
  /** Record time of the hazard where it is not `now`, by the producer or by the log; -1 = the producer gave none. */
  readonly stamped?: number
  readonly by?: 'producer' | 'log'
  readonly rules?: Partial<DecodeRules>
}

const table: Readonly<Record<string, Readonly<Record<string, Hazard>>>> = {
  'ahead of its record, which the log has stamped': {
    'within events.futureMs': { time: noon + 5 * minute - 1, outcome: 'counted', moves: 5 * minute - 1 },
    'by just events.futureMs': { time: noon + 5 * minute, outcome: 'counted', moves: 5 * minute },
    'by a millisecond more': { time: noon + 5 * minute + 1, outcome: 'future_time' },
    'by a day': { time: noon + day, outcome: 'future_time' },
    'in the year 9999': { time: '9999-12-31T23:59:59.999Z', outcome: 'future_time' },
    'in the year 10000, which is none': { time: '10000-01-01T00:00:00Z', outcome: 'bad_time' },
    'where events.futureMs is more': {
      time: noon + 20 * minute,
      rules: { futureMs: hour },
      outcome: 'counted',
      moves: 20 * minute,
      next: 'late',
    },
    'by a clock of the log that is ahead itself': {
      time: noon + hour,
      stamped: noon + hour,
      outcome: 'counted',
      moves: hour,
      next: 'late',
    },
  },
  'ahead of its record, which the producer has stamped': {
    'within events.futureMs': {
      time: noon + 5 * minute,
      stamped: noon,
      by: 'producer',
      outcome: 'counted',
      moves: 5 * minute,
    },
    'by a clock that is ahead itself: it does not vouch for the sale': {
      time: noon + hour,
      stamped: noon + hour,
      by: 'producer',
      outcome: 'future_time',
    },
    'by a clock that is behind': { time: noon, stamped: noon - hour, by: 'producer', outcome: 'future_time' },
    'without a time, within events.futureMs of the reading': {
      time: noon + 5 * minute,
      stamped: -1,
      by: 'producer',
      outcome: 'counted',
      moves: 5 * minute,
    },
    'without a time, by a millisecond more': {
      time: noon + 5 * minute + 1,
      stamped: -1,
      by: 'producer',
      outcome: 'future_time',
    },
    'of last year, read late: its own time is what it is judged by': {
      time: noon - 365 * day,
      stamped: noon - 365 * day,
      by: 'producer',
      outcome: 'late',
    },
  },
  'in another unit': {
    'milliseconds, as agreed': { time: noon, readAs: '2025-01-06T12:00:00.000Z', outcome: 'counted' },
    seconds: { time: noon / 1_000, outcome: 'bad_time' },
    microseconds: { time: noon * 1_000, outcome: 'bad_time' },
    nanoseconds: { time: noon * 1_000_000, outcome: 'bad_time' },
    'milliseconds with a fraction': { time: noon + 0.5, outcome: 'bad_time' },
    'milliseconds in quotes': { time: String(noon), outcome: 'bad_time' },
    'an empty text': { time: '', outcome: 'bad_time' },
  },
  'at the edges of what is taken': {
    'zero, which is never set': { time: 0, outcome: 'bad_time' },
    'a negative number': { time: -1, outcome: 'bad_time' },
    'the last millisecond before 2000': { time: Date.UTC(2000, 0, 1) - 1, outcome: 'bad_time' },
    'the first of 2000': { time: Date.UTC(2000, 0, 1), outcome: 'late' },
    'the last before 2100': { time: Date.UTC(2100, 0, 1) - 1, outcome: 'future_time' },
    'the first of 2100': { time: Date.UTC(2100, 0, 1), outcome: 'bad_time' },
    '1970 as text, which is a time like any other': { time: '1970-01-01T00:00:00Z', outcome: 'late' },
    'the year 1': { time: '0001-01-01T00:00:00Z', outcome: 'late' },
    'the year 0, which is none': { time: '0000-12-31T23:59:59Z', outcome: 'bad_time' },
    'a leap second': {
      time: '2016-12-31T23:59:60Z',
      now: Date.UTC(2017, 0, 1),
      outcome: 'bad_time',
    },
    'the second before a leap second': {
      time: '2016-12-31T23:59:59Z',
      now: Date.UTC(2017, 0, 1),
      readAs: '2016-12-31T23:59:59.000Z',
      outcome: 'counted',
    },
    'midnight as 24:00': { time: '2025-01-05T24:00:00Z', outcome: 'bad_time' },
    'the 29th of February of a common year': { time: '2025-02-29T00:00:00Z', outcome: 'bad_time' },
  },
  'without a zone, in events.zone': {
    'of a store in winter': {
      time: '2025-01-06T13:00:00',
      rules: { zone: 'Europe/Berlin' },
      readAs: '2025-01-06T12:00:00.000Z',
      outcome: 'counted',
    },
    'left at UTC though the store is east of it': { time: '2025-01-06T13:00:00', outcome: 'future_time' },
    'left at UTC though the store is west of it': { time: '2025-01-06T07:00:00', outcome: 'late' },
    'skipped by the clocks going forward: moved on by the gap': {
      time: '2025-03-30T02:30:00',
      now: Date.UTC(2025, 2, 30, 1, 30),
      rules: { zone: 'Europe/Berlin' },
      readAs: '2025-03-30T01:30:00.000Z',
      outcome: 'counted',
    },
    'twice there when the clocks go back, the first time': {
      time: '2025-10-26T02:30:00',
      now: Date.UTC(2025, 9, 26, 0, 30),
      rules: { zone: 'Europe/Berlin' },
      readAs: '2025-10-26T00:30:00.000Z',
      outcome: 'counted',
    },
    'the second time: read as the first, an hour early': {
      time: '2025-10-26T02:30:00',
      now: Date.UTC(2025, 9, 26, 1, 30),
      rules: { zone: 'Europe/Berlin' },
      readAs: '2025-10-26T00:30:00.000Z',
      outcome: 'late',
    },
    'the second time, with its offset': {
      time: '2025-10-26T02:30:00+01:00',
      now: Date.UTC(2025, 9, 26, 1, 30),
      rules: { zone: 'Europe/Berlin' },
      readAs: '2025-10-26T01:30:00.000Z',
      outcome: 'counted',
    },
  },
  behind: {
    'in the oldest window that is open': { time: noon - 11 * minute + 1 * minute, outcome: 'counted' },
    'in the window before it': { time: noon - 11 * minute, outcome: 'late' },
    'by a year': { time: noon - 365 * day, outcome: 'late' },
  },
}

let made = 0
function makeSale(time: string | number, at: Partial<LogRecord>): LogRecord {
  made += 1
  const value = { transaction_id: `T${made}`, store_id: 1, customer_id: 'C', event_time: time, final_amount: 1 }
  return { ...makeRecord(JSON.stringify(value), { offset: made }), ...at }
}

const sales = 'retail-transactions'
const nameOutcome = ({ late, quarantined, sales: counted }: EpochOutcome): string =>
  quarantined[0]?.reason ?? (late.length > 0 ? 'late' : counted.length > 0 ? 'counted' : 'nothing')

/** Reads and applies one record after another, each as an epoch of its own. */
function start(rules: Partial<DecodeRules>, readAtMs: number) {
  const reading = createReadingStage(createDecoder({ futureMs: 5 * minute, zone: 'UTC', ...rules }), log)
  const engine = createEngine(
    { windowSizeMs: minute, latenessMs, duplicates: 'drop', maxIds: 1_000, sketch: windowSketch },
    null,
  )
  return {
    engine,
    take: async (record: LogRecord, atMs = readAtMs): Promise<EpochOutcome> =>
      engine.apply(await reading.decode([record], atMs), atMs),
  }
}

for (const [group, hazards] of Object.entries(table)) {
  describe(`an event time ${group}`, () => {
    it.each(Object.entries(hazards))('%s', async (_, hazard) => {
      const { by = 'log', moves = 0, next = 'counted', now = noon, outcome, readAs, rules = {}, stamped = now } = hazard
      const { engine, take } = start(rules, now)
      expect(nameOutcome(await take(makeSale(now, { appendedAtMs: now })))).toBe('counted')
      const hit = await take(makeSale(hazard.time, { appendedAtMs: stamped, isProducerTime: by === 'producer' }))
      expect(nameOutcome(hit)).toBe(outcome)
      if (outcome.endsWith('_time')) expect(hit.quarantined[0]?.path).toBe('/event_time')
      const read = hit.sales[0] ?? hit.late[0]
      if (readAs !== undefined) expect(new Date(read?.eventTimeMs ?? 0).toISOString()).toBe(readAs)
      expect((engine.watermarkMs ?? 0) - (now - latenessMs)).toBe(moves)
      const after = await take(makeSale(now + 1_000, { appendedAtMs: now + 1_000 }), now + 1_000)
      expect(nameOutcome(after)).toBe(next)
      expect(engine.watermarkMs).toBe(Math.max(now - latenessMs + moves, now + 1_000 - latenessMs))
      const { counted, invalid, late, received } = after.counters.perTopic[sales]
      expect(received).toBe(3)
      expect(counted + invalid + late).toBe(3)
    })
  })
}

it('begins at 1970 where the first sale of all says so, and loses nothing of what comes after', async () => {
  const { engine, take } = start({}, noon)
  expect(nameOutcome(await take(makeSale('1970-01-01T00:00:00Z', { appendedAtMs: noon })))).toBe('counted')
  expect(engine.watermarkMs).toBe(-latenessMs)
  const { rows } = await take(makeSale(noon, { appendedAtMs: noon }))
  expect(rows.map(({ final, startMs }) => [startMs, final])).toEqual([
    [0, true],
    [noon, false],
  ])
  expect(engine.watermarkMs).toBe(noon - latenessMs)
})

it('lets one sale ahead of all others close windows five minutes early, and no more than that', async () => {
  const { engine, take } = start({}, noon)
  await take(makeSale(noon, { appendedAtMs: noon }))
  await take(makeSale(noon + 5 * minute, { appendedAtMs: noon }))
  expect(nameOutcome(await take(makeSale(noon - 5 * minute, { appendedAtMs: noon })))).toBe('counted')
  expect(nameOutcome(await take(makeSale(noon - 5 * minute - 1, { appendedAtMs: noon })))).toBe('late')
  expect(nameOutcome(await take(makeSale(noon + 5 * minute + 1, { appendedAtMs: noon })))).toBe('future_time')
  expect(engine.watermarkMs).toBe(noon - 5 * minute)
})

it('counts what a silent partition wakes with as late, and its watermark holds nothing back', async () => {
  const { engine, take } = start({}, noon)
  await take(makeSale(noon, { appendedAtMs: noon }))
  for (let index = 0; index < 90; index += 1) {
    const atMs = noon - 90 * minute + index * minute
    const outcome = await take(makeSale(atMs, { partition: 1, appendedAtMs: atMs, isProducerTime: true }))
    // The last ten minutes are still open: they count.
    expect(nameOutcome(outcome)).toBe(index < 80 ? 'late' : 'counted')
    expect(engine.watermarkMs).toBe(noon - latenessMs)
  }
  expect(nameOutcome(await take(makeSale(noon + 1, { appendedAtMs: noon })))).toBe('counted')
})

it('keeps the watermark of an idle close when sales go on behind it', async () => {
  const { engine, take } = start({}, noon)
  await take(makeSale(noon, { appendedAtMs: noon }))
  engine.closeIdle(noon + minute)
  expect(nameOutcome(await take(makeSale(noon + minute - 1, { appendedAtMs: noon })))).toBe('late')
  expect(nameOutcome(await take(makeSale(noon + minute, { appendedAtMs: noon })))).toBe('counted')
  expect(engine.watermarkMs).toBe(noon + minute)
  engine.closeIdle(noon)
  expect(engine.watermarkMs).toBe(noon + minute)
})
