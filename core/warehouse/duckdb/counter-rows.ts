import { rejectionReasons } from '../../events/decoded.ts'
import type { CounterDelta, Counters } from '../../events/epoch.ts'
import { eventTopics } from '../../events/topics.ts'

/** A row of `storepulse.counters`. */
export interface CounterRow {
  readonly topic: string
  readonly name: string
  readonly value: number
}

const anyTopic = '*'
const outcomes = ['received', 'counted', 'late', 'duplicate', 'invalid', 'tombstone'] as const
const totals = ['rounded', 'zoneless', 'conflicts', 'evictedIds'] as const

const nameReason = (reason: string): string => `invalid/${reason}`
const keyOf = (topic: string, name: string): string => `${topic} ${name}`

/** Counters as rows, always the same ones in the same order. */
export function listCounters(counters: Counters): readonly CounterRow[] {
  return [
    ...eventTopics.flatMap((topic) => outcomes.map((name) => ({ topic, name, value: counters.perTopic[topic][name] }))),
    ...rejectionReasons.map((reason) => ({
      topic: anyTopic,
      name: nameReason(reason),
      value: counters.invalidByReason[reason],
    })),
    ...totals.map((name) => ({ topic: anyTopic, name, value: counters[name] })),
  ]
}

/** The rows that are not as they were; all of them where nothing is known about before. */
export function listChangedCounters(counters: Counters, before: Counters | null): readonly CounterRow[] {
  const rows = listCounters(counters)
  if (!before) return rows
  const old = listCounters(before)
  return rows.filter((row, index) => row.value !== old[index]?.value)
}

/** Puts rows together again; one that is missing counts 0. */
export function readCounters(rows: readonly CounterRow[]): Counters {
  const values = new Map(rows.map(({ topic, name, value }) => [keyOf(topic, name), value]))
  const find = (topic: string, name: string): number => values.get(keyOf(topic, name)) ?? 0
  const readTopic = (topic: string): CounterDelta => ({
    received: find(topic, 'received'),
    counted: find(topic, 'counted'),
    late: find(topic, 'late'),
    duplicate: find(topic, 'duplicate'),
    invalid: find(topic, 'invalid'),
    tombstone: find(topic, 'tombstone'),
  })
  const findReason = (reason: (typeof rejectionReasons)[number]): number => find(anyTopic, nameReason(reason))
  return {
    perTopic: {
      'retail-transactions': readTopic('retail-transactions'),
      'customer-events': readTopic('customer-events'),
      'inventory-updates': readTopic('inventory-updates'),
    },
    invalidByReason: {
      too_large: findReason('too_large'),
      not_utf8: findReason('not_utf8'),
      schema_framed: findReason('schema_framed'),
      not_json: findReason('not_json'),
      not_object: findReason('not_object'),
      too_deep: findReason('too_deep'),
      missing_field: findReason('missing_field'),
      wrong_type: findReason('wrong_type'),
      bad_amount: findReason('bad_amount'),
      bad_time: findReason('bad_time'),
      future_time: findReason('future_time'),
    },
    rounded: find(anyTopic, 'rounded'),
    zoneless: find(anyTopic, 'zoneless'),
    conflicts: find(anyTopic, 'conflicts'),
    evictedIds: find(anyTopic, 'evictedIds'),
  }
}
