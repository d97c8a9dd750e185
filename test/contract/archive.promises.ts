import { describe, expect, it } from 'vitest'
import type { Archive, ArchiveRequest, VerifyReport } from '../../core/archive/archive.ts'
import type { ArchiveStore } from '../../core/archive/store.ts'
import { readmissionTopic } from '../../core/events/topics.ts'
import { createMemoryLog } from '../../core/log/memory/memory-log.ts'
import { describeStore, hourMs, lastHourMs, makeArchivedLog, nineMs } from '../support/archived-log.ts'
import { faultOf } from '../support/fault-of.ts'
import { describeRecord, liveAt, makeRecord, makeRecords, readAll, readOn } from '../support/log-records.ts'

/** An empty archive that is closed, and gone, when the running test ends; `another` opens it once more. */
export interface OpenedArchive {
  readonly archive: Archive
  readonly store: ArchiveStore
  readonly another: () => Archive
}

export type OpenArchive = () => Promise<OpenedArchive>

const everything: ArchiveRequest = { nowMs: lastHourMs, includesOpenHour: true }
const closedHours: ArchiveRequest = { nowMs: lastHourMs, includesOpenHour: false }

const messagesOf = ({ problems }: VerifyReport): readonly string[] => problems.map(({ message }) => message)

async function findDataKey(store: ArchiveStore, wanted: string): Promise<string> {
  const found = (await store.list())
    .map(({ key }) => key)
    .find((key) => key.endsWith('.parquet') && key.includes(wanted))
  if (found === undefined) throw new Error(`no file of ${wanted}`)
  return found
}

/** What every archive promises, wherever it lies. */
export function promiseArchive(name: string, open: OpenArchive): void {
  describe(`${name}: store`, () => promiseStore(open))
  describe(`${name}: archiving`, () => promiseArchiving(open))
  describe(`${name}: verifying`, () => promiseVerifying(open))
  describe(`${name}: restoring`, () => promiseRestoring(open))
  describe(`${name}: retention`, () => promiseRetention(open))
  describe(`${name}: as a log`, () => promiseSnapshots(open))
}

function promiseStore(open: OpenArchive): void {
  it('writes an object only while it is what was read', async () => {
    const { store } = await open()
    expect(await store.read('a/b.json')).toBeNull()
    expect(await store.replace('a/b.json', Buffer.from('1'), null)).toBe(true)
    expect(await store.replace('a/b.json', Buffer.from('2'), null)).toBe(false)
    const first = await store.read('a/b.json')
    expect(await store.replace('a/b.json', Buffer.from('3'), first?.tag ?? null)).toBe(true)
    expect(await store.replace('a/b.json', Buffer.from('4'), first?.tag ?? null)).toBe(false)
    expect(Buffer.from((await store.read('a/b.json'))?.bytes ?? []).toString()).toBe('3')
  })

  it('does not bring back an object that was removed in between', async () => {
    const { store } = await open()
    await store.replace('a/b.json', Buffer.from('1'), null)
    const found = await store.read('a/b.json')
    await store.remove('a/b.json')
    await store.remove('a/b.json')
    expect(await store.replace('a/b.json', Buffer.from('2'), found?.tag ?? null)).toBe(false)
    expect(await store.list()).toEqual([])
  })

  it('lets one of many writers win', async () => {
    const { store } = await open()
    const won = await Promise.all(
      Array.from({ length: 8 }, (_, index) => store.replace('x.json', Buffer.from(`${index}`), null)),
    )
    expect(won.filter(Boolean)).toHaveLength(1)
    expect(Buffer.from((await store.read('x.json'))?.bytes ?? []).toString()).toBe(`${won.indexOf(true)}`)
  })

  it('lists every object with its size, and a tag that changes with it', async () => {
    const { store } = await open()
    await store.replace('a/b.json', Buffer.from('12'), null)
    await store.replace('c.json', Buffer.from('345'), null)
    const before = await store.list()
    expect(before.map(({ key, sizeBytes }) => `${key} ${sizeBytes}`).sort()).toEqual(['a/b.json 2', 'c.json 3'])
    const found = await store.read('c.json')
    expect(before.find(({ key }) => key === 'c.json')?.tag).toBe(found?.tag)
    await store.replace('c.json', Buffer.from('678'), found?.tag ?? null)
    expect((await store.list()).find(({ key }) => key === 'c.json')?.tag).not.toBe(found?.tag)
  })
}

