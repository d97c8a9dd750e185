import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { expect, it, onTestFinished } from 'vitest'
import { describeWithServices, useKafka } from '../support/services/use.ts'
import { jsonLines, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

interface Envelope {
  readonly topic: string
  readonly key: string | null
  readonly value: unknown
}

/** The values of each key of a topic, in the order of their partition. */
async function readTopic(
  brokers: string,
  topic: string,
  count: number,
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const client = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
  const consumer = client.consumer({ groupId: randomUUID() })
  onTestFinished(() => consumer.disconnect())
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const found = new Map<string, unknown[]>()
  let read = 0
  await consumer.run({
    eachMessage: async ({ message }) => {
      const key = String(message.key)
      found.set(key, [...(found.get(key) ?? []), JSON.parse(String(message.value))])
      read += 1
    },
  })
  await expect.poll(() => read, { timeout: 60_000 }).toBe(count)
  return found
}

describeWithServices('generate --to kafka', ['kafka'], () => {
  it('sends what it would print, each key in its order, and to no cluster that is only watched', async () => {
    const { brokers } = await useKafka()
    const prefix = `g${randomUUID().slice(0, 8)}-`
    const home = makeTemporaryDirectory()
    const run = (args: readonly string[], profile = 'process') =>
      runStorepulse([...args, '--profile', profile, '--set', `kafka.topicPrefix=${prefix}`], {
        home,
        environment: { STOREPULSE_KAFKA_BROKERS: brokers },
      })
    const events = ['--seed', '7', '--count', '3000']
    expect(await run(['topics', 'create'])).toMatchObject({ code: 0 })
    const sent = await run(['generate', ...events, '--to', 'kafka'])
    expect(sent, sent.stderr).toMatchObject({ code: 0, stdout: 'sent 3,000 records\n' })

    const printed = jsonLines<Envelope>(await runStorepulse(['generate', ...events, '--to', 'stdout'], { home }))
    expect(printed).toHaveLength(3_000)
    for (const topic of ['retail-transactions', 'customer-events', 'inventory-updates']) {
      const expected = new Map<string, unknown[]>()
      for (const { key, value } of printed.filter((line) => line.topic === topic)) {
        expected.set(String(key), [...(expected.get(String(key)) ?? []), value])
      }
      const count = [...expected.values()].flat().length
      expect(await readTopic(brokers, `${prefix}${topic}`, count)).toEqual(expected)
    }

    const refused = await run(['generate', ...events, '--to', 'kafka'], 'watch')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('a profile of kind watch sends nothing to Kafka')
  })
})
