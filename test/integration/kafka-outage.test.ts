import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { LogRecord } from '../../core/events/record.ts'
import { checkKafka } from '../../core/log/kafka/check.ts'
import { createKafkaTopics } from '../../core/log/kafka/topics.ts'
import type { LogReader } from '../../core/log/log.ts'
import { faultOf } from '../support/fault-of.ts'
import { nameTopics, openTestLog, plainConnection, roomyBroker } from '../support/kafka-logs.ts'
import { liveAt, makeRecord, readAll, textOf } from '../support/log-records.ts'
import { type KafkaServer, startKafka } from '../support/services/kafka.ts'

let kafka: KafkaServer

beforeAll(async () => {
  kafka = await startKafka({ nodes: 2, overrides: { ...roomyBroker, 'default.replication.factor': '2' } })
})

afterAll(() => kafka.stop())

const megabyte = 1024 * 1024

/** Reads until all these texts have come, each once; what it waited for meanwhile goes to `waits`. */
async function readTexts(
  reader: LogReader,
  texts: readonly string[],
  waits: string[] = [],
): Promise<readonly string[]> {
  const records: LogRecord[] = []
  while (records.length < texts.length) {
    const more = await reader.read(1_000, megabyte)
    records.push(...more)
    for (const { topic, partition, reason } of reader.waitingFor ?? []) waits.push(`${topic}/${partition}: ${reason}`)
    if (more.length === 0) await reader.waitForMore(200)
  }
  const sequences = records.map(({ sequence }) => sequence)
  expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
  return records.map(textOf).toSorted()
}

const texts = (from: number, until: number): readonly string[] =>
  Array.from({ length: until - from }, (_, index) => `key-${(from + index) % 7}:${from + index}`).toSorted()

const openReplicated = () =>
  openTestLog({
    brokers: kafka.brokers,
    partitions: 4,
    replicationFactor: 2,
    requestTimeoutMs: 2_000,
    connectTimeoutMs: 2_000,
    appendTimeoutMs: 200_000,
  })

it('goes on with the brokers that are left, and with the one that comes back', async () => {
  const { log } = await openReplicated()
  const reader = log.openReader([])
  const append = (from: number, until: number) =>
    log.append(
      texts(from, until).map((text) => makeRecord(text)),
      liveAt(from),
    )
  await append(0, 100)
  expect(await readTexts(reader, texts(0, 100))).toEqual(texts(0, 100))
  const [, second] = kafka.nodes
  await second?.halt()
  await append(100, 200)
  expect(await readTexts(reader, texts(100, 200))).toEqual(texts(100, 200))
  await second?.start()
  await append(200, 300)
  expect(await readTexts(reader, texts(200, 300))).toEqual(texts(200, 300))
})

it('loses and doubles nothing when all brokers are killed and come back, and says what it waits for', async () => {
  const { log } = await openTestLog({
    brokers: kafka.brokers,
    partitions: 2,
    requestTimeoutMs: 2_000,
    connectTimeoutMs: 2_000,
    appendTimeoutMs: 200_000,
  })
  const reader = log.openReader([])
  await log.append(
    texts(0, 50).map((text) => makeRecord(text)),
    liveAt(1),
  )
  expect(await readTexts(reader, texts(0, 50))).toEqual(texts(0, 50))
  await kafka.halt('SIGKILL')
  const appending = log.append(
    texts(50, 100).map((text) => makeRecord(text)),
    liveAt(2),
  )
  await expect
    .poll(async () => [await reader.read(10, megabyte), reader.waitingFor?.[0]?.reason], { timeout: 20_000 })
    .toEqual([[], expect.stringMatching(/refuses connections|the connection ended/)])
  await kafka.start()
  await appending
  expect(await readTexts(reader, texts(50, 100))).toEqual(texts(50, 100))
})

