import { rejectionReasons } from '../events/decoded.ts'
import type { CounterDelta, Counters } from '../events/epoch.ts'
import { eventTopics } from '../events/topics.ts'
import { parseTopicName } from './topic-name.ts'
import type { PartitionOffset } from './warehouse.ts'

/** A row of `storepulse.counters`. */
export interface NamedNumber {
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
export function listCounters(counters: Counters): readonly NamedNumber[] {
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

const offsetName = /^offset\/(\d+)$/

/** Next offsets as rows. */
export const listOffsets = (offsets: readonly PartitionOffset[]): readonly NamedNumber[] =>
  offsets.map(({ offset, partition, topic }) => ({ topic, name: `offset/${partition}`, value: offset }))

/** The next offsets among the rows. */
export function readOffsets(rows: readonly NamedNumber[]): readonly PartitionOffset[] {
  return rows.flatMap(({ name, topic: topicName, value }) => {
    const partition = offsetName.exec(name)?.[1]
    const topic = parseTopicName(topicName)
    return topic && partition !== undefined ? [{ topic, partition: Number(partition), offset: value }] : []
  })
}

/** Puts rows together again; one that is missing counts 0. */
export function readCounters(rows: readonly NamedNumber[]): Counters {
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
