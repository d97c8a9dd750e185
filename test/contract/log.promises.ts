import { describe, expect, it } from 'vitest'
import { Fault } from '../../core/base/fault.ts'
import { createProbe } from '../../core/base/probe.ts'
import { keyOf, type LogRecord, origins, valueOf } from '../../core/events/record.ts'
import { eventTopics, readmissionTopic, salesTopic } from '../../core/events/topics.ts'
import type { EventLog, LogFacts, LogProbe } from '../../core/log/log.ts'
import { describeRecord, liveAt, makeRecord, makeRecords, readAll, readOn, textOf } from '../support/log-records.ts'

export interface LogRequest {
  /** 4 unless given. */
  readonly partitions?: number
  readonly probe?: LogProbe
}

/** Opens an empty log that is closed, and gone, when the running test ends. Its segments, if any, hold a few KiB. */
export type OpenLog = (request?: LogRequest) => Promise<EventLog>

/** `Utils.murmur2` of these keys, from Kafka's own test (UtilsTest.testMurmur2). */
const kafkaHashes: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
]

const megabyte = 1024 * 1024

async function faultOf(work: () => unknown): Promise<Fault> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('there was no fault')
}

/**
 * What every log promises, whatever it is made of.
 *
 * @param order where records get their order from (`EventLog.order`). A log of our own promises more: one order over all
 * partitions that is the order of appends, partitions as it was told, and what it drops. Somebody else's log promises the
 * order of each partition.
 */
export function promiseLog(name: string, open: OpenLog, order: EventLog['order'] = 'log'): void {
  describe(`${name}: order`, () => promiseOrder(open))
  if (order === 'log') describe(`${name}: order of its own`, () => promiseOwnOrder(open))
  describe(`${name}: partitions`, () => promisePartitions(open))
  if (order === 'log') describe(`${name}: partitions of its own`, () => promiseOwnPartitions(open))
  describe(`${name}: content`, () => promiseContent(open))
  describe(`${name}: readers`, () => promiseReaders(open))
  describe(`${name}: positions`, () => promisePositions(open, order))
  if (order === 'log') describe(`${name}: retention`, () => promiseRetention(open))
  describe(`${name}: life`, () => promiseLife(open))
}

/** Texts of the records of each partition, in the order of reading. */
function groupTexts(records: readonly LogRecord[]): Readonly<Record<string, readonly string[]>> {
  const groups: Record<string, string[]> = {}
  for (const record of records) (groups[`${record.topic}/${record.partition}`] ??= []).push(textOf(record))
  return groups
}

/** A record without its place in the order of the whole log, which a reader may give anew. */
const describeUnordered = (record: LogRecord): string => describeRecord({ ...record, sequence: 0 })

function promiseOrder(open: OpenLog): void {
  it('numbers the records of each partition 0, 1, 2 … without a gap', async () => {
    const log = await open()
    for (let batch = 0; batch < 5; batch += 1) await log.append(makeRecords(40, batch * 40), liveAt(batch))
    const next = new Map<string, number>()
    for (const { topic, partition, offset } of await readAll(log)) {
      const place = `${topic}/${partition}`
      expect(offset).toBe(next.get(place) ?? 0)
      next.set(place, offset + 1)
    }
    for (const { topic, partition, startOffset, endOffset } of log.describe().partitions) {
      expect(startOffset).toBe(0)
      expect(endOffset).toBe(next.get(`${topic}/${partition}`) ?? 0)
    }
  })

  it('gives each record once, with sequences that grow', async () => {
    const log = await open()
    await log.append(makeRecords(50), liveAt(1))
    await log.append(makeRecords(70, 50), liveAt(2))
    const records = await readAll(log)
    const sequences = records.map(({ sequence }) => sequence)
    expect(new Set(sequences).size).toBe(120)
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
    expect(records.map(textOf).toSorted()).toEqual(
      makeRecords(120)
        .map(({ value }) => value?.toString())
        .toSorted(),
    )
  })

  it('keeps the order of appends that were not waited for in every partition', async () => {
    const log = await open()
    await Promise.all(Array.from({ length: 20 }, (_, batch) => log.append(makeRecords(7, batch * 7), liveAt(batch))))
    const numberOf = (text: string): number => Number(text.split(':')[1])
    for (const texts of Object.values(groupTexts(await readAll(log)))) {
      expect(texts).toEqual(texts.toSorted((a, b) => numberOf(a) - numberOf(b)))
    }
  })

  it('appends nothing when there is nothing to append', async () => {
    const log = await open()
    await log.append([], liveAt(1))
    expect(log.describe()).toMatchObject({ endSequence: 0, startSequence: 0, sizeBytes: 0, newestAppendedAtMs: null })
  })
}

