import { type RejectionReason, rejectionReasons } from '../events/decoded.ts'
import type { CounterDelta, Counters, OutcomeName } from '../events/epoch.ts'
import { type EventTopic, eventTopics } from '../events/topics.ts'

type MutableCounts = { -readonly [Name in keyof CounterDelta]: number }

/** The identity's counters while an engine adds to them. `received` is the sum of the five outcomes, always. */
export interface CounterBook {
  receive(topic: EventTopic, outcome: OutcomeName): void
  reject(topic: EventTopic, reason: RejectionReason): void
  /** Moves one from late or invalid to another outcome; `received` stays. */
  move(topic: EventTopic, from: 'late' | 'invalid', to: OutcomeName, reason: RejectionReason | null): void
  noteRounded(): void
  noteZoneless(): void
  noteConflict(): void
  noteEvicted(count: number): void
  /** A frozen copy of the totals. */
  snapshot(): Counters
}

const emptyCounts = (): MutableCounts => ({ received: 0, counted: 0, late: 0, duplicate: 0, invalid: 0, tombstone: 0 })

/** All counters at zero. */
export const emptyCounters = (): Counters => createCounterBook(null).snapshot()

/** Opens a book on earlier totals, or on zeros. */
export function createCounterBook(earlier: Counters | null): CounterBook {
  const perTopic: Record<EventTopic, MutableCounts> = {
    'retail-transactions': { ...emptyCounts(), ...earlier?.perTopic['retail-transactions'] },
    'customer-events': { ...emptyCounts(), ...earlier?.perTopic['customer-events'] },
    'inventory-updates': { ...emptyCounts(), ...earlier?.perTopic['inventory-updates'] },
  }
  const reasons = new Map(rejectionReasons.map((reason) => [reason, earlier?.invalidByReason[reason] ?? 0]))
  const addReason = (reason: RejectionReason, by: number): void => {
    reasons.set(reason, (reasons.get(reason) ?? 0) + by)
  }
  let rounded = earlier?.rounded ?? 0
  let zoneless = earlier?.zoneless ?? 0
  let conflicts = earlier?.conflicts ?? 0
  let evictedIds = earlier?.evictedIds ?? 0
  return {
    receive(topic, outcome) {
      const counts = perTopic[topic]
      counts.received += 1
      counts[outcome] += 1
    },
    reject(topic, reason) {
      const counts = perTopic[topic]
      counts.received += 1
      counts.invalid += 1
      addReason(reason, 1)
    },
    move(topic, from, to, reason) {
      perTopic[topic][from] -= 1
      perTopic[topic][to] += 1
      if (from === 'invalid' && reason !== null) addReason(reason, -1)
    },
    noteRounded: () => {
      rounded += 1
    },
    noteZoneless: () => {
      zoneless += 1
    },
    noteConflict: () => {
      conflicts += 1
    },
    noteEvicted: (count) => {
      evictedIds += count
    },
    snapshot: () => ({
      perTopic: {
        'retail-transactions': { ...perTopic['retail-transactions'] },
        'customer-events': { ...perTopic['customer-events'] },
        'inventory-updates': { ...perTopic['inventory-updates'] },
      },
      invalidByReason: readReasons(reasons),
      rounded,
      zoneless,
      conflicts,
      evictedIds,
    }),
  }
}

function readReasons(reasons: ReadonlyMap<RejectionReason, number>): Counters['invalidByReason'] {
  const at = (reason: RejectionReason): number => reasons.get(reason) ?? 0
  return {
    too_large: at('too_large'),
    not_utf8: at('not_utf8'),
    schema_framed: at('schema_framed'),
    not_json: at('not_json'),
    not_object: at('not_object'),
    too_deep: at('too_deep'),
    missing_field: at('missing_field'),
    wrong_type: at('wrong_type'),
    bad_amount: at('bad_amount'),
    bad_time: at('bad_time'),
    future_time: at('future_time'),
  }
}

/** Totals over the three topics. */
export function sumCounters(counters: Counters): CounterDelta {
  const total = emptyCounts()
  for (const topic of eventTopics) {
    const counts = counters.perTopic[topic]
    total.received += counts.received
    total.counted += counts.counted
    total.late += counts.late
    total.duplicate += counts.duplicate
    total.invalid += counts.invalid
    total.tombstone += counts.tombstone
  }
  return total
}
