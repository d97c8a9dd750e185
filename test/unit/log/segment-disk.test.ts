import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { createProbe } from '../../../core/base/probe.ts'
import type { EventLog, LogFacts } from '../../../core/log/log.ts'
import { liveAt, makeRecords, readAll, readOn, textOf } from '../../support/log-records.ts'
import { createSimulatedDisk, type DiskVerb, type SimulatedDisk, systemError } from '../../support/simulated-disk.ts'
import { openSimulatedLog, segmentPathsOf } from '../../support/simulated-log.ts'

const textsOf = (count: number): readonly string[] => makeRecords(count).map(({ value }) => value?.toString() ?? '')

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof Fault) return error
  throw new Error(`expected a fault, got ${String(error)}`)
}

/** Lets one verb fail, the first `passes` times excepted, until told otherwise. */
function failOn(disk: SimulatedDisk, verb: DiskVerb, code: string, passes = 0): () => void {
  let left = passes
  disk.failNext = (each, path) => {
    if (each !== verb || path.endsWith('synced')) return null
    left -= 1
    return left < 0 ? systemError(code) : null
  }
  return () => {
    disk.failNext = () => null
  }
}

async function expectUnharmed(disk: SimulatedDisk, log: EventLog, count: number): Promise<void> {
  expect((await readAll(log)).map(textOf)).toEqual(textsOf(count))
  const again = await openSimulatedLog(disk.copy(), { partitions: 2 })
  expect((await readAll(again)).map(textOf)).toEqual(textsOf(count))
  expect(again.describe().damage).toEqual([])
}

it.each([
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EROFS', 'read-only'],
  ['EACCES', 'read-only'],
])('publishes nothing of an append that ends in %s, and goes on when it can', async (code, faultCode) => {
  for (let passes = 0; passes < 6; passes += 1) {
    const disk = createSimulatedDisk()
    const log = await openSimulatedLog(disk, { partitions: 2 })
    await log.append(makeRecords(20), liveAt(1))
    const before = log.describe()
    const sizes = segmentPathsOf(disk).map((path) => disk.content(path).length)
    const reader = log.openReader([])
    expect(await readOn(reader)).toHaveLength(20)
    const mend = failOn(disk, 'write', code, passes)
    const fault = await faultOf(log.append(makeRecords(20, 20), liveAt(2)))
    expect(fault.code).toBe(faultCode)
    expect(fault.retry).toBe(true)
    expect(log.describe()).toEqual(before)
    expect(segmentPathsOf(disk).map((path) => disk.content(path).length)).toEqual(sizes)
    expect(await reader.read(10, 1_000)).toEqual([])
    mend()
    await log.append(makeRecords(20, 20), liveAt(2))
    await expectUnharmed(disk, log, 40)
  }
})

it('takes a partial write back later when it cannot at once', async () => {
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk, { partitions: 2 })
  await log.append(makeRecords(20), liveAt(1))
  disk.failNext = (verb) => (verb === 'write' || verb === 'truncate' ? systemError('ENOSPC') : null)
  expect((await faultOf(log.append(makeRecords(200, 20), liveAt(2)))).code).toBe('disk-full')
  expect((await faultOf(log.append(makeRecords(5, 20), liveAt(2)))).code).toBe('disk-full')
  disk.failNext = () => null
  await log.append(makeRecords(5, 20), liveAt(2))
  await log.sync()
  await expectUnharmed(disk, log, 25)
})

it('begins a segment later when it cannot open another file now', async () => {
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk, { partitions: 2, segmentBytes: 300 })
  await log.append(makeRecords(30), liveAt(1))
  const mend = failOn(disk, 'open', 'EMFILE')
  const fault = await faultOf(log.append(makeRecords(30, 30), liveAt(2)))
  expect(fault).toMatchObject({ code: 'data-directory', retry: true })
  mend()
  await log.append(makeRecords(30, 30), liveAt(2))
  await expectUnharmed(disk, log, 60)
})

it('leaves no file open behind a failed opening', async () => {
  for (let last = 0; ; last += 1) {
    const disk = createSimulatedDisk()
    const first = await openSimulatedLog(disk)
    await first.append(makeRecords(5), liveAt(1))
    const again = disk.copy()
    again.failNext = () => (again.operations > last ? systemError('EIO') : null)
    const results = await Promise.allSettled([openSimulatedLog(again)])
    if (results[0]?.status === 'fulfilled') {
      await results[0].value.close().catch(() => again.openFiles)
      expect(last).toBeGreaterThan(20)
      return
    }
    expect(again.openFiles).toBe(0)
  }
})

