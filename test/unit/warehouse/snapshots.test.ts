import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { salesTopic } from '../../../core/events/topics.ts'
import { decodeSnapshot, encodeSnapshot } from '../../../core/warehouse/duckdb/snapshot-file.ts'
import { createSnapshots } from '../../../core/warehouse/duckdb/snapshots.ts'
import { faultOf } from '../../support/fault-of.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const makeSnapshot = (epoch: number) => ({
  epoch,
  offsets: [
    { topic: salesTopic, partition: 0, offset: epoch * 10 },
    { topic: 'storepulse-readmissions', partition: 3, offset: 0 },
  ] as const,
  untilSequence: epoch * 10,
  state: Uint8Array.from({ length: 300 }, (_, index) => (index * epoch) & 0xff),
})

const epochsOf = async (folder: string): Promise<readonly number[]> =>
  (await createSnapshots(folder).load()).map(({ epoch }) => epoch)

it('reads back what it wrote', () => {
  const read = decodeSnapshot(Buffer.concat(encodeSnapshot(makeSnapshot(7))))
  expect(read && { ...read, state: [...read.state] }).toEqual({ ...makeSnapshot(7), state: [...makeSnapshot(7).state] })
  const empty = { epoch: 1, offsets: [], untilSequence: 0, state: new Uint8Array(0) }
  expect(decodeSnapshot(Buffer.concat(encodeSnapshot(empty)))?.state.length).toBe(0)
})

it('sees every flipped bit and every cut', () => {
  const bytes = Buffer.concat(encodeSnapshot(makeSnapshot(7)))
  for (let at = 0; at < bytes.length; at += 1) {
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
    expect(decodeSnapshot(flipped), `byte ${at}`).toBeNull()
    expect(decodeSnapshot(bytes.subarray(0, at)), `cut at ${at}`).toBeNull()
  }
})

it('keeps the newest two, and leaves out one that is damaged', async () => {
  const folder = join(makeTemporaryDirectory(), 'snapshots')
  const snapshots = createSnapshots(folder)
  for (const epoch of [9, 10, 11]) await snapshots.save(makeSnapshot(epoch))
  expect(await epochsOf(folder)).toEqual([11, 10])
  expect(readdirSync(folder).sort()).toEqual(['10.snapshot', '11.snapshot'])
  const bytes = readFileSync(join(folder, '11.snapshot'))
  writeFileSync(join(folder, '11.snapshot'), bytes.subarray(0, bytes.length - 1))
  expect(await epochsOf(folder)).toEqual([10])
})

it('does not mind other files, or what a kill has left', async () => {
  const folder = makeTemporaryDirectory()
  const snapshots = createSnapshots(folder)
  await snapshots.save(makeSnapshot(1))
  writeFileSync(join(folder, '2.snapshot.next'), 'half')
  writeFileSync(join(folder, 'notes.txt'), '')
  writeFileSync(join(folder, '3.snapshot'), '')
  expect(await epochsOf(folder)).toEqual([1])
  await snapshots.save(makeSnapshot(2))
  expect(await epochsOf(folder)).toEqual([2])
})

it('leaves nothing half-written behind, whatever has cut it short', async () => {
  const folder = makeTemporaryDirectory()
  const snapshots = createSnapshots(folder)
  await snapshots.save(makeSnapshot(1))
  // What cannot be put in its place, as on a full disk.
  mkdirSync(join(folder, '2.snapshot'))
  writeFileSync(join(folder, '2.snapshot', 'in the way'), '')
  await faultOf(snapshots.save(makeSnapshot(2)))
  expect(readdirSync(folder).sort()).toEqual(['1.snapshot', '2.snapshot'])
})

it('writes the same epoch again', async () => {
  const folder = makeTemporaryDirectory()
  const snapshots = createSnapshots(folder)
  await snapshots.save(makeSnapshot(1))
  await snapshots.save({ ...makeSnapshot(1), untilSequence: 99 })
  expect((await snapshots.load()).map(({ untilSequence }) => untilSequence)).toEqual([99])
})

it('says that it could not be written', async () => {
  const file = join(makeTemporaryDirectory(), 'a-file')
  writeFileSync(file, '')
  const fault = await faultOf(createSnapshots(join(file, 'snapshots')).save(makeSnapshot(1)))
  expect(fault.message).toMatch(/^a recovery snapshot could not be written/)
})