function promiseOwnOrder(open: OpenLog): void {
  it('numbers the records of all partitions 0, 1, 2 … in append order', async () => {
    const log = await open()
    await log.append(makeRecords(50), liveAt(1))
    await log.append(makeRecords(70, 50), liveAt(2))
    const records = await readAll(log)
    expect(records.map((record) => record.sequence)).toEqual(Array.from({ length: 120 }, (_, index) => index))
    expect(records.map(textOf)).toEqual(makeRecords(120).map(({ value }) => value?.toString()))
  })

  it('keeps the order of appends that were not waited for', async () => {
    const log = await open()
    await Promise.all(Array.from({ length: 20 }, (_, batch) => log.append(makeRecords(7, batch * 7), liveAt(batch))))
    expect((await readAll(log)).map(textOf)).toEqual(makeRecords(140).map(({ value }) => value?.toString()))
  })
}

function promisePartitions(open: OpenLog): void {
  it('has the wanted partitions of each event topic', async () => {
    const log = await open({ partitions: 3 })
    expect(log.partitions).toBe(3)
    const places = log.describe().partitions.map(({ topic, partition }) => `${topic}/${partition}`)
    expect(places.slice(0, 9)).toEqual(eventTopics.flatMap((topic) => [`${topic}/0`, `${topic}/1`, `${topic}/2`]))
  })

  it.each([1, 4, 12, 64])('gives a key the partition that Kafka gives it, of %i', async (partitions) => {
    const log = await open({ partitions })
    await log.append(
      kafkaHashes.map(([key]) => makeRecord(key)),
      liveAt(1),
    )
    const partitionOf = new Map((await readAll(log)).map((record) => [textOf(record), record.partition]))
    expect(partitionOf).toEqual(new Map(kafkaHashes.map(([key, hash]) => [key, (hash & 0x7fffffff) % partitions])))
  })

  it('deals records without a key to all partitions in turn', async () => {
    const log = await open()
    const keyless = Array.from(
      { length: 10 },
      () => ({ topic: salesTopic, key: null, value: Buffer.from('x') }) as const,
    )
    for (let batch = 0; batch < 4; batch += 1) await log.append(keyless, liveAt(1))
    await readAll(log)
    const ends = log.describe().partitions.filter(({ topic }) => topic === salesTopic)
    expect(ends.map(({ endOffset }) => endOffset)).toEqual([10, 10, 10, 10])
  })
}

function promiseOwnPartitions(open: OpenLog): void {
  it('has the wanted partitions of each event topic, and one of re-admissions', async () => {
    const log = await open({ partitions: 3 })
    expect(log.partitions).toBe(3)
    expect(log.describe().partitions.map(({ topic, partition }) => `${topic}/${partition}`)).toEqual([
      ...eventTopics.flatMap((topic) => [`${topic}/0`, `${topic}/1`, `${topic}/2`]),
      `${readmissionTopic}/0`,
    ])
  })

  it('puts records into the partitions that the stamp names, whatever their keys', async () => {
    const log = await open()
    const records = [makeRecord('a:1'), { topic: salesTopic, key: null, value: Buffer.from('2') }, makeRecord('a:3')]
    await log.append(records, { ...liveAt(1), partitions: [3, 0, 2] })
    expect((await readAll(log)).map((record) => `${record.partition} ${textOf(record)}`)).toEqual([
      '3 a:1',
      '0 2',
      '2 a:3',
    ])
    const fault = await faultOf(() => log.append([makeRecord('b:1')], { ...liveAt(2), partitions: [4] }))
    expect(fault.message).toContain('no partition retail-transactions/4')
    await log.append([makeRecord('c:1')], liveAt(3))
    expect(await readAll(log)).toHaveLength(4)
  })

  it.each([0, 1.5, -1, 65])('refuses %d partitions', async (partitions) => {
    expect((await faultOf(() => open({ partitions }))).code).toBe('setting')
  })
}

