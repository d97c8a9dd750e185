import { expect, it } from 'vitest'
import { windowSketch } from '../../core/base/window-sketch.ts'
import { createDecoder } from '../../core/events/decode.ts'
import { type RejectionReason, rejectionReasons } from '../../core/events/decoded.ts'
import type { ReadRecord, WindowRow } from '../../core/events/epoch.ts'
import { isEventTopic } from '../../core/events/topics.ts'
import { createGenerator } from '../../core/generator/create-generator.ts'
import { noDisorder } from '../../core/generator/incidents.ts'
import type { GeneratedRecord } from '../../core/generator/generator.ts'
import { createEngine } from '../../core/stream/engine.ts'
import { defaultOracleOptions, type OracleRecord, recompute } from '../support/oracle.ts'
import { poison, poisonNowMs } from '../support/poison.ts'

const minute = 60_000
const from = Date.UTC(2025, 0, 6)

function generateDisorder(seed: number, count: number): readonly GeneratedRecord[] {
  const generator = createGenerator(
    {
      seed,
      rate: 30,
      rates: {},
      stores: 7,
      shape: 'flat',
      disorder: {
        ...noDisorder,
        late: 0.08,
        duplicate: 0.05,
        invalid: 0.05,
        skewedStore: 2,
        skewMs: -90_000,
        burstEveryMs: 45_000,
      },
    },
    from,
  )
  return generator.advance(from + 3_600_000, count)
}

/** Offsets per topic as a one-partition log would give them. */
function toReadRecords(records: readonly OracleRecord[]): readonly ReadRecord[] {
  const decoder = createDecoder({ futureMs: defaultOracleOptions.futureMs, zone: 'UTC' })
  return records.map(({ topic, bytes, appendedAtMs }, index) => {
    const source = Buffer.from(bytes ?? [])
    const record = {
      topic,
      partition: 0,
      offset: index,
      sequence: index,
      appendedAtMs,
      isProducerTime: false,
      origin: 'import' as const,
      source,
      keyStart: -1,
      keyEnd: -1,
      valueStart: bytes === null ? -1 : 0,
      valueEnd: bytes === null ? -1 : source.length,
    }
    return { record, decoded: decoder.decode(record, appendedAtMs) }
  })
}

function runEngine(records: readonly OracleRecord[], epochRecords: number, duplicates: 'drop' | 'count') {
  const engine = createEngine(
    { windowSizeMs: minute, latenessMs: 10 * minute, duplicates, maxIds: 1_000_000, sketch: windowSketch },
    null,
  )
  const table = new Map<string, WindowRow>()
  const read = toReadRecords(records)
  let last = engine.apply([], 0)
  for (let at = 0; at < read.length; at += epochRecords) {
    last = engine.apply(read.slice(at, at + epochRecords), 0)
    for (const row of last.rows) table.set(`${row.storeId}@${row.startMs}`, row)
  }
  return { table, counters: last.counters, watermarkMs: last.watermarkMs }
}

function expectEqual(
  records: readonly OracleRecord[],
  epochRecords: number,
  duplicates: 'drop' | 'count' = 'drop',
): void {
  const truth = recompute(records, { ...defaultOracleOptions, duplicates })
  const { table, counters, watermarkMs } = runEngine(records, epochRecords, duplicates)
  expect(watermarkMs).toBe(truth.watermarkMs)
  expect(counters.perTopic).toEqual(truth.counters)
  const reasons = Object.fromEntries(
    rejectionReasons.map((reason: RejectionReason) => [reason, truth.invalidByReason.get(reason) ?? 0]),
  )
  expect(counters.invalidByReason).toEqual(reasons)
  const rows = [...table].map(([key, row]) => [key, row.transactions, row.cents, row.final]).sort()
  const expected = [...truth.windows]
    .map(([key, window]) => [key, window.count, window.cents, truth.final.has(key)])
    .sort()
  expect(rows).toEqual(expected)
}

it.each(Array.from({ length: 24 }, (_, index) => index + 1))(
  'equals the oracle on disordered sales of seed %i',
  (seed) => {
    const records = generateDisorder(seed, 8_000).flatMap(({ topic, value, sentAtMs }): readonly OracleRecord[] =>
      isEventTopic(topic) ? [{ topic, partition: 0, bytes: value, appendedAtMs: sentAtMs }] : [],
    )
    expect(records).toHaveLength(8_000)
    expectEqual(records, 1 + (seed % 5) * 700, seed % 6 === 0 ? 'count' : 'drop')
  },
)

it('equals the oracle on every kind of bad input', () => {
  const records = poison.map(
    ({ topic, bytes }): OracleRecord => ({ topic, partition: 0, bytes, appendedAtMs: poisonNowMs }),
  )
  expectEqual(records, 3)
})
