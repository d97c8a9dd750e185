import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { EpochRecord } from '../../core/events/epoch.ts'
import { formatRef, keyOf, type LogRecord, valueOf } from '../../core/events/record.ts'
import { compressions } from '../../core/log/kafka/batch/codecs.ts'
import { openKafkaLog } from '../../core/log/kafka/kafka-log.ts'
import type { LogReader } from '../../core/log/log.ts'
import { faultOf } from '../support/fault-of.ts'
import { type KafkaClient, startKafkaClient } from '../support/kafka-client/kafka-client.ts'
import { nameTopics, openTestLog, plainConnection, roomyBroker } from '../support/kafka-logs.ts'
import { liveAt, makeRecord, readAll, readOn, textOf } from '../support/log-records.ts'
import { type KafkaServer, startKafka } from '../support/services/kafka.ts'
import { installPrograms } from '../support/services/machine.ts'

let kafka: KafkaServer
let client: KafkaClient

beforeAll(async () => {
  installPrograms({ kcat: 'kcat' })
  kafka = await startKafka({ overrides: { ...roomyBroker, 'log.cleaner.backoff.ms': '100' } })
  client = await startKafkaClient(kafka.brokers)
})

afterAll(async () => {
  await client.stop()
  await kafka.stop()
})

const sales = 'retail-transactions'
const megabyte = 1024 * 1024

/** Reads until `count` records have come. */
async function readCount(reader: LogReader, count: number): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = []
  while (records.length < count) {
    const more = await reader.read(1_000, 64 * megabyte)
    records.push(...more)
    if (more.length === 0) await reader.waitForMore(1_000)
  }
  return records
}

/** A topic of sales with settings of its own, and a log on it. */
async function openSales(partitions = 1, ...settings: readonly string[]) {
  const topics = nameTopics()
  await client.run('topic', topics[sales], partitions, ...settings)
  const { log } = await openTestLog({ brokers: kafka.brokers, topics })
  return { log, topics, name: topics[sales] }
}

/** An epoch as the pipeline keeps it: one read. */
const epochOf = (epoch: number, records: readonly LogRecord[]): EpochRecord => {
  const ranges = new Map<string, { topic: LogRecord['topic']; partition: number; from: number; until: number }>()
  for (const { topic, partition, offset } of records) {
    const range = ranges.get(`${topic}/${partition}`) ?? { topic, partition, from: offset, until: offset }
    range.until = offset + 1
    ranges.set(`${topic}/${partition}`, range)
  }
  const fromSequence = records[0]?.sequence ?? 0
  return {
    epoch,
    kind: 'records',
    ranges: [...ranges.values()],
    fromSequence,
    untilSequence: (records.at(-1)?.sequence ?? fromSequence - 1) + 1,
    records: records.length,
    watermarkMs: null,
    readAtMs: 0,
  }
}

describe('compression', () => {
  it.each(compressions)('writes %s that librdkafka and this log can read', async (compression) => {
    const { log, topics } = await openTestLog({ brokers: kafka.brokers, compression })
    const texts = Array.from({ length: 500 }, (_, index) => `a:${index} ${'retail '.repeat(index % 50)}.`)
    await log.append(
      texts.map((text) => makeRecord(text)),
      liveAt(1),
    )
    expect((await readAll(log)).map(textOf)).toEqual(texts)
    const read = execFileSync('kcat', ['-C', '-b', kafka.brokers, '-t', topics[sales], '-e', '-q'], {
      encoding: 'utf8',
    })
    expect(read.trimEnd().split('\n')).toEqual(texts)
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads %s of librdkafka', async (codec) => {
    const { log, name } = await openSales()
    const texts = Array.from({ length: 500 }, (_, index) => `${index} ${'retail '.repeat(index % 50)}.`)
    const input = texts.join('\n')
    execFileSync('kcat', ['-P', '-b', kafka.brokers, '-t', name, '-z', codec, '-X', 'linger.ms=50'], { input })
    expect((await readAll(log)).map(textOf)).toEqual(texts)
  })

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('reads %s of the Java client', async (codec) => {
    const { log, name } = await openSales()
    await client.run('producer', codec, '')
    await client.run('send-many', name, 0, 20_000, 'a sale of some length, much like the one before it, number ')
    const records = await readAll(log)
    expect(records).toHaveLength(20_000)
    expect(records.every((record, index) => textOf(record).endsWith(` number ${index}`))).toBe(true)
  })
})

