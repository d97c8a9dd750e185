import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { createProbe } from '../../../core/base/probe.ts'
import { readmissionTopic, salesTopic } from '../../../core/events/topics.ts'
import type { LogFacts } from '../../../core/log/log.ts'
import { openSegmentLog } from '../../../core/log/segment/segment-log.ts'
import { describeRecord, liveAt, makeRecord, makeRecords, readAll } from '../../support/log-records.ts'
import { createSimulatedDisk, type SimulatedDisk } from '../../support/simulated-disk.ts'
import { openSimulatedLog, segmentPathsOf } from '../../support/simulated-log.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const request = { partitions: 2, segmentBytes: 800 }

/** A disk with a log of 20 batches over several segments a partition, closed in order. */
async function makeClosedLog(): Promise<{ readonly disk: SimulatedDisk; readonly records: readonly string[] }> {
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk, request)
  await log.append([makeRecord('who:when', readmissionTopic)], liveAt(0))
  for (let batch = 0; batch < 20; batch += 1) await log.append(makeRecords(30, batch * 30), liveAt(batch))
  const records = (await readAll(log)).map(describeRecord)
  await log.close()
  return { disk, records }
}

const sidecarsOf = (disk: SimulatedDisk): readonly string[] => disk.paths().filter((path) => path.endsWith('.index'))

it('is the same after closing and opening again, and again', async () => {
  const directory = makeTemporaryDirectory()
  const options = { directory, partitions: 3, segmentBytes: 2_000 }
  const texts: string[] = []
  for (let life = 0; life < 4; life += 1) {
    const log = await openSegmentLog(options)
    expect((await readAll(log)).map(describeRecord)).toEqual(texts)
    expect(log.describe()).toMatchObject({ endSequence: life * 100, damage: [] })
    for (let batch = 0; batch < 5; batch += 1) {
      await log.append(makeRecords(20, life * 100 + batch * 20), liveAt(life * 100 + batch))
    }
    texts.splice(0, texts.length, ...(await readAll(log)).map(describeRecord))
    expect(texts).toHaveLength((life + 1) * 100)
    await log.close()
  }
})

it('describes itself after opening as it did before closing', async () => {
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk, request)
  for (let batch = 0; batch < 20; batch += 1) await log.append(makeRecords(30, batch * 30), liveAt(batch))
  await log.retain({ bytes: 0, ageMs: 10 }, 20)
  const before = log.describe()
  expect(before.startSequence).toBeGreaterThan(0)
  expect((await openSimulatedLog(disk.copy(), request)).describe()).toEqual(before)
  await log.close()
  expect((await openSimulatedLog(disk, request)).describe()).toEqual(before)
})

it('reads the same from any position after opening', async () => {
  const { disk, records } = await makeClosedLog()
  const log = await openSimulatedLog(disk, request)
  const all = await readAll(log)
  for (const record of all.filter(({ sequence }) => sequence % 53 === 0)) {
    const { topic, partition, offset } = record
    expect(await log.readAt(record).then((again) => again && describeRecord(again))).toBe(describeRecord(record))
    const rest = await readAll(log, [{ topic, partition, offset }])
    expect(rest).toHaveLength(records.length - offset)
  }
})

it('finds offsets and instants by the index of a large segment, before and after opening', async () => {
  const disk = createSimulatedDisk()
  let log = await openSimulatedLog(disk, { partitions: 1, segmentBytes: 64 * 1024 * 1024 })
  const value = Buffer.alloc(20_000)
  const times = Array.from({ length: 60 }, (_, index) => Math.floor(index / 7) * 10 - (index % 20 === 3 ? 5 : 0))
  for (const time of times) await log.append([{ topic: salesTopic, key: null, value }], liveAt(Math.max(0, time)))
  for (let opening = 0; opening < 2; opening += 1) {
    for (let sinceMs = 0; sinceMs < 90; sinceMs += 1) {
      const [sales] = await log.findPositions(sinceMs)
      const expected = times.findIndex((time) => time >= sinceMs)
      expect(sales?.offset).toBe(expected < 0 ? times.length : expected)
    }
    for (const offset of times.keys()) {
      expect((await log.readAt({ topic: salesTopic, partition: 0, offset }))?.sequence).toBe(offset)
      expect(await readAll(log, [{ topic: salesTopic, partition: 0, offset }])).toHaveLength(times.length - offset)
    }
    await log.close()
    log = await openSimulatedLog(disk, { partitions: 1, segmentBytes: 64 * 1024 * 1024 })
  }
})

