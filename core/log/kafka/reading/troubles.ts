import type { Clock } from '../../../base/clock.ts'
import type { Topic } from '../../../events/topics.ts'
import type { WaitingPartition } from '../../log.ts'
import { placeOf } from '../log-state.ts'
import type { PartitionBuffer } from './partition-buffer.ts'

/** Why partitions give nothing at the moment, for people. */
export interface Troubles {
  note(topic: Topic, partition: number, reason: string): void
  clear(topic: Topic, partition: number): void
  /** Those that have lasted so long. */
  list(atLeastMs: number): readonly WaitingPartition[]
  /** These partitions with what is known of each. */
  explain(buffers: readonly PartitionBuffer[]): readonly WaitingPartition[]
}

export function createTroubles(clock: Clock): Troubles {
  const known = new Map<string, WaitingPartition & { readonly sinceMs: number }>()
  return {
    note(topic, partition, reason) {
      const place = placeOf(topic, partition)
      known.set(place, { topic, partition, reason, sinceMs: known.get(place)?.sinceMs ?? clock.monotonicMs() })
    },
    clear: (topic, partition) => void known.delete(placeOf(topic, partition)),
    list: (atLeastMs) =>
      [...known.values()]
        .filter(({ sinceMs }) => clock.monotonicMs() - sinceMs >= atLeastMs)
        .map(({ topic, partition, reason }) => ({ topic, partition, reason })),
    explain: (buffers) =>
      buffers.map(({ topic, partition }) => ({
        topic,
        partition,
        reason: known.get(placeOf(topic, partition))?.reason ?? 'its broker has not given it yet',
      })),
  }
}