function promiseArchiving(open: OpenArchive): void {
  it('puts every record into the folder of its topic and hour, in files named for their offsets', async () => {
    const { archive, store } = await open()
    const report = await archive.archive(await makeArchivedLog(), everything)
    expect(report.records).toBe(325)
    const keys = (await store.list()).map(({ key }) => key)
    expect(keys).toHaveLength(report.files + 10)
    expect(keys.filter((key) => key.includes(readmissionTopic)).sort()).toEqual([
      `topic=${readmissionTopic}/date=2025-01-06/hour=10/0-0-1.parquet`,
      `topic=${readmissionTopic}/date=2025-01-06/hour=10/manifest.json`,
    ])
    const hours = await archive.list()
    expect(hours.map(({ topic, startMs }) => `${(startMs - nineMs) / hourMs} ${topic}`)).toEqual([
      '0 retail-transactions',
      '0 customer-events',
      '0 inventory-updates',
      '1 retail-transactions',
      '1 customer-events',
      '1 inventory-updates',
      `1 ${readmissionTopic}`,
      '2 retail-transactions',
      '2 customer-events',
      '2 inventory-updates',
    ])
    expect(hours.reduce((sum, { rows }) => sum + rows, 0)).toBe(325)
  })

  it('leaves what begins with the first record of the open hour', async () => {
    const { archive } = await open()
    const log = await makeArchivedLog()
    expect((await archive.archive(log, closedHours)).records).toBe(205)
    expect((await archive.archive(log, closedHours)).records).toBe(0)
    expect((await archive.archive(log, { ...closedHours, nowMs: lastHourMs + hourMs })).records).toBe(120)
    expect((await archive.verify()).problems).toEqual([])
  })

  it('gives the same set in one run and in many', async () => {
    const [once, often] = [await open(), await open()]
    const log = createMemoryLog({ partitions: 4 })
    for (let hour = 0; hour < 4; hour += 1) {
      await log.append(makeRecords(60, hour * 60), liveAt(nineMs + hour * hourMs))
      await often.archive.archive(log, { nowMs: nineMs + hour * hourMs, includesOpenHour: false })
    }
    const last = { nowMs: nineMs + 4 * hourMs, includesOpenHour: false }
    await often.archive.archive(log, last)
    await once.archive.archive(log, last)
    expect(await describeStore(often.store)).toEqual(await describeStore(once.store))
  })

  it('lists every record once when two archive the same log at once', async () => {
    const { archive, another, store } = await open()
    const log = await makeArchivedLog()
    const other = another()
    const reports = await Promise.all([archive.archive(log, everything), other.archive(log, everything)])
    expect(Math.max(...reports.map(({ records }) => records))).toBe(325)
    const verified = await archive.verify()
    expect([verified.rows, verified.problems]).toEqual([325, []])
    const alone = await open()
    await alone.archive.archive(log, everything)
    expect(await describeStore(store)).toEqual(await describeStore(alone.store))
  })

  it('lists every record once when two see the log end at other places', async () => {
    const { archive, another } = await open()
    const log = await makeArchivedLog()
    const other = another()
    await Promise.all([
      archive.archive(log, everything),
      log.append(makeRecords(50, 900), liveAt(lastHourMs + 1_000)),
      other.archive(log, everything),
    ])
    await archive.archive(log, everything)
    const verified = await archive.verify()
    expect([verified.rows, verified.problems]).toEqual([375, []])
  })

  it('refuses another log than the one it was begun with', async () => {
    const { archive } = await open()
    await archive.archive(await makeArchivedLog(), everything)
    const shorter = createMemoryLog({ partitions: 4 })
    const ahead = await faultOf(archive.archive(shorter, everything))
    expect([ahead.code, ahead.message]).toEqual(['refused', expect.stringContaining('the log does not')])
    await shorter.append(makeRecords(600, 5), liveAt(nineMs))
    const other = await faultOf(archive.archive(shorter, everything))
    expect([other.code, other.message]).toEqual(['refused', expect.stringContaining('another record')])
  })

  it('names what the log lost before it was archived, and goes on', async () => {
    const { archive } = await open()
    const log = createMemoryLog({ partitions: 1 })
    const append = (count: number, first: number) =>
      log.append(
        Array.from({ length: count }, (_, index) => makeRecord(`k:${first + index}`)),
        liveAt(nineMs + first),
      )
    await append(10, 0)
    await archive.archive(log, everything)
    await append(10, 10)
    await log.retain({ bytes: 0, ageMs: 1 }, nineMs + 12)
    await append(10, 20)
    const report = await archive.archive(log, everything)
    expect(report.lost).toEqual([{ topic: 'retail-transactions', partition: 0, fromOffset: 10, untilOffset: 20 }])
    expect(report.records).toBe(10)
    expect((await archive.archive(log, everything)).lost).toEqual([])
    expect(messagesOf(await archive.verify())).toEqual([
      'retail-transactions/0 offsets 10 to 19: were gone from the log before they could be archived',
    ])
  })

  it('ends where the signal aborts, and goes on from there', async () => {
    const { archive } = await open()
    const log = await makeArchivedLog()
    const abort = new AbortController()
    const fault = await faultOf(
      archive.archive(log, {
        ...everything,
        signal: abort.signal,
        onProgress: ({ files }) => (files === 5 ? abort.abort() : undefined),
      }),
    )
    expect(fault.code).toBe('cancelled')
    await archive.archive(log, everything)
    const verified = await archive.verify()
    expect([verified.rows, verified.problems]).toEqual([325, []])
  })
}

