import type { Topic } from '../../../events/topics.ts'
import type { WaitingPartition } from '../../log.ts'
import { placeOf } from '../log-state.ts'
import type { PartitionBuffer } from './partition-buffer.ts'

/** Why partitions give nothing at the moment, for people. */
export interface Troubles {
  note(topic: Topic, partition: number, reason: string): void
  clear(topic: Topic, partition: number): void
  has(topic: Topic, partition: number): boolean
  /** These partitions with what is known of each. */
  explain(buffers: readonly PartitionBuffer[]): readonly WaitingPartition[]
}

export function createTroubles(): Troubles {
  const reasons = new Map<string, string>()
  return {
    note: (topic, partition, reason) => void reasons.set(placeOf(topic, partition), reason),
    clear: (topic, partition) => void reasons.delete(placeOf(topic, partition)),
    has: (topic, partition) => reasons.has(placeOf(topic, partition)),
    explain: (buffers) =>
      buffers.map(({ topic, partition }) => ({
        topic,
        partition,
        reason: reasons.get(placeOf(topic, partition)) ?? 'its broker has not given it yet',
      })),
  }
}