it('waits for a broker that is stopped in the middle, names the partition, and goes on', async () => {
  const { log } = await openTestLog({
    brokers: kafka.brokers,
    partitions: 4,
    requestTimeoutMs: 2_000,
    connectTimeoutMs: 2_000,
    appendTimeoutMs: 200_000,
  })
  const reader = log.openReader([])
  expect(await reader.read(1, 1)).toEqual([])
  await log.append(
    texts(0, 400).map((text) => makeRecord(text)),
    liveAt(1),
  )
  const [, second] = kafka.nodes
  second?.pause()
  const waits: string[] = []
  const late = log.openReader([])
  await expect
    .poll(
      async () => {
        const given = await late.read(1_000, megabyte)
        return given.length === 0 ? late.waitingFor?.[0]?.reason : 'records'
      },
      { timeout: 30_000 },
    )
    .toMatch(/gave no answer|connection|no leader/)
  await late.close()
  const reading = readTexts(reader, texts(0, 400), waits)
  // The leaders that are stopped were fetched from before, or are waited for by name.
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  second?.resume()
  expect(await reading).toEqual(texts(0, 400))
})

it('closes at once while no broker gives an answer', async () => {
  const { log } = await openTestLog({ brokers: kafka.brokers, requestTimeoutMs: 30_000, connectTimeoutMs: 30_000 })
  const reader = log.openReader([])
  expect(await reader.read(1, 1)).toEqual([])
  kafka.pause()
  try {
    const fresh = log.openReader([])
    const reading = faultOf(fresh.read(1, 1))
    const appending = faultOf(log.append([makeRecord('a:1')], liveAt(1)))
    await new Promise((resolve) => setTimeout(resolve, 500))
    const startedMs = performance.now()
    await log.close()
    expect((await reading).code).toBe('cancelled')
    expect((await appending).retry || (await appending).code === 'cancelled').toBe(true)
    expect(performance.now() - startedMs).toBeLessThan(4_000)
  } finally {
    kafka.resume()
  }
})

it('says when the cluster sends clients to an address that they cannot reach', async () => {
  const hidden = await startKafka({ overrides: { ...roomyBroker, 'advertised.listeners': 'PLAINTEXT://127.0.0.1:1' } })
  try {
    const connection = plainConnection(hidden.brokers)
    const plan = { connection, topics: nameTopics(), partitions: 1, replicationFactor: 1 }
    const fault = await faultOf(createKafkaTopics(plan))
    expect(fault.message).toBe('the cluster answers, but sends us to 127.0.0.1:1: 127.0.0.1:1 refuses connections')
    expect(fault.hint).toContain('advertised.listeners')
    const failed = (await checkKafka(connection, [])).find(({ ok }) => !ok)
    expect(failed?.step).toBe('advertised listeners')
  } finally {
    await hidden.stop()
  }
})

it('loses and doubles nothing over a network that cuts, freezes and refuses', async () => {
  const shaky = await startKafka({ proxied: true, overrides: roomyBroker })
  onTestFinished(() => shaky.stop())
  const [proxy] = shaky.proxies
  if (!proxy) throw new Error('there is no proxy')
  const topics = nameTopics()
  await createKafkaTopics({ connection: plainConnection(shaky.brokers), topics, partitions: 3, replicationFactor: 1 })
  const { log } = await openTestLog({
    brokers: shaky.listeners.PROXIED ?? '',
    topics,
    requestTimeoutMs: 1_000,
    connectTimeoutMs: 1_000,
    appendTimeoutMs: 200_000,
  })
  const rounds = 24
  const size = 40
  const appending = (async () => {
    for (let round = 0; round < rounds; round += 1) {
      await log.append(
        texts(round * size, (round + 1) * size).map((text) => makeRecord(text)),
        liveAt(round),
      )
    }
  })()
  const reading = readTexts(log.openReader([]), texts(0, rounds * size))
  const faults = [
    () => proxy.cut(),
    () => proxy.killAfterBytes(900, 'client'),
    () => proxy.killAfterBytes(700, 'server'),
    () => proxy.freeze(),
    () => void proxy.refuse(),
    () => proxy.killAfterBytes(60, 'server'),
  ]
  for (let step = 0; step < faults.length * 4; step += 1) {
    faults[step % faults.length]?.()
    await new Promise((resolve) => setTimeout(resolve, 120 + (step % 5) * 60))
    proxy.thaw()
    await proxy.accept()
  }
  await appending
  expect(await reading).toEqual(texts(0, rounds * size))
  // Nothing more comes: what was sent again was kept once.
  expect((await readAll(log)).length).toBe(rounds * size)
})