function promiseContent(open: OpenLog): void {
  it('tells null from empty, in keys and values', async () => {
    const log = await open({ partitions: 1 })
    const empty = Buffer.alloc(0)
    await log.append(
      [
        { topic: salesTopic, key: null, value: null },
        { topic: salesTopic, key: empty, value: empty },
        { topic: salesTopic, key: null, value: empty },
        { topic: salesTopic, key: empty, value: null },
      ],
      liveAt(1),
    )
    const records = await readAll(log)
    expect(records.map(keyOf)).toEqual([null, empty, null, empty])
    expect(records.map(valueOf)).toEqual([null, empty, empty, null])
    expect(records[0]).toMatchObject({ keyStart: -1, valueStart: -1 })
  })

  it('gives back every byte, of values from none to more than 1 MiB', async () => {
    const log = await open()
    const sizes = [0, 1, 126, 127, 128, 16_382, 16_383, 16_384, megabyte - 1, megabyte, megabyte + 1, 3 * megabyte]
    const values = sizes.map((size) => Buffer.alloc(size, `${size} bytes `))
    await log.append(
      values.map((value, index) => ({ topic: salesTopic, key: Buffer.from(`${index}`), value })),
      liveAt(1),
    )
    const records = await readAll(log)
    expect(records).toHaveLength(sizes.length)
    for (const record of records) {
      expect(valueOf(record)?.equals(values[Number(keyOf(record))] ?? Buffer.from('none'))).toBe(true)
    }
  })

  it('takes a value of 20 MiB among small ones', async () => {
    const log = await open({ partitions: 1 })
    const large = Buffer.alloc(20 * megabyte, 'large')
    await log.append([makeRecord('a:1')], liveAt(1))
    await log.append([{ topic: salesTopic, key: null, value: large }, makeRecord('a:2')], liveAt(2))
    await log.append([makeRecord('a:3')], liveAt(3))
    const [first, second, ...rest] = await readAll(log)
    expect(first && textOf(first)).toBe('a:1')
    expect(second && valueOf(second)?.equals(large)).toBe(true)
    expect(rest.map(textOf)).toEqual(['a:2', 'a:3'])
  })

  it('does not see what the caller does to its bytes after the append', async () => {
    const log = await open()
    const value = Buffer.from('before')
    await log.append([{ topic: salesTopic, key: value, value }], liveAt(1))
    value.write('behind')
    expect((await readAll(log)).map(textOf)).toEqual(['before'])
  })

  it('keeps append time and origin, one for all or one a record', async () => {
    const log = await open({ partitions: 1 })
    const times = [5, 3, 1_700_000_000_000, 0, 7]
    const some = (count: number) => Array.from({ length: count }, (_, index) => makeRecord(`a:${index}`))
    for (const origin of origins) await log.append(some(2), { appendedAtMs: 42, origin })
    await log.append(some(5), { appendedAtMs: times, origin: 'backfill' })
    const records = await readAll(log)
    expect(records.map(({ appendedAtMs }) => appendedAtMs)).toEqual([42, 42, 42, 42, 42, 42, ...times])
    expect(records.slice(0, 6).map(({ origin }) => origin)).toEqual(origins.flatMap((origin) => [origin, origin]))
    expect(log.describe().newestAppendedAtMs).toBe(1_700_000_000_000)
  })

  it('refuses append times that do not fit the records, and appends none of them', async () => {
    const log = await open()
    for (const appendedAtMs of [[1], [1, 2, 3], [1, 0.5], Number.NaN]) {
      expect((await faultOf(() => log.append(makeRecords(2), { appendedAtMs, origin: 'live' }))).code).toBe('internal')
    }
    expect(log.describe().endSequence).toBe(0)
    await log.append(makeRecords(2), liveAt(1))
    expect(await readAll(log)).toHaveLength(2)
  })

  it('finds one record again by its name', async () => {
    const log = await open()
    for (let batch = 0; batch < 6; batch += 1) await log.append(makeRecords(300, batch * 300), liveAt(batch))
    const records = await readAll(log)
    for (const record of records.filter(({ sequence }) => sequence % 97 === 0)) {
      const again = await log.readAt(record)
      expect(again && describeUnordered(again)).toBe(describeUnordered(record))
    }
    expect(await log.readAt({ topic: salesTopic, partition: 0, offset: 1_000_000 })).toBeNull()
    expect(await log.readAt({ topic: salesTopic, partition: 9, offset: 0 })).toBeNull()
    expect(await log.readAt({ topic: salesTopic, partition: 0, offset: -1 })).toBeNull()
  })

  it('finds where each partition stood at an instant', async () => {
    const log = await open({ partitions: 2 })
    for (let batch = 0; batch < 30; batch += 1) await log.append(makeRecords(40, batch * 40), liveAt(batch * 10))
    const records = await readAll(log)
    const { partitions } = log.describe()
    for (const sinceMs of [0, 1, 100, 155, 290, 291]) {
      expect(await log.findPositions(sinceMs)).toEqual(
        partitions.map(({ topic, partition, endOffset }) => {
          const first = records.find(
            (record) => record.topic === topic && record.partition === partition && record.appendedAtMs >= sinceMs,
          )
          return { topic, partition, offset: first?.offset ?? endOffset }
        }),
      )
    }
  })

  it('reports what was appended', async () => {
    const probe = createProbe<LogFacts>()
    const facts: LogFacts['appended'][] = []
    probe.on('appended', (fact) => void facts.push(fact))
    const log = await open({ probe })
    await log.append(makeRecords(3), liveAt(5))
    expect(facts).toEqual([{ records: 3, bytes: expect.any(Number), atMs: 5 }])
    expect(facts[0]?.bytes).toBeGreaterThan(3 * 10)
  })
}