function promiseVerifying(open: OpenArchive): void {
  const fill = async () => {
    const opened = await open()
    await opened.archive.archive(await makeArchivedLog(), everything)
    return opened
  }

  it('finds nothing wrong with a whole archive', async () => {
    const { archive } = await fill()
    const report = await archive.verify()
    expect([report.rows, report.problems]).toEqual([325, []])
    expect(report.files).toBeGreaterThan(20)
  })

  it('names a missing file and its offsets', async () => {
    const { archive, store } = await fill()
    const key = await findDataKey(store, 'topic=customer-events/date=2025-01-06/hour=10/2-')
    await store.remove(key)
    const [problem, ...others] = (await archive.verify()).problems
    expect([problem?.kind, problem?.file, others]).toEqual(['missing', key, []])
    expect(problem?.message).toMatch(/^topic=customer-events.*is missing, with customer-events\/2 offsets \d+ to \d+$/)
  })

  it('finds a flipped bit anywhere in a file', async () => {
    const { archive, store } = await fill()
    const key = await findDataKey(store, 'retail-transactions')
    const whole = Buffer.from((await store.read(key))?.bytes ?? [])
    for (const at of [0, 4, whole.length >> 1, whole.length - 1]) {
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      expect(await store.replace(key, flipped, (await store.read(key))?.tag ?? null)).toBe(true)
      const problems = (await archive.verify()).problems
      expect(problems.map(({ kind, file }) => [kind, file])).toEqual([['damaged', key]])
    }
  })

  it('names the offsets that a lost manifest leaves out, and archives them again', async () => {
    const { archive, store } = await open()
    const log = await makeArchivedLog()
    await archive.archive(log, everything)
    await store.remove('topic=inventory-updates/date=2025-01-06/hour=10/manifest.json')
    const { problems } = await archive.verify()
    const gaps = problems.filter(({ kind }) => kind === 'gap').map(({ stretch }) => stretch)
    const lost = problems.filter(({ kind }) => kind === 'unlisted').map(({ stretch }) => stretch)
    expect(gaps.length).toBeGreaterThan(2)
    for (const gap of gaps) {
      expect(lost.some((one) => one?.partition === gap?.partition && one?.fromOffset === gap?.fromOffset)).toBe(true)
    }
    await archive.archive(log, everything)
    const verified = await archive.verify()
    expect([verified.rows, verified.problems]).toEqual([325, []])
  })

  it('says which manifest cannot be read, and archives nothing beside it', async () => {
    const { archive, store } = await open()
    const log = await makeArchivedLog()
    await archive.archive(log, everything)
    const key = 'topic=inventory-updates/date=2025-01-06/hour=10/manifest.json'
    await store.replace(key, Buffer.from('{"format":1,'), (await store.read(key))?.tag ?? null)
    expect(messagesOf(await archive.verify())[0]).toContain(key)
    expect((await faultOf(archive.archive(log, everything))).message).toContain(key)
  })
}

