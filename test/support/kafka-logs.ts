import { onTestFinished } from 'vitest'
import type { KafkaConnection } from '../../core/base/connections.ts'
import type { EventTopic } from '../../core/events/topics.ts'
import { type KafkaLog, type KafkaLogOptions, openKafkaLog } from '../../core/log/kafka/kafka-log.ts'
import { createKafkaTopics } from '../../core/log/kafka/topics.ts'

/** Settings of a broker on which records of any age stay and batches may be large. */
export const roomyBroker: Readonly<Record<string, string>> = {
  'message.max.bytes': '31457280',
  'replica.fetch.max.bytes': '31457280',
  'log.retention.ms': '-1',
  'auto.create.topics.enable': 'false',
}

export const plainConnection = (brokers: string): KafkaConnection => ({
  brokers: brokers.split(','),
  clientId: 'storepulse-test',
  tls: null,
  sasl: null,
})

let topicSets = 0

export type TopicNames = Readonly<Record<EventTopic, string>>

/** Names that no other test uses. */
export function nameTopics(): TopicNames {
  topicSets += 1
  const suffix = `${process.pid}-${topicSets}`
  return {
    'retail-transactions': `retail-transactions-${suffix}`,
    'customer-events': `customer-events-${suffix}`,
    'inventory-updates': `inventory-updates-${suffix}`,
  }
}

export interface KafkaLogWish extends Partial<Omit<KafkaLogOptions, 'connection' | 'topics'>> {
  readonly brokers: string
  readonly partitions?: number
  readonly replicationFactor?: number
  /** Made already; otherwise new ones are. */
  readonly topics?: TopicNames
}

export interface OpenedKafkaLog {
  readonly log: KafkaLog
  readonly topics: TopicNames
}

/** Opens a log on topics of its own; it is closed when the test ends. */
export async function openTestLog(wish: KafkaLogWish): Promise<OpenedKafkaLog> {
  const { brokers, partitions = 1, replicationFactor = 1, topics: given, ...options } = wish
  const connection = plainConnection(brokers)
  const topics = given ?? nameTopics()
  if (!given) await createKafkaTopics({ connection, topics, partitions, replicationFactor })
  const log = await openKafkaLog({ writes: true, ...options, connection, topics })
  onTestFinished(() => log.close())
  return { log, topics }
}