it('opens without reading what its sidecars vouch for', async () => {
  const disk = createSimulatedDisk()
  const large = { partitions: 1, segmentBytes: 8 * 1024 * 1024 }
  const log = await openSimulatedLog(disk, large)
  const value = Buffer.alloc(256 * 1024)
  for (let batch = 0; batch < 72; batch += 1) {
    await log.append([{ topic: salesTopic, key: null, value }], liveAt(batch))
  }
  await log.close()
  let reads = 0
  disk.failNext = (verb, path) => {
    if (verb === 'read' && path.endsWith('.log')) reads += 1
    return null
  }
  const again = await openSimulatedLog(disk, large)
  // The last 4 MiB, MiB by MiB, and the size of each file; without sidecars it would be all of 18 MiB.
  expect(reads).toBeLessThan(16)
  expect(again.describe()).toMatchObject({ endSequence: 72, damage: [] })
  expect(await readAll(again)).toHaveLength(72)
})

it('sees that a large segment has lost its end, whatever its sidecar says', async () => {
  const disk = createSimulatedDisk()
  const large = { partitions: 1, segmentBytes: 16 * 1024 * 1024 }
  const log = await openSimulatedLog(disk, large)
  const value = Buffer.alloc(512 * 1024)
  for (let batch = 0; batch < 20; batch += 1) {
    await log.append([{ topic: salesTopic, key: null, value }], liveAt(batch))
  }
  await log.close()
  const [path] = segmentPathsOf(disk)
  if (path === undefined) throw new Error('no segment')
  disk.place(path, disk.content(path).subarray(0, 3 * 1024 * 1024))
  const again = await openSimulatedLog(disk, large)
  expect(again.describe().damage).toEqual([
    expect.objectContaining({ kind: 'corrupt', fromOffset: 5, untilOffset: 20 }),
  ])
  expect(await readAll(again)).toHaveLength(5)
})

it('makes a sidecar anew that is missing, damaged, or of another time', async () => {
  const { disk, records } = await makeClosedLog()
  expect(sidecarsOf(disk).length).toBeGreaterThan(12)
  const spoilers: readonly ((content: Buffer) => Buffer)[] = [
    () => Buffer.alloc(0),
    () => Buffer.alloc(500),
    (content) => content.subarray(0, content.length - 8),
    (content) => Buffer.concat([content, content]),
    ...[0, 4, 8, 16, 24, 40, 64, 80].map((position) => (content: Buffer) => {
      const spoiled = Buffer.from(content)
      spoiled[position] = (spoiled[position] ?? 0) ^ 1
      return spoiled
    }),
  ]
  for (const spoil of [null, ...spoilers]) {
    const spoiled = disk.copy()
    for (const path of sidecarsOf(disk)) {
      if (spoil === null) await spoiled.remove(path)
      else spoiled.place(path, spoil(disk.content(path)))
    }
    const log = await openSimulatedLog(spoiled, request)
    expect((await readAll(log)).map(describeRecord)).toEqual(records)
    expect(log.describe().damage).toEqual([])
    await log.close()
  }
})

it('does not trust a sidecar of a segment that has grown or shrunk since', async () => {
  const disk = createSimulatedDisk()
  const first = await openSimulatedLog(disk, { partitions: 1 })
  await first.append(makeRecords(60), liveAt(1))
  await first.close()
  const second = await openSimulatedLog(disk, { partitions: 1 })
  await second.append(makeRecords(60, 60), liveAt(2))
  await second.sync()
  const killed = disk.copy()
  expect(await readAll(await openSimulatedLog(killed, { partitions: 1 }))).toHaveLength(120)
  const cut = disk.copy()
  const [path] = segmentPathsOf(cut)
  if (path === undefined) throw new Error('no segment')
  cut.place(path, cut.content(path).subarray(0, 300))
  expect((await openSimulatedLog(cut, { partitions: 1 })).describe().damage).toEqual([
    expect.objectContaining({ kind: 'corrupt', fromOffset: 0, untilOffset: 40 }),
  ])
})

it('keeps the number of partitions that it was made with, and names both', async () => {
  const disk = createSimulatedDisk()
  await (await openSimulatedLog(disk, { partitions: 4 })).close()
  const opening = openSimulatedLog(disk, { partitions: 8 })
  await expect(opening).rejects.toBeInstanceOf(Fault)
  await expect(opening).rejects.toMatchObject({
    code: 'setting',
    domain: 'user',
    message: '/log/partitions is 8, but the log in /log was made with 4 partitions',
    detail: { requested: 8, madeWith: 4 },
  })
  await openSimulatedLog(disk, { partitions: 4 })
})