it('tells null from empty, skips headers it does not know, and knows the origin', async () => {
  const { log, name } = await openSales()
  await client.run('producer', 'none', '')
  await client.run('send', name, 0, '<null>', '<null>', 'trace=1')
  await client.run('send', name, 0, '', '', 'trace=1', 'storepulse-origin=backfill', 'other=')
  await client.run('send', name, 0, 'k', 'v', 'storepulse-origin=elsewhere')
  const records = await readAll(log)
  expect(records.map((record) => [keyOf(record)?.toString(), valueOf(record)?.toString(), record.origin])).toEqual([
    [undefined, undefined, 'live'],
    ['', '', 'backfill'],
    ['k', 'v', 'live'],
  ])
  expect(records.every(({ isProducerTime }) => isProducerTime)).toBe(true)
})

it('takes the time of the log where the topic says so', async () => {
  const { log } = await openSales(1, 'message.timestamp.type=LogAppendTime')
  await log.append([makeRecord('a:1')], liveAt(5))
  const [record] = await readAll(log)
  expect(record?.isProducerTime).toBe(false)
  expect(record?.appendedAtMs).toBeGreaterThan(1_700_000_000_000)
})

describe('transactions', () => {
  it('gives what was committed, and has caught up behind the last marker', async () => {
    const { log, name } = await openSales()
    await client.run('producer', 'none', `tx-${name}`)
    for (const [index, end] of ['commit', 'abort', 'commit', 'abort'].entries()) {
      await client.run('begin')
      await client.run('send-many', name, 0, 3, `${end} ${index} `)
      await client.run(end)
    }
    const reader = log.openReader([])
    const records = await readCount(reader, 6)
    expect(records.map(textOf)).toEqual([0, 2].flatMap((index) => [0, 1, 2].map((at) => `commit ${index} ${at}`)))
    expect(await reader.read(10, megabyte)).toEqual([])
    expect(reader.nextSequence).toBe(16)
    expect(log.describe().endSequence).toBe(16)
  })

  it('does not pass one that is open, and reads it when asked to read everything', async () => {
    const { log, topics, name } = await openSales()
    await client.run('producer', 'none', `tx-${name}`)
    await client.run('begin')
    await client.run('send-many', name, 0, 2, 'open ')
    await log.append([makeRecord('a:behind')], liveAt(1))
    const reader = log.openReader([])
    expect(await reader.read(10, megabyte)).toEqual([])
    expect(reader.waitingFor).toEqual([])
    const { log: eager } = await openTestLog({ brokers: kafka.brokers, topics, isolation: 'read-uncommitted' })
    expect((await readAll(eager)).map(textOf)).toEqual(['open 0', 'open 1', 'a:behind'])
    await client.run('commit')
    expect((await readCount(reader, 3)).map(textOf)).toEqual(['open 0', 'open 1', 'a:behind'])
  })

  it('gives the epochs of the ledger again, markers and aborted records between them', async () => {
    const { log, name } = await openSales(3)
    await client.run('producer', 'none', `tx-${name}`)
    for (let round = 0; round < 6; round += 1) {
      await client.run('begin')
      for (let partition = 0; partition < 3; partition += 1)
        await client.run('send-many', name, partition, 4, `${round} `)
      await client.run(round % 3 === 1 ? 'abort' : 'commit')
    }
    const reader = log.openReader([])
    const reads: (readonly LogRecord[])[] = []
    while (reads.flat().length < 48) {
      const records = await reader.read(5 + reads.length, megabyte)
      if (records.length > 0) reads.push(records)
    }
    const epochs = reads.map((records, index) => epochOf(index + 1, records))
    const again = log.openReader([], epochs)
    const describeAll = (records: readonly LogRecord[]) =>
      records.map((r) => `#${r.sequence} ${formatRef(r)} ${textOf(r)}`)
    expect(describeAll(await readOn(again, 4))).toEqual(describeAll(reads.flat()))
    expect(await again.read(10, megabyte)).toEqual([])
    const part = log.openReader([], epochs.slice(3, 5))
    expect(describeAll(await readOn(part))).toEqual(describeAll(reads.slice(3, 5).flat()))
  })
})

