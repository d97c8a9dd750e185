import { writeFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import type { ArchiveRequest } from '../../../core/archive/archive.ts'
import { type DiskSteps, machineSteps } from '../../../core/archive/disk/disk-steps.ts'
import { createDiskStore } from '../../../core/archive/disk/disk-store.ts'
import { openArchive } from '../../../core/archive/open-archive.ts'
import { createParquetCodec } from '../../../core/archive/parquet.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import type { EventLog } from '../../../core/log/log.ts'
import { describeStore, hourMs, nineMs } from '../../support/archived-log.ts'
import { describeRecord, liveAt, makeRecord, readAll } from '../../support/log-records.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const everything: ArchiveRequest = { nowMs: nineMs + 5 * hourMs, includesOpenHour: true }

/** Two topics, two hours: few files, so that every step can be the last. */
async function makeShortLog(): Promise<EventLog> {
  const log = createMemoryLog({ partitions: 1 })
  for (const [hour, count] of [10, 7].entries()) {
    const records = Array.from({ length: count }, (_, index) =>
      makeRecord(`key:${hour}-${index}`, index % 2 === 0 ? 'retail-transactions' : 'customer-events'),
    )
    await log.append(records, liveAt(nineMs + hour * hourMs))
  }
  return log
}

interface Mortal {
  readonly steps: DiskSteps
  taken: number
}

/** Dies at its n-th step, which is done by half; nothing is done after it. */
function createMortalSteps(lastStep: number): Mortal {
  const mortal = { taken: 0 }
  const step = async <Result>(work: () => Promise<Result>, half: () => void = () => undefined): Promise<Result> => {
    mortal.taken += 1
    if (mortal.taken === lastStep) half()
    if (mortal.taken >= lastStep) throw new Error('killed')
    return await work()
  }
  const steps: DiskSteps = {
    makeDirectory: (path) => step(() => machineSteps.makeDirectory(path)),
    writeFile: (path, bytes) =>
      step(
        () => machineSteps.writeFile(path, bytes),
        () => writeFileSync(path, bytes.subarray(0, bytes.length >> 1)),
      ),
    rename: (from, to) => step(() => machineSteps.rename(from, to)),
    link: (from, to) => step(() => machineSteps.link(from, to)),
    removeFolder: (path) => step(() => machineSteps.removeFolder(path)),
    remove: (path) => step(() => machineSteps.remove(path)),
    syncDirectory: (path) => step(() => machineSteps.syncDirectory(path)),
  }
  return Object.assign(mortal, { steps })
}

/** One for all: opening it takes longer than all else. */
const codec = createParquetCodec()
afterAll(() => codec.close())
/** On a machine that does much else. */
const patienceMs = 120_000

function openOn(directory: string, steps: DiskSteps = machineSteps) {
  return openArchive(createDiskStore({ directory, steps }), codec)
}

async function isKilled(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return false
  } catch (error) {
    if (String(error).includes('killed')) return true
    throw error
  }
}

it(
  'gives the set of an undisturbed run, whichever step of the first one was its last',
  async () => {
    const log = await makeShortLog()
    const calm = makeTemporaryDirectory()
    await openOn(calm).archive(log, everything)
    const wanted = await describeStore(createDiskStore({ directory: calm }))
    const records = (await readAll(log)).map(describeRecord)
    let lastStep = 0
    for (let wasKilled = true; wasKilled; ) {
      lastStep += 1
      const directory = makeTemporaryDirectory()
      wasKilled = await isKilled(openOn(directory, createMortalSteps(lastStep).steps).archive(log, everything))
      const again = openOn(directory)
      const { problems } = await again.verify()
      expect(problems.filter(({ kind }) => kind !== 'unlisted')).toEqual([])
      const reader = (await again.openSnapshot()).openReader([])
      for (const record of await reader.read(1_000, 1_000_000)) expect(records).toContain(describeRecord(record))
      await again.archive(log, everything)
      expect(await describeStore(createDiskStore({ directory }))).toEqual(wanted)
    }
    expect(lastStep).toBeGreaterThan(40)
  },
  patienceMs,
)

it(
  'drops an hour whole, whichever step of dropping it was the last',
  async () => {
    const log = await makeShortLog()
    const drop = { bytes: 0, ageMs: hourMs }
    const dropAtMs = nineMs + 2 * hourMs
    let lastStep = 0
    for (let wasKilled = true; wasKilled; ) {
      lastStep += 1
      const directory = makeTemporaryDirectory()
      await openOn(directory).archive(log, everything)
      wasKilled = await isKilled(openOn(directory, createMortalSteps(lastStep).steps).retain(drop, dropAtMs))
      const again = openOn(directory)
      const hours = (await again.list()).map(({ startMs }) => (startMs - nineMs) / hourMs)
      expect([...hours].sort().join()).toMatch(/^(0,0,1,1|0,1,1|1,1)$/)
      expect((await again.verify()).problems.filter(({ kind }) => kind !== 'unlisted')).toEqual([])
      await again.retain(drop, dropAtMs)
      await again.archive(log, everything)
      const left = await describeStore(createDiskStore({ directory }))
      expect(left.filter((line) => line.includes('hour=09'))).toEqual([])
      expect(left.filter((line) => line.includes('.parquet'))).toHaveLength(2)
    }
    expect(lastStep).toBeGreaterThan(8)
  },
  patienceMs,
)
