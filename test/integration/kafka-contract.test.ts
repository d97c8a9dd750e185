import { afterAll, beforeAll } from 'vitest'
import { promiseLog } from '../contract/log.promises.ts'
import { openTestLog, roomyBroker } from '../support/kafka-logs.ts'
import { type KafkaServer, startKafka } from '../support/services/kafka.ts'

let kafka: KafkaServer

beforeAll(async () => {
  kafka = await startKafka({ overrides: roomyBroker })
})

afterAll(async () => {
  await kafka.stop()
})

promiseLog(
  'kafka',
  async ({ partitions = 4, probe } = {}) => {
    const { log } = await openTestLog({ brokers: kafka.brokers, partitions, ...(probe ? { probe } : {}) })
    return log
  },
  'ledger',
)
