import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import type { KafkaConnection } from '../../core/base/connections.ts'
import { eventTopics } from '../../core/events/topics.ts'
import { openKafkaLog } from '../../core/log/kafka/kafka-log.ts'
import { createKafkaTopics } from '../../core/log/kafka/topics.ts'
import { startKafka } from '../support/services/kafka.ts'
import type { Figure } from './measure.ts'

const records = 1_000_000
const valueBytes = 290
const batch = 5_000
const idleSeconds = 10

/** Records a second of elapsed time and of this process's own time: the second holds on a busy machine too. */
async function measure(what: string, work: () => Promise<void>): Promise<readonly Figure[]> {
  const startedMs = performance.now()
  const before = process.cpuUsage()
  await work()
  const elapsedMs = performance.now() - startedMs
  const { user, system } = process.cpuUsage(before)
  return [
    { bench: 'kafka', what, value: Math.round(records / (elapsedMs / 1_000)), unit: 'records/s' },
    {
      bench: 'kafka',
      what: `${what}, per CPU second`,
      value: Math.round(records / ((user + system) / 1_000_000)),
      unit: 'records/s',
    },
  ]
}

/** A topic of sales read by the log and by kafkajs's own consumer, written by the log; and what an idle reader costs. */
export async function benchKafkaRead(): Promise<readonly Figure[]> {
  const kafka = await startKafka()
  try {
    const connection: KafkaConnection = { brokers: [kafka.brokers], clientId: 'bench', tls: null, sasl: null }
    await createKafkaTopics({ connection, partitions: 4, replicationFactor: 1 })
    const log = await openKafkaLog({ connection, writes: true })
    const value = Buffer.alloc(valueBytes, 'a sale ')
    const keys = Array.from({ length: 97 }, (_, index) => Buffer.from(`${index}`))
    const written = await measure('append', async () => {
      for (let count = 0; count < records; count += batch) {
        const part = Array.from({ length: batch }, (_, index) => ({
          topic: eventTopics[index % 3] ?? eventTopics[0],
          key: keys[index % keys.length] ?? null,
          value,
        }))
        await log.append(part, { appendedAtMs: Date.now(), origin: 'live' })
      }
    })
    const reader = log.openReader([])
    const read = await measure('read in order', async () => {
      let count = 0
      while (count < records) count += (await reader.read(20_000, 16_777_216)).length
    })
    const consumed = await measure('kafkajs consumer, unordered', () => consume(kafka.brokers))
    const before = process.cpuUsage()
    for (let second = 0; second < idleSeconds; second += 1) {
      await reader.waitForMore(1_000)
      await reader.read(20_000, 16_777_216)
    }
    const { user, system } = process.cpuUsage(before)
    await log.close()
    const idle = {
      bench: 'kafka',
      what: 'an idle reader',
      value: (user + system) / idleSeconds / 10_000,
      unit: '% CPU',
    }
    return [...written, ...read, ...consumed, idle]
  } finally {
    await kafka.stop()
  }
}

async function consume(brokers: string): Promise<void> {
  const consumer = new Kafka({ brokers: [brokers], clientId: 'bench', logLevel: logLevel.NOTHING }).consumer({
    groupId: 'bench',
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [...eventTopics], fromBeginning: true })
  let count = 0
  await consumer.run({
    eachBatch: async ({ batch: { messages } }) => {
      count += messages.length
    },
  })
  while (count < records) await sleep(10)
  await consumer.disconnect()
}
