import { Fault } from '../base/fault.ts'
import { partitionOfKey } from '../base/murmur2.ts'
import { eventTopics, readmissionTopic, type Topic } from '../events/topics.ts'

/** All topics of a local log, in the order of its partition slots. */
const logTopics: readonly Topic[] = [...eventTopics, readmissionTopic]

/** Most partitions an event topic may have. */
const mostPartitions = 64

/** One partition of one topic; `slot` numbers all partitions of the log from 0. */
export interface PartitionSlot {
  readonly slot: number
  readonly topic: Topic
  readonly partition: number
}

/** Every topic-partition of a local log, and which one a record goes to. */
export interface PartitionTable {
  readonly slots: readonly PartitionSlot[]
  /** The slot of a topic's partition, or -1 when this log has none. */
  slotOf(topic: Topic, partition: number): number
  /** The slot for a record: by Kafka's murmur2 of its key, in turn over the topic's partitions without a key. */
  route(topic: Topic, key: Uint8Array | null): number
}

/**
 * Event topics have `partitions` partitions, the re-admission topic one.
 *
 * @throws Fault `setting` when `partitions` is no integer from 1 to 64
 */
export function createPartitionTable(partitions: number): PartitionTable {
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > mostPartitions) {
    throw new Fault('setting', `/log/partitions must be an integer from 1 to ${mostPartitions}, not ${partitions}`, {
      domain: 'user',
    })
  }
  const countOf = (topic: Topic): number => (topic === readmissionTopic ? 1 : partitions)
  const firstSlots = new Map<Topic, number>()
  const slots: PartitionSlot[] = []
  for (const topic of logTopics) {
    firstSlots.set(topic, slots.length)
    for (let partition = 0; partition < countOf(topic); partition += 1) {
      slots.push({ slot: slots.length, topic, partition })
    }
  }
  const turns = new Map<Topic, number>()

  return {
    slots,
    slotOf(topic, partition) {
      const first = firstSlots.get(topic)
      const isKnown = Number.isInteger(partition) && partition >= 0 && partition < countOf(topic)
      return first === undefined || !isKnown ? -1 : first + partition
    },
    route(topic, key) {
      const first = firstSlots.get(topic) ?? 0
      const count = countOf(topic)
      if (count === 1) return first
      if (key !== null) return first + partitionOfKey(key, count)
      const turn = turns.get(topic) ?? 0
      turns.set(topic, (turn + 1) % count)
      return first + turn
    },
  }
}
