import { expect, it } from 'vitest'
import { createRandom } from '../../../core/base/random.ts'
import type { LogDescription } from '../../../core/log/log.ts'
import { describeRecord, liveAt, makeRecords, readAll } from '../../support/log-records.ts'
import { createSimulatedDisk, type SimulatedDisk } from '../../support/simulated-disk.ts'
import { openSimulatedLog, segmentPathsOf } from '../../support/simulated-log.ts'

const request = { partitions: 2, segmentBytes: 1_500 }
const batches = 30

/** A log of several segments a partition, some of them closed, all of it synced. */
async function makeSyncedLog(isClosed: boolean): Promise<{ disk: SimulatedDisk; records: readonly string[] }> {
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk, request)
  for (let batch = 0; batch < batches; batch += 1) await log.append(makeRecords(20, batch * 20), liveAt(batch))
  const records = (await readAll(log)).map(describeRecord)
  if (isClosed) await log.close()
  else await log.sync()
  return { disk, records }
}

function isSaidLost({ damage }: LogDescription, record: string): boolean {
  const [topic, partition, offset] = (record.split(' ')[1] ?? '').split('/')
  return damage.some(
    (one) =>
      one.kind === 'corrupt' &&
      one.topic === topic &&
      one.partition === Number(partition) &&
      (one.fromOffset ?? Infinity) <= Number(offset) &&
      Number(offset) < (one.untilOffset ?? Infinity),
  )
}

it('accounts for every record that is lost, whatever bytes were changed in whichever files', async () => {
  const [closed, killed] = [await makeSyncedLog(true), await makeSyncedLog(false)]
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = createRandom(seed)
    const { disk, records } = random.chance(0.5) ? closed : killed
    const known = new Set(records)
    const spoiled = disk.copy()
    const paths = segmentPathsOf(spoiled).filter((path) => spoiled.content(path).length > 0)
    for (let count = 1 + random.nextInt(6); count > 0; count -= 1) {
      const path = paths[random.nextInt(paths.length)] ?? ''
      const content = Buffer.from(spoiled.content(path))
      const position = random.nextInt(content.length)
      if (random.chance(0.5)) content[position] = (content[position] ?? 0) ^ (1 + random.nextInt(255))
      else content.fill(random.nextInt(256), position, Math.min(content.length, position + random.nextInt(300)))
      spoiled.place(path, random.chance(0.1) ? content.subarray(0, position) : content)
    }
    for (let opening = 0; opening < 2; opening += 1) {
      const log = await openSimulatedLog(spoiled, request)
      const read = new Set((await readAll(log)).map(describeRecord))
      const lost = records.filter((record) => !read.has(record))
      expect([...read].filter((record) => !known.has(record) && !record.endsWith('"later"'))).toEqual([])
      expect(lost.filter((record) => !isSaidLost(log.describe(), record))).toEqual([])
      await log.append([{ topic: 'customer-events', key: null, value: Buffer.from('later') }], liveAt(opening))
      expect((await readAll(log)).at(-1)?.sequence).toBe(records.length + opening)
      await log.close()
    }
  }
})

it('remembers damage in a closed segment that a reader has met', async () => {
  const { disk } = await makeSyncedLog(true)
  const [path] = segmentPathsOf(disk)
  if (path === undefined) throw new Error('no segment')
  const content = Buffer.from(disk.content(path))
  content[100] = (content[100] ?? 0) ^ 1
  disk.place(path, content)
  const first = await openSimulatedLog(disk, request)
  expect(first.describe().damage).toEqual([])
  await readAll(first)
  const { damage } = first.describe()
  expect(damage).toEqual([expect.objectContaining({ kind: 'corrupt', file: path, fromOffset: 0 })])
  await first.close()
  expect((await openSimulatedLog(disk, request)).describe().damage).toEqual(damage)
})