function promiseRestoring(open: OpenArchive): void {
  it('gives every record its partition, offset, place, append time and origin again', async () => {
    const { archive, another } = await open()
    const log = await makeArchivedLog()
    await archive.archive(log, everything)
    const restored = createMemoryLog({ partitions: 4 })
    const report = await another().restore(restored)
    expect(report.records).toBe(325)
    expect((await readAll(restored)).map(describeRecord)).toEqual((await readAll(log)).map(describeRecord))
  })

  it('can be gone on with from the restored log', async () => {
    const { archive } = await open()
    const log = await makeArchivedLog()
    await archive.archive(log, closedHours)
    const restored = createMemoryLog({ partitions: 4 })
    await archive.restore(restored)
    await restored.append(makeRecords(30, 700), liveAt(lastHourMs))
    expect((await archive.archive(restored, everything)).records).toBe(30)
    expect((await archive.verify()).problems).toEqual([])
  })

  it('refuses a log that is not empty', async () => {
    const { archive } = await open()
    await archive.archive(await makeArchivedLog(), everything)
    const fault = await faultOf(archive.restore(await makeArchivedLog()))
    expect([fault.code, fault.message]).toEqual(['refused', expect.stringContaining('not empty')])
  })

  it('refuses a log with other partitions', async () => {
    const { archive } = await open()
    await archive.archive(await makeArchivedLog(), everything)
    const fault = await faultOf(archive.restore(createMemoryLog({ partitions: 8 })))
    expect([fault.code, fault.hint]).toEqual(['refused', 'set log.partitions to 4'])
  })

  it('names a damaged file instead of restoring without it', async () => {
    const { archive, store } = await open()
    await archive.archive(await makeArchivedLog(), everything)
    const key = await findDataKey(store, 'hour=11/3-')
    const bytes = Buffer.from((await store.read(key))?.bytes ?? [])
    bytes[100] = (bytes[100] ?? 0) ^ 4
    await store.replace(key, bytes, (await store.read(key))?.tag ?? null)
    const fault = await faultOf(archive.restore(createMemoryLog({ partitions: 4 })))
    expect([fault.code, fault.message]).toEqual(['input', expect.stringContaining(key)])
  })

  it('refuses to leave out what is not archived, unless offsets may change', async () => {
    const { archive, store } = await open()
    const log = await makeArchivedLog()
    await archive.archive(log, everything)
    const key = 'topic=customer-events/date=2025-01-06/hour=09/manifest.json'
    await store.remove(key)
    const before = createMemoryLog({ partitions: 4 })
    const fault = await faultOf(archive.restore(before))
    expect(fault.message).toMatch(/the archive does not hold customer-events\/\d offsets? 0/)
    expect(await readAll(before)).toEqual([])
    const { records } = await archive.restore(before, { renumbers: true })
    expect(await readAll(before)).toHaveLength(records)
    expect(records).toBeLessThan(325)
  })

  it('says so when the log gives records other places', async () => {
    const { archive } = await open()
    await archive.archive(await makeArchivedLog(), everything)
    const log = createMemoryLog({ partitions: 4 })
    const skewed = {
      sync: () => log.sync(),
      describe: () => log.describe(),
      append: (
        records: Parameters<typeof log.append>[0],
        stamp: { appendedAtMs: readonly number[]; origin: 'live' | 'backfill' | 'import' },
      ) => log.append(records, { appendedAtMs: stamp.appendedAtMs, origin: stamp.origin }),
    }
    await log.append([], liveAt(1))
    const fault = await faultOf(
      archive.restore({
        ...skewed,
        append: (records, stamp) =>
          skewed.append(records.slice(1), { ...stamp, appendedAtMs: stamp.appendedAtMs.slice(1) }),
      }),
    )
    expect([fault.code, fault.message]).toEqual(['refused', expect.stringContaining('where the archive has')])
  })
}

