import { expect, it } from 'vitest'
import { createRandom, type Random } from '../../../core/base/random.ts'
import type { EventLog } from '../../../core/log/log.ts'
import { liveAt, makeRecord, makeRecords, readAll, textOf } from '../../support/log-records.ts'
import { createSimulatedDisk, type SimulatedDisk, systemError } from '../../support/simulated-disk.ts'
import { openSimulatedLog } from '../../support/simulated-log.ts'

const request = { partitions: 3, segmentBytes: 700 }

/** What a log was asked to hold, and what it has answered for. */
interface Ledger {
  /** By sequence, of every append that was begun. */
  texts: string[]
  /** Ends of the appends in `texts`. */
  ends: number[]
  /** Appends up to here have resolved. */
  appended: number
  /** Syncs up to here have resolved. */
  synced: number
}

/** Works on a log until its disk dies. Several things are under way at once. */
async function workUntilDeath(log: EventLog, ledger: Ledger, random: Random): Promise<void> {
  for (;;) {
    const work: Promise<void>[] = []
    for (let step = random.nextInt(4); step >= 0; step -= 1) {
      const kind = random.nextInt(10)
      if (kind < 6) work.push(appendSome(log, ledger, 1 + random.nextInt(12)))
      else if (kind < 9) work.push(syncAll(log, ledger))
      else work.push(log.retain({ bytes: 4_000 + random.nextInt(4_000), ageMs: 0 }, 0))
    }
    const results = await Promise.allSettled(work)
    if (results.some(({ status }) => status === 'rejected')) return
  }
}

async function appendSome(log: EventLog, ledger: Ledger, count: number): Promise<void> {
  const records = makeRecords(count, ledger.texts.length)
  ledger.texts.push(...records.map(({ value }) => value?.toString() ?? ''))
  const end = ledger.texts.length
  ledger.ends.push(end)
  await log.append(records, liveAt(end))
  ledger.appended = end
}

async function syncAll(log: EventLog, ledger: Ledger): Promise<void> {
  const { appended } = ledger
  await log.sync()
  ledger.synced = Math.max(ledger.synced, appended)
}

/** Checks a log that was opened again against what was asked of it, and strikes what it has lost. */
async function checkAgainst(log: EventLog, ledger: Ledger, least: number): Promise<void> {
  const { endSequence, partitions, damage } = log.describe()
  expect(damage.filter(({ kind }) => kind === 'corrupt')).toEqual([])
  expect(endSequence).toBeGreaterThanOrEqual(least)
  expect([0, ...ledger.ends]).toContain(endSequence)
  // One offset a record, one sequence a record: nothing is missing in between.
  expect(partitions.reduce((sum, { endOffset }) => sum + endOffset, 0)).toBe(endSequence)
  const held = partitions.reduce((sum, { startOffset, endOffset }) => sum + endOffset - startOffset, 0)
  const records = await readAll(log)
  expect(records).toHaveLength(held)
  let before = -1
  for (const record of records) {
    expect(record.sequence).toBeGreaterThan(before)
    expect(textOf(record)).toBe(ledger.texts[record.sequence])
    before = record.sequence
  }
  if (records.length > 0) expect(before).toBe(endSequence - 1)
  ledger.texts = ledger.texts.slice(0, endSequence)
  ledger.ends = ledger.ends.filter((end) => end <= endSequence)
  ledger.appended = endSequence
  // Opening ends with everything durable.
  ledger.synced = endSequence
}

/** Lets every operation fail from a random one on, as they do in a process that is no more. */
function dieSometime(disk: SimulatedDisk, random: Random): void {
  const lastOperation = disk.operations + 40 + random.nextInt(400)
  disk.failNext = () => (disk.operations > lastOperation ? systemError('EIO') : null)
}

async function liveOneLife(seed: number, end: 'kill' | 'power cut' | 'either'): Promise<void> {
  const random = createRandom(seed)
  const ledger: Ledger = { texts: [], ends: [], appended: 0, synced: 0 }
  let disk = createSimulatedDisk()
  for (let life = 0; life < 4; life += 1) {
    let log: EventLog | null = await openSimulatedLog(disk, request)
    dieSometime(disk, random)
    await workUntilDeath(log, ledger, random)
    log = null
    let least = ledger.appended
    for (const isOpening of random.chance(0.5) ? [false] : [false, true]) {
      if (isOpening) await dieWhileOpening(disk, random)
      const isKilled = end === 'kill' || (end === 'either' && random.chance(0.5))
      disk = isKilled ? disk.copy() : disk.cutPower(random)
      if (!isKilled) least = ledger.synced
    }
    log = await openSimulatedLog(disk, request)
    await checkAgainst(log, ledger, least)
    if (random.chance(0.5)) await log.close()
    else disk = disk.copy()
  }
}

async function dieWhileOpening(disk: SimulatedDisk, random: Random): Promise<void> {
  const lastOperation = disk.operations + random.nextInt(120)
  disk.failNext = () => (disk.operations > lastOperation ? systemError('EIO') : null)
  await Promise.allSettled([openSimulatedLog(disk, request)])
}

const seeds = Array.from({ length: 20 }, (_, index) => index + 1)

it('loses nothing that was appended when it is killed at any operation', async () => {
  for (const seed of seeds) await liveOneLife(seed, 'kill')
})

it('keeps whole appends from the front, and all that was synced, when the power is cut', async () => {
  for (const seed of seeds) await liveOneLife(seed, 'power cut')
})

it('survives a kill and a power cut in a row, opening included', async () => {
  for (const seed of seeds) await liveOneLife(seed, 'either')
})

it('does not bring back what it has cut, when the power is cut again', async () => {
  const disk = createSimulatedDisk()
  const killed = await openSimulatedLog(disk, request)
  await killed.append(makeRecords(30), liveAt(1))
  const left = disk.copy()
  const [lost, ...others] = left.paths().filter((path) => path.endsWith('.log'))
  if (lost === undefined) throw new Error('no segment')
  await left.remove(lost)
  for (const path of others) left.place(path, left.content(path))
  const log = await openSimulatedLog(left, request)
  expect(log.describe().endSequence).toBe(0)
  await log.append([makeRecord('key:new')], liveAt(2))
  await log.sync()
  const again = await openSimulatedLog(left.loseUnsynced(), request)
  expect((await readAll(again)).map(textOf)).toEqual(['key:new'])
  expect(again.describe()).toMatchObject({ endSequence: 1, damage: [] })
})

it('leaves no sidecar beside a segment that it cuts', async () => {
  const disk = createSimulatedDisk()
  const killed = await openSimulatedLog(disk, { segmentBytes: 1_000 })
  const both = [makeRecord('key:sale'), makeRecord('key:event', 'customer-events')]
  await killed.append(both, liveAt(1))
  await killed.append(both, liveAt(2))
  await killed.append([makeRecord(`key:${'x'.repeat(1_000)}`)], liveAt(3))
  const left = disk.copy()
  const sidecar = '/log/retail-transactions/0/00000000000000000000.index'
  expect(left.paths()).toContain(sidecar)
  const events = '/log/customer-events/0/00000000000000000000.log'
  left.place(events, left.content(events).subarray(0, left.content(events).length - 1))
  const log = await openSimulatedLog(left, { segmentBytes: 1_000 })
  expect((await readAll(log)).map(textOf)).toEqual(['key:sale', 'key:event'])
  expect(left.paths()).not.toContain(sidecar)
})