function promiseReaders(open: OpenLog): void {
  it('gives at most as many records as wanted, and loses none between two reads', async () => {
    const log = await open()
    await log.append(makeRecords(1_000), liveAt(1))
    const reader = log.openReader([])
    const sequences: number[] = []
    for (const wanted of [1, 2, 3, 500, 100, 394, 10]) {
      const records = await reader.read(wanted, megabyte)
      expect(records.length).toBeLessThanOrEqual(wanted)
      sequences.push(...records.map(({ sequence }) => sequence))
      expect(reader.nextSequence).toBe(sequences.length)
    }
    expect(sequences).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
  })

  it('gives about as many bytes as wanted, and always one record', async () => {
    const log = await open()
    const value = Buffer.alloc(1_000)
    await log.append(
      Array.from({ length: 50 }, (_, index) => ({ topic: salesTopic, key: Buffer.from(`${index}`), value })),
      liveAt(1),
    )
    const reader = log.openReader([])
    expect(await reader.read(100, 0)).toHaveLength(1)
    const records = await reader.read(100, 10_000)
    expect(records.length).toBeGreaterThanOrEqual(9)
    expect(records.length).toBeLessThanOrEqual(11)
  })

  it('serves several readers, each at its own pace', async () => {
    const log = await open()
    await log.append(makeRecords(500), liveAt(1))
    const readers = [log.openReader([]), log.openReader([]), log.openReader([])]
    const all = await Promise.all(readers.map((reader, index) => readOn(reader, [7, 100, 5_000][index])))
    const expected = (await readAll(log)).map(describeRecord)
    for (const records of all) expect(records.map(describeRecord)).toEqual(expected)
  })

  it('sees what is appended while it reads', async () => {
    const log = await open()
    const reader = log.openReader([])
    const seen: number[] = []
    const appending = (async () => {
      for (let batch = 0; batch < 100; batch += 1) await log.append(makeRecords(20, batch * 20), liveAt(batch))
    })()
    while (seen.length < 2_000) {
      const records = await reader.read(33, megabyte)
      if (records.length === 0) await reader.waitForMore(1_000)
      seen.push(...records.map(({ sequence }) => sequence))
    }
    await appending
    expect(seen).toEqual(Array.from({ length: 2_000 }, (_, index) => index))
    expect(reader.nextSequence).toBe(2_000)
  })

  it('has nothing to give at the end, and says how far it is', async () => {
    const log = await open()
    await log.append(makeRecords(10), liveAt(1))
    const reader = log.openReader([])
    await readOn(reader)
    expect(await reader.read(10, megabyte)).toEqual([])
    expect(reader.nextSequence).toBe(10)
  })

  it('wakes who waits for more when something is appended', async () => {
    const log = await open()
    const reader = log.openReader([])
    const waiting = reader.waitForMore(60_000)
    await log.append(makeRecords(1), liveAt(1))
    await waiting
    expect(await reader.read(10, megabyte)).toHaveLength(1)
  })

  it('does not wait when there is more, nor longer than it should, nor when it is told not to', async () => {
    const log = await open()
    await log.append(makeRecords(1), liveAt(1))
    const reader = log.openReader([])
    await reader.waitForMore(60_000)
    await reader.read(10, megabyte)
    await reader.waitForMore(1)
    const abort = new AbortController()
    const waiting = reader.waitForMore(60_000, abort.signal)
    abort.abort()
    await waiting
    await reader.waitForMore(60_000, abort.signal)
    expect(await reader.read(10, megabyte)).toEqual([])
  })

  it('wakes and refuses a reader that was closed', async () => {
    const log = await open()
    const reader = log.openReader([])
    const waiting = reader.waitForMore(60_000)
    await reader.close()
    await reader.close()
    await waiting
    expect((await faultOf(() => reader.read(1, 1))).code).toBe('cancelled')
  })
}

