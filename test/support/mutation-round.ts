import { isDeepStrictEqual } from 'node:util'
import { windowSketch } from '../../core/base/window-sketch.ts'
import { type RejectionReason, rejectionReasons } from '../../core/events/decoded.ts'
import type { EpochOutcome, ReadRecord, WindowRow } from '../../core/events/epoch.ts'
import { createEngine } from '../../core/stream/engine.ts'
import { createOutcomeComparison } from './compare-outcomes.ts'
import { makeMutatedRecords } from './mutated-records.ts'
import { defaultOracleOptions, type OracleRecord, type OracleResult, recompute } from './oracle.ts'

/** What one round came to; a difference names the record, so that the seed and its number find it again. */
export interface MutationRound {
  readonly messages: number
  /** Messages that the byte scan was sure of. */
  readonly scanned: number
  readonly differences: readonly string[]
  readonly truth: OracleResult
}

/** An odd number of records an epoch, so that no group of them is like another. */
const epochRecords = 701

/** Each record by itself: scanned, parsed and told by the oracle. */
function decodeAll(records: readonly OracleRecord[], differences: string[]) {
  const compare = createOutcomeComparison()
  let scanned = 0
  const read = records.map(({ topic, bytes, appendedAtMs }, index): ReadRecord => {
    const { record, decoded, isScanned, difference } = compare(topic, bytes, appendedAtMs)
    if (isScanned) scanned += 1
    if (difference !== null) {
      const start = bytes === null ? '' : Buffer.from(bytes.subarray(0, 600)).toString('latin1')
      differences.push(`record ${index} on ${topic}: ${difference}\n${JSON.stringify(start)}`)
    }
    return { record: { ...record, offset: index, sequence: index }, decoded }
  })
  return { read, scanned }
}

/** All of them through one engine, held against the oracle's table. */
function applyAll(read: readonly ReadRecord[], truth: OracleResult, differences: string[]): void {
  const engine = createEngine(
    { windowSizeMs: 60_000, latenessMs: 600_000, duplicates: 'drop', maxIds: 1_000_000, sketch: windowSketch },
    null,
  )
  const table = new Map<string, WindowRow>()
  let quarantined = 0
  let last: EpochOutcome = engine.apply([], 0)
  for (let at = 0; at < read.length; at += epochRecords) {
    last = engine.apply(read.slice(at, at + epochRecords), 0)
    quarantined += last.quarantined.length
    for (const row of last.rows) table.set(`${row.storeId}@${row.startMs}`, row)
  }
  const hold = (what: string, found: unknown, expected: unknown): void => {
    if (!isDeepStrictEqual(found, expected)) differences.push(`${what} differ from the oracle’s`)
  }
  const reasons = rejectionReasons.map((reason: RejectionReason) => [reason, truth.invalidByReason.get(reason) ?? 0])
  hold('counters', last.counters.perTopic, truth.counters)
  hold('reasons', last.counters.invalidByReason, Object.fromEntries(reasons))
  hold('watermarks', last.watermarkMs, truth.watermarkMs)
  hold(
    'windows',
    [...table].map(([key, row]) => [key, row.transactions, row.cents, row.final]).sort(),
    [...truth.windows].map(([key, { count, cents }]) => [key, count, cents, truth.final.has(key)]).sort(),
  )
  for (const counts of Object.values(last.counters.perTopic)) {
    const { received, counted, late, duplicate, invalid, tombstone } = counts
    hold('identities', received, counted + late + duplicate + invalid + tombstone)
  }
  const invalid = Object.values(last.counters.perTopic).reduce((sum, counts) => sum + counts.invalid, 0)
  hold('quarantined records', quarantined, invalid)
  hold(
    'all received',
    Object.values(last.counters.perTopic).reduce((sum, counts) => sum + counts.received, 0),
    read.length,
  )
}

/** Mutates, decodes, applies and compares `count` records; nothing of it depends on anything but the seed. */
export function runMutationRound(seed: number, count: number): MutationRound {
  const records = makeMutatedRecords(seed, count)
  const differences: string[] = []
  const { read, scanned } = decodeAll(records, differences)
  const truth = recompute(records, defaultOracleOptions)
  applyAll(read, truth, differences)
  return { messages: records.length, scanned, differences, truth }
}