it.each(['', '{', 'null', '{"format":2,"partitions":4}', '{"format":1,"partitions":"4"}'])(
  'does not guess what it was made with from %j',
  async (note) => {
    const disk = createSimulatedDisk()
    await (await openSimulatedLog(disk)).close()
    disk.place('/log/log.json', Buffer.from(note))
    await expect(openSimulatedLog(disk)).rejects.toMatchObject({ code: 'log-damaged' })
  },
)

it('leaves files alone that are not its own', async () => {
  const { disk, records } = await makeClosedLog()
  for (const name of ['notes.txt', '123.log', '0000000000000000000x.log']) {
    disk.place(`/log/${salesTopic}/0/${name}`, Buffer.from('mine'))
  }
  const log = await openSimulatedLog(disk, request)
  expect((await readAll(log)).map(describeRecord)).toEqual(records)
  await log.retain({ bytes: 1, ageMs: 1 }, 1_000_000)
  expect(disk.content(`/log/${salesTopic}/0/notes.txt`).toString()).toBe('mine')
})

it('says what is lost when a whole segment is missing, at every opening', async () => {
  const { disk, records } = await makeClosedLog()
  const paths = segmentPathsOf(disk).filter((path) => path.includes(`${salesTopic}/0`))
  const [before, missing, after] = paths
  if (before === undefined || missing === undefined || after === undefined) throw new Error('too few segments')
  await disk.remove(missing)
  const [fromOffset, untilOffset] = [missing, after].map((path) => Number(path.slice(-24, -4)))
  for (let opening = 0; opening < 2; opening += 1) {
    const probe = createProbe<LogFacts>()
    const damaged: LogFacts['damaged'][] = []
    probe.on('damaged', (damage) => void damaged.push(damage))
    const log = await openSimulatedLog(disk, { ...request, probe })
    expect(damaged).toEqual([
      {
        kind: 'corrupt',
        topic: salesTopic,
        partition: 0,
        file: before,
        fromOffset,
        untilOffset,
        bytes: 0,
      },
    ])
    expect(log.describe().damage).toEqual(damaged)
    expect(await readAll(log)).toHaveLength(records.length - ((untilOffset ?? 0) - (fromOffset ?? 0)))
    await log.close()
  }
})

it('drops the files of old segments, sidecars included', async () => {
  const { disk } = await makeClosedLog()
  const log = await openSimulatedLog(disk, request)
  const before = disk.paths().length
  await log.retain({ bytes: 0, ageMs: 5 }, 20)
  const names = disk.paths()
  expect(names.length).toBeLessThan(before)
  for (const path of sidecarsOf(disk)) expect(names).toContain(path.replace('.index', '.log'))
  await log.close()
  expect((await openSimulatedLog(disk, request)).describe().damage).toEqual([])
})

it('remembers its sequence when everything is too old and the synced point is gone', async () => {
  const { disk, records } = await makeClosedLog()
  const log = await openSimulatedLog(disk, request)
  await log.retain({ bytes: 1, ageMs: 1 }, 1_000_000)
  await log.close()
  await disk.remove('/log/synced')
  const again = await openSimulatedLog(disk, request)
  expect(again.describe()).toMatchObject({ endSequence: records.length, damage: [] })
})

it('begins a new segment where the old one is full, named for its first offset', async () => {
  const directory = makeTemporaryDirectory()
  const log = await openSegmentLog({ directory, partitions: 1, segmentBytes: 1_000 })
  const record = makeRecord(`key:${'x'.repeat(400)}`)
  for (let batch = 0; batch < 5; batch += 1) await log.append([record], liveAt(batch))
  await log.close()
  const folder = join(directory, salesTopic, '0')
  expect(readdirSync(folder).filter((name) => name.endsWith('.log'))).toEqual([
    '00000000000000000000.log',
    '00000000000000000002.log',
    '00000000000000000004.log',
  ])
  const file = join(folder, '00000000000000000004.log')
  writeFileSync(file, readFileSync(file).subarray(0, 100))
  const again = await openSegmentLog({ directory, partitions: 1, segmentBytes: 1_000 })
  expect(again.describe().damage).toEqual([
    expect.objectContaining({ kind: 'corrupt', file, fromOffset: 4, untilOffset: 5, bytes: 100 }),
  ])
  await again.close()
})