describe('gaps', () => {
  it('passes offsets that compaction has removed', async () => {
    const settings = [
      'cleanup.policy=compact',
      'segment.ms=50',
      'min.cleanable.dirty.ratio=0.001',
      'delete.retention.ms=0',
    ]
    const { log, name } = await openSales(1, ...settings)
    await client.run('producer', 'none', '')
    for (let round = 0; round < 4; round += 1) await client.run('send-many', name, 0, 50, 'key ')
    await expect
      .poll(
        async () => {
          await client.run('send', name, 0, 'roll', 'the segment')
          return (await readAll(log)).length
        },
        { timeout: 60_000, interval: 300 },
      )
      .toBeLessThan(150)
    const reader = log.openReader([])
    const records = await readOn(reader)
    const offsets = records.map(({ offset }) => offset)
    expect(offsets.some((offset, index) => offset > (offsets[index - 1] ?? -1) + 1)).toBe(true)
    expect(reader.nextSequence).toBe(log.describe().endSequence)
    const first = offsets[0] ?? 0
    if (first > 0) expect(await log.readAt({ topic: sales, partition: 0, offset: first - 1 })).toBeNull()
    expect((await log.readAt({ topic: sales, partition: 0, offset: first }))?.offset).toBe(first)
  })

  it('names the offsets that retention has dropped, for a new reader and for one under way', async () => {
    const { log, name } = await openSales()
    for (let batch = 0; batch < 10; batch += 1) await log.append([makeRecord(`a:${batch}`)], liveAt(batch))
    const [, second] = await readAll(log)
    await client.run('delete-records', name, 0, 7)
    const reader = log.openReader([{ topic: sales, partition: 0, offset: 2 }])
    const fault = await faultOf(reader.read(10, megabyte))
    expect(fault.code).toBe('log-gap')
    expect(fault.message).toBe(`${sales}/0: offsets 2 to 6 are no longer held, the log begins at 7`)
    expect(fault.detail).toMatchObject({ topic: sales, partition: 0, offset: 2, startOffset: 7 })
    expect((await faultOf(reader.read(10, megabyte))).code).toBe('log-gap')
    expect(await log.readAt({ topic: sales, partition: 0, offset: second?.offset ?? 1 })).toBeNull()
    const ledger = log.openReader([], [epochOf(1, second ? [second] : [])])
    expect((await faultOf(ledger.read(10, megabyte))).code).toBe('log-gap')
    expect((await readAll(log)).map(textOf)).toEqual(['a:7', 'a:8', 'a:9'])
  })

  it('says so when a topic was deleted and made anew while it was read', async () => {
    const { log, name } = await openSales()
    for (let batch = 0; batch < 5; batch += 1) await log.append([makeRecord(`a:${batch}`)], liveAt(batch))
    const reader = log.openReader([])
    expect(await readCount(reader, 5)).toHaveLength(5)
    await client.run('delete', name)
    await expect
      .poll(
        () =>
          client.run('topic', name, 1).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true)
    await client.run('producer', 'none', '')
    await client.run('send-many', name, 0, 20, 'of the new topic ')
    const readOnward = async (): Promise<string> => {
      await reader.read(10, megabyte)
      return 'nothing noticed'
    }
    await expect
      .poll(() => readOnward().catch((fault: Error) => fault.message), { timeout: 30_000 })
      .toMatch(/deleted and made anew|ahead of the log's end/)
  })

  it('says so when a topic was deleted and does not come back', async () => {
    const { log, name } = await openSales()
    await log.append([makeRecord('a:1')], liveAt(1))
    const reader = log.openReader([])
    expect(await readCount(reader, 1)).toHaveLength(1)
    await client.run('delete', name)
    await expect
      .poll(
        () =>
          reader.read(10, megabyte).then(
            () => 'nothing noticed',
            (fault: Error) => fault.message,
          ),
        { timeout: 40_000 },
      )
      .toBe(`${sales} was deleted: what was to be read from ${sales}/0 offset 1 on is gone`)
  })

  it('says so when a topic was made anew while nobody looked', async () => {
    const { log, name, topics } = await openSales()
    for (let batch = 0; batch < 5; batch += 1) await log.append([makeRecord(`a:${batch}`)], liveAt(batch))
    await log.close()
    await client.run('delete', name)
    await expect
      .poll(
        () =>
          client.run('topic', name, 1).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true)
    const { log: again } = await openTestLog({ brokers: kafka.brokers, topics })
    const fault = await faultOf(again.openReader([{ topic: sales, partition: 0, offset: 5 }]).read(1, 1))
    expect(fault.message).toBe(`${sales}/0: offset 5 is ahead of the log's end 0`)
  })
})

it('reads partitions that are added, from their first record', async () => {
  const { log, name } = await openSales()
  const reader = log.openReader([])
  expect(await reader.read(1, 1)).toEqual([])
  await client.run('partitions', name, 3)
  await client.run('producer', 'none', '')
  await client.run('send-many', name, 2, 3, 'new ')
  expect((await readCount(reader, 3)).map(textOf)).toEqual(['new 0', 'new 1', 'new 2'])
})

it('begins where it is told to, and says where that was', async () => {
  const { topics, log } = await openSales(2)
  for (let batch = 0; batch < 10; batch += 1) await log.append([makeRecord(`a:${batch}`)], liveAt(1_000 + batch))
  const open = async (startFrom: 'latest' | number): Promise<LogReader> =>
    (await openTestLog({ brokers: kafka.brokers, topics, startFrom })).log.openReader([])
  const since = await open(1_006)
  expect((await readOn(since)).map(textOf)).toEqual(['a:6', 'a:7', 'a:8', 'a:9'])
  const [partition] = (await readAll(log)).map((record) => record.partition)
  expect(since.startedAt).toContainEqual({ topic: sales, partition, offset: 6 })
  expect(since.startedAt).toHaveLength(2)
  const latest = await open('latest')
  expect(await latest.read(10, megabyte)).toEqual([])
  expect(latest.nextSequence).toBe(10)
  await log.append([makeRecord('a:10')], liveAt(1_010))
  expect((await readCount(latest, 1)).map(textOf)).toEqual(['a:10'])
})

describe('writing', () => {
  it('has nothing to write with when it was opened for watching', async () => {
    const { log } = await openTestLog({ brokers: kafka.brokers, writes: false })
    expect((await faultOf(log.append([makeRecord('a:1')], liveAt(1)))).message).toContain('opened for watching')
  })

  it('refuses re-admissions, and topics that do not exist', async () => {
    const { log } = await openSales()
    expect((await faultOf(log.append([makeRecord('a:1', 'storepulse-readmissions')], liveAt(1)))).code).toBe('refused')
    const fault = await faultOf(log.append([makeRecord('a:1', 'customer-events')], liveAt(1)))
    expect(fault.code).toBe('not-found')
  })

  it('says that a record is too large for the topic', async () => {
    const { log } = await openSales(1, 'max.message.bytes=1000')
    const fault = await faultOf(log.append([makeRecord(`a:${'.'.repeat(2_000)}`)], liveAt(1)))
    expect(fault.message).toContain('takes no record of that size')
    await log.append([makeRecord('a:short')], liveAt(1))
    expect((await readAll(log)).map(textOf)).toEqual(['a:short'])
  })
})

it('refuses a cluster that has none of the topics', async () => {
  const fault = await faultOf(
    openKafkaLog({ connection: plainConnection(kafka.brokers), topics: nameTopics(), writes: false }),
  )
  expect(fault.code).toBe('not-found')
})

it('leaves nothing on the cluster when it only reads', async () => {
  const { log, topics } = await openSales()
  await log.append([makeRecord('a:1')], liveAt(1))
  const groups = await client.run('groups')
  const { log: watched } = await openTestLog({ brokers: kafka.brokers, topics, writes: false })
  onTestFinished(() => watched.close())
  expect(await readAll(watched)).toHaveLength(1)
  expect(await client.run('groups')).toBe(groups)
})
