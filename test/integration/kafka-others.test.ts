import { expect, it, onTestFinished } from 'vitest'
import { checkKafka } from '../../core/log/kafka/check.ts'
import { faultOf } from '../support/fault-of.ts'
import { startKafkaClient } from '../support/kafka-client/kafka-client.ts'
import { openTestLog, plainConnection, roomyBroker } from '../support/kafka-logs.ts'
import { liveAt, makeRecords, readAll, textOf } from '../support/log-records.ts'
import { startKafka, startZookeeperKafka } from '../support/services/kafka.ts'

it('reads and writes Kafka 3.9 under ZooKeeper', async () => {
  const kafka = await startZookeeperKafka({ overrides: roomyBroker })
  onTestFinished(() => kafka.stop())
  const { log, topics } = await openTestLog({ brokers: kafka.brokers, partitions: 3, compression: 'zstd' })
  await log.append(makeRecords(500), liveAt(1))
  const expected = makeRecords(500).map(({ value }) => value?.toString())
  expect((await readAll(log)).map(textOf).toSorted()).toEqual(expected.toSorted())
  const checks = await checkKafka(plainConnection(kafka.brokers), Object.values(topics))
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
})

it('writes positions down for tools that show lag, and costs next to nothing while nothing comes', async () => {
  const kafka = await startKafka({ overrides: roomyBroker })
  onTestFinished(() => kafka.stop())
  const client = await startKafkaClient(kafka.brokers)
  onTestFinished(() => client.stop())
  const { log, topics } = await openTestLog({ brokers: kafka.brokers, partitions: 2 })
  await log.append(makeRecords(60), liveAt(1))
  const sales = 'retail-transactions'
  await log.commitOffsets('storepulse', [{ topic: sales, partition: 1, offset: 7 }])
  await log.commitOffsets('storepulse', [{ topic: sales, partition: 1, offset: 9 }])
  expect(await client.run('offsets', 'storepulse')).toBe(`{${topics[sales]}-1=9}`)
  expect(await client.run('groups')).toContain('storepulse')

  const { log: watching } = await openTestLog({ brokers: kafka.brokers, topics, writes: false })
  expect((await faultOf(watching.commitOffsets('storepulse', []))).code).toBe('refused')

  const reader = log.openReader([])
  while ((await reader.read(1_000, 1_000_000)).length > 0) expect(reader.waitingFor).toEqual([])
  const before = process.cpuUsage()
  const startedMs = performance.now()
  while (performance.now() - startedMs < 4_000) {
    await reader.waitForMore(500)
    await reader.read(1_000, 1_000_000)
  }
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1_000 / (performance.now() - startedMs)).toBeLessThan(0.05)
})