function promiseRetention(open: OpenArchive): void {
  it('drops whole hours beyond the age, oldest first, and keeps re-admissions', async () => {
    const { archive, store } = await open()
    const log = await makeArchivedLog()
    await archive.archive(log, everything)
    const report = await archive.retain({ bytes: 0, ageMs: hourMs }, nineMs + 3 * hourMs)
    expect(report.hours).toBe(2)
    const hours = await archive.list()
    expect(hours.map(({ topic, startMs }) => `${(startMs - nineMs) / hourMs} ${topic}`)).toEqual([
      `1 ${readmissionTopic}`,
      '2 retail-transactions',
      '2 customer-events',
      '2 inventory-updates',
    ])
    expect((await store.list()).filter(({ key }) => key.includes('hour=09'))).toEqual([])
    expect((await archive.verify()).problems).toEqual([])
    expect((await archive.archive(log, everything)).records).toBe(0)
  })

  it('drops the oldest hours until the rest is within the bytes', async () => {
    const { archive } = await open()
    await archive.archive(await makeArchivedLog(), everything)
    const before = await archive.list()
    const sizeOf = (hours: typeof before) =>
      hours.filter(({ topic }) => topic !== readmissionTopic).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    await archive.retain({ bytes: sizeOf(before) - 1, ageMs: 0 }, lastHourMs)
    const after = await archive.list()
    expect(after.some(({ startMs }) => startMs === nineMs)).toBe(false)
    expect(after.some(({ startMs, topic }) => startMs === nineMs + hourMs && topic !== readmissionTopic)).toBe(true)
    await archive.retain({ bytes: 1, ageMs: 0 }, lastHourMs)
    expect((await archive.list()).map(({ topic }) => topic)).toEqual([readmissionTopic])
  })

  it('keeps everything without a bound', async () => {
    const { archive } = await open()
    await archive.archive(await makeArchivedLog(), everything)
    expect(await archive.retain({ bytes: 0, ageMs: 0 }, Number.MAX_SAFE_INTEGER)).toEqual({
      hours: 0,
      files: 0,
      sizeBytes: 0,
    })
    expect((await archive.verify()).rows).toBe(325)
  })
}

function promiseSnapshots(open: OpenArchive): void {
  it('reads like the log it was made of', async () => {
    const { archive } = await open()
    const log = await makeArchivedLog()
    await archive.archive(log, everything)
    const snapshot = await archive.openSnapshot()
    expect([snapshot.startSequence, snapshot.endSequence]).toEqual([0, 325])
    const reader = snapshot.openReader([])
    const records = await readOn(reader, 37)
    expect(records.map(describeRecord)).toEqual((await readAll(log)).map(describeRecord))
  })

  it('begins at the wanted offsets and reads single records', async () => {
    const { archive } = await open()
    const log = await makeArchivedLog()
    await archive.archive(log, everything)
    const from = log
      .describe()
      .partitions.map(({ topic, partition, endOffset }) => ({ topic, partition, offset: endOffset >> 1 }))
    const snapshot = await archive.openSnapshot()
    const reader = snapshot.openReader(from)
    const records = await reader.read(1_000, 1_000_000)
    expect(records.map(describeRecord)).toEqual((await readAll(log, from)).map(describeRecord))
    const [wanted] = records
    if (wanted === undefined) throw new Error('nothing was read')
    const again = await snapshot.readAt(wanted)
    expect(again && describeRecord(again)).toBe(describeRecord(wanted))
    expect(await snapshot.readAt({ ...wanted, offset: 99_999 })).toBeNull()
  })
}