it('keeps at most one file open for writing a partition, and none after closing', async () => {
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk, { segmentBytes: 500 })
  for (let batch = 0; batch < 40; batch += 1) await log.append(makeRecords(10, batch * 10), liveAt(batch))
  // Three event partitions and the synced point.
  expect(disk.openFiles).toBe(4)
  expect(segmentPathsOf(disk).length).toBeGreaterThan(20)
  log.openReader([])
  expect(disk.openFiles).toBe(4)
  const reader = log.openReader([])
  await reader.read(5, 1_000)
  expect(disk.openFiles).toBeLessThanOrEqual(7)
  await log.close()
  expect(disk.openFiles).toBe(0)
})

it('syncs only what is dirty, and says how long it took', async () => {
  const probe = createProbe<LogFacts>()
  const synced: LogFacts['synced'][] = []
  probe.on('synced', (fact) => void synced.push(fact))
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk, { partitions: 4, probe })
  const syncedPaths: string[] = []
  disk.failNext = (verb, path) => {
    if (verb === 'sync') syncedPaths.push(path)
    return null
  }
  await log.append(makeRecords(1), liveAt(1))
  await log.sync()
  expect(syncedPaths).toHaveLength(1)
  await log.sync()
  expect(syncedPaths).toHaveLength(1)
  await log.append(makeRecords(100), liveAt(1))
  await Promise.all(Array.from({ length: 20 }, () => log.sync()))
  expect(syncedPaths.length).toBeLessThanOrEqual(1 + 2 * 12)
  expect(synced[0]).toEqual({ durationMs: expect.any(Number), files: 1 })
  expect(synced[1]?.files).toBeGreaterThan(6)
  expect(synced[0]?.durationMs).toBeGreaterThanOrEqual(0)
})

it('covers with a sync what was appended before it, while another sync is under way', async () => {
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk, { partitions: 2 })
  await log.append(makeRecords(10), liveAt(1))
  const first = log.sync()
  await log.append(makeRecords(10, 10), liveAt(2))
  await log.sync()
  await first
  const left = await openSimulatedLog(disk.loseUnsynced(), { partitions: 2 })
  expect((await readAll(left)).map(textOf)).toEqual(textsOf(20))
  expect(left.describe().damage).toEqual([])
})

it('makes durable at opening what the process before it had only written', async () => {
  const disk = createSimulatedDisk()
  const killed = await openSimulatedLog(disk, { partitions: 2, segmentBytes: 300 })
  for (let batch = 0; batch < 5; batch += 1) await killed.append(makeRecords(10, batch * 10), liveAt(batch))
  const again = disk.copy()
  await openSimulatedLog(again, { partitions: 2, segmentBytes: 300 })
  const left = await openSimulatedLog(again.loseUnsynced(), { partitions: 2, segmentBytes: 300 })
  expect((await readAll(left)).map(textOf)).toEqual(textsOf(50))
})

it('fails a sync that cannot be done, and writes what is in doubt once more with the next one', async () => {
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk, { partitions: 2 })
  await log.append(makeRecords(20), liveAt(1))
  await log.sync()
  await log.append(makeRecords(20, 20), liveAt(2))
  const mend = failOn(disk, 'sync', 'ENOSPC')
  expect((await faultOf(log.sync())).code).toBe('disk-full')
  expect((await faultOf(log.sync())).code).toBe('disk-full')
  mend()
  const written: string[] = []
  disk.failNext = (verb, path) => {
    if (verb === 'write' && path.endsWith('.log')) written.push(path)
    return null
  }
  await log.append(makeRecords(20, 40), liveAt(3))
  const before = written.length
  await log.sync()
  expect(written.length).toBeGreaterThan(before)
  await expectUnharmed(disk, log, 60)
})

it('says so when what a failed sync left in doubt is gone', async () => {
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk)
  await log.append(makeRecords(20), liveAt(1))
  const mend = failOn(disk, 'sync', 'EIO')
  await faultOf(log.sync())
  mend()
  disk.content(segmentPathsOf(disk)[0] ?? '').fill(0)
  expect((await faultOf(log.sync())).code).toBe('log-damaged')
})

it('gives what it has read before it fails, and goes on when it can', async () => {
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk, { partitions: 2, segmentBytes: 20_000 })
  for (let batch = 0; batch < 10; batch += 1) await log.append(makeRecords(600, batch * 600), liveAt(batch))
  for (let passes = 0; passes < 60; passes += 3) {
    const reader = log.openReader([])
    const mend = failOn(disk, 'read', 'EIO', passes)
    const texts: string[] = []
    for (let faults = 0; ; ) {
      try {
        const records = await reader.read(5_000, 1_000_000)
        if (records.length === 0) break
        texts.push(...records.map(textOf))
      } catch (error) {
        expect(error).toBeInstanceOf(Fault)
        faults += 1
        if (faults === 2) mend()
      }
    }
    expect(texts).toEqual(textsOf(6_000))
    await reader.close()
  }
})