function promisePositions(open: OpenLog, order: EventLog['order']): void {
  const describeOrdered = order === 'log' ? describeRecord : describeUnordered

  it('reads each partition from its own position, those not named from the start', async () => {
    const log = await open()
    for (let batch = 0; batch < 10; batch += 1) await log.append(makeRecords(60, batch * 60), liveAt(batch))
    const all = await readAll(log)
    const from = log
      .describe()
      .partitions.filter((_, index) => index % 3 !== 0)
      .map(({ topic, partition, endOffset }, index) => ({ topic, partition, offset: (endOffset * index) >> 3 }))
    const expected = all.filter((record) =>
      from.every(
        ({ topic, partition, offset }) =>
          record.topic !== topic || record.partition !== partition || record.offset >= offset,
      ),
    )
    expect((await readAll(log, from)).map(describeOrdered)).toEqual(expected.map(describeOrdered))
  })

  it('goes on where another reader stopped', async () => {
    const log = await open()
    await log.append(makeRecords(400), liveAt(1))
    const all = await readAll(log)
    for (const stop of [0, 1, 199, 399, 400]) {
      const ends = new Map(log.describe().partitions.map(({ topic, partition }) => [`${topic}/${partition}`, 0]))
      for (const { topic, partition, offset } of all.slice(0, stop)) ends.set(`${topic}/${partition}`, offset + 1)
      const from = log.describe().partitions.map(({ topic, partition }) => ({
        topic,
        partition,
        offset: ends.get(`${topic}/${partition}`) ?? 0,
      }))
      const reader = log.openReader(from)
      expect(reader.nextSequence).toBeLessThanOrEqual(stop)
      expect((await readOn(reader)).map(describeRecord)).toEqual(all.slice(stop).map(describeRecord))
      expect(reader.nextSequence).toBe(400)
    }
  })

  it('reads nothing from the very end, until something comes', async () => {
    const log = await open({ partitions: 1 })
    await log.append([makeRecord('a:1'), makeRecord('a:2')], liveAt(1))
    const reader = log.openReader([{ topic: salesTopic, partition: 0, offset: 2 }])
    expect(reader.nextSequence).toBe(2)
    expect(await reader.read(10, megabyte)).toEqual([])
    await log.append([makeRecord('a:3')], liveAt(1))
    expect((await reader.read(10, megabyte)).map(textOf)).toEqual(['a:3'])
  })

  it('refuses a position ahead of the end, and says how far', async () => {
    const log = await open({ partitions: 1 })
    await log.append([makeRecord('a:1'), makeRecord('a:2')], liveAt(1))
    const fault = await faultOf(() => log.openReader([{ topic: salesTopic, partition: 0, offset: 3 }]).read(1, 1))
    expect(fault.code).toBe('log-gap')
    expect(fault.message).toBe("retail-transactions/0: offset 3 is ahead of the log's end 2")
  })

  it('refuses a partition that it does not have', async () => {
    const log = await open({ partitions: 1 })
    const fault = await faultOf(() => log.openReader([{ topic: salesTopic, partition: 1, offset: 0 }]).read(1, 1))
    expect(fault.code).toBe('log-gap')
    expect(fault.message).toContain('retail-transactions/1')
  })
}

/** Appends 30 batches, one every 100 ms from 0 on, and one re-admission before them. */
async function openFilled(open: OpenLog): Promise<EventLog> {
  const log = await open({ partitions: 2 })
  await log.append([makeRecord('who:when', readmissionTopic)], liveAt(0))
  for (let batch = 0; batch < 30; batch += 1) {
    const records = Array.from({ length: 40 }, (_, index) => makeRecord(`${index}:${'.'.repeat(200)}`))
    await log.append(records, liveAt(batch * 100))
  }
  return log
}

function promiseRetention(open: OpenLog): void {
  it('keeps everything without bounds, and what the bounds allow', async () => {
    const log = await openFilled(open)
    const before = log.describe()
    await log.retain({ bytes: 0, ageMs: 0 }, 1_000_000)
    await log.retain({ bytes: before.sizeBytes, ageMs: 10_000 }, 3_000)
    expect(log.describe()).toEqual(before)
  })

  it('drops what is too old, from the front of each partition', async () => {
    const log = await openFilled(open)
    const before = await readAll(log)
    await log.retain({ bytes: 0, ageMs: 1_000 }, 3_000)
    const after = await readAll(log)
    expect(after.length).toBeLessThan(before.length / 2)
    const kept = new Set(after.map(describeRecord))
    for (const record of before) {
      if (record.appendedAtMs >= 2_000) expect(kept.has(describeRecord(record))).toBe(true)
    }
    for (const { topic, partition, startOffset, endOffset } of log.describe().partitions) {
      const offsets = after
        .filter((record) => record.topic === topic && record.partition === partition)
        .map(({ offset }) => offset)
      expect(offsets).toEqual(Array.from({ length: endOffset - startOffset }, (_, index) => startOffset + index))
    }
  })

  it('drops what is too much, and keeps the newest', async () => {
    const log = await openFilled(open)
    const before = log.describe()
    await log.retain({ bytes: before.sizeBytes / 2, ageMs: 0 }, 3_000)
    const after = log.describe()
    expect(after.sizeBytes).toBeLessThanOrEqual(before.sizeBytes / 2)
    expect(after.sizeBytes).toBeGreaterThan(before.sizeBytes / 4)
    expect(after.endSequence).toBe(before.endSequence)
    expect((await readAll(log)).at(-1)?.sequence).toBe(before.endSequence - 1)
  })

  it('never drops a re-admission', async () => {
    const log = await openFilled(open)
    await log.retain({ bytes: 1, ageMs: 1 }, 1_000_000)
    const [first] = await readAll(log)
    expect(first && describeRecord(first)).toBe(`#0 ${readmissionTopic}/0/0 live@0 "who" "who:when"`)
    expect(log.describe().startSequence).toBe(0)
  })

  it('names the gap when the wanted records are no longer held', async () => {
    const log = await openFilled(open)
    const reader = log.openReader([])
    await log.retain({ bytes: 0, ageMs: 500 }, 3_000)
    const [dropped] = log.describe().partitions.filter(({ startOffset }) => startOffset > 0)
    if (dropped === undefined) throw new Error('nothing was dropped')
    const { topic, partition, startOffset } = dropped
    const fault = await faultOf(() => log.openReader([{ topic, partition, offset: 1 }]))
    expect(fault.code).toBe('log-gap')
    expect(fault.message).toBe(
      `${topic}/${partition}: offsets 1 to ${startOffset - 1} are no longer held, the log begins at ${startOffset}`,
    )
    expect(fault.detail).toMatchObject({ topic, partition, offset: 1, startOffset })
    expect((await faultOf(() => reader.read(10, megabyte))).code).toBe('log-gap')
    expect(await log.readAt({ topic, partition, offset: 1 })).toBeNull()
  })

  it('goes on with offsets and sequence after dropping', async () => {
    const log = await openFilled(open)
    const before = log.describe()
    await log.retain({ bytes: 1, ageMs: 1 }, 1_000_000)
    await log.append([makeRecord('a:next')], liveAt(4_000))
    const last = (await readAll(log)).at(-1)
    expect(last?.sequence).toBe(before.endSequence)
    expect(last?.offset).toBe(before.partitions[last?.partition ?? -1]?.endOffset)
  })
}

function promiseLife(open: OpenLog): void {
  it('syncs, with or without something to sync', async () => {
    const log = await open()
    await log.sync()
    await log.append(makeRecords(5), liveAt(1))
    await Promise.all([log.sync(), log.sync(), log.sync()])
    await log.sync()
    expect(await readAll(log)).toHaveLength(5)
  })

  it('closes as often as it is told to, and refuses to work from then on', async () => {
    const log = await open()
    const reader = log.openReader([])
    const waiting = reader.waitForMore(60_000)
    await log.append(makeRecords(1), liveAt(1))
    await Promise.all([log.close(), log.close()])
    await log.close()
    await waiting
    for (const work of [
      () => log.append(makeRecords(1), liveAt(1)),
      () => log.sync(),
      () => log.openReader([]),
      () => log.retain({ bytes: 1, ageMs: 1 }, 1),
      () => reader.read(1, 1),
    ]) {
      expect((await faultOf(work)).code).toBe('cancelled')
    }
    await reader.close()
  })
}
