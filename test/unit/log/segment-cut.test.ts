import { expect, it } from 'vitest'
import { salesTopic } from '../../../core/events/topics.ts'
import type { EventLog } from '../../../core/log/log.ts'
import { headerBytes } from '../../../core/log/segment/frame.ts'
import { liveAt, makeRecord, readAll, textOf } from '../../support/log-records.ts'
import { createSimulatedDisk, type SimulatedDisk } from '../../support/simulated-disk.ts'
import { makeKilledLog, openSimulatedLog, segmentPathsOf } from '../../support/simulated-log.ts'

const batches = 5
const perBatch = 3

/** The records of a batch; all batches are of one size. */
const batchOf = (batch: number): readonly ReturnType<typeof makeRecord>[] =>
  Array.from({ length: perBatch }, (_, index) => makeRecord(`key:${batch}.${index}`))

const textsUntil = (batch: number): readonly string[] =>
  Array.from({ length: batch * perBatch }, (_, index) => `key:${Math.floor(index / perBatch)}.${index % perBatch}`)

async function appendBatches(log: EventLog, from: number, until: number): Promise<void> {
  for (let batch = from; batch < until; batch += 1) await log.append(batchOf(batch), liveAt(batch))
}

const salesFileOf = (disk: SimulatedDisk): string =>
  segmentPathsOf(disk).find((path) => path.includes(salesTopic)) ?? ''

/** The same disk with another sales file. */
function change(disk: SimulatedDisk, alter: (content: Buffer) => Buffer): SimulatedDisk {
  const changed = disk.copy()
  const path = salesFileOf(changed)
  changed.place(path, alter(Buffer.from(changed.content(path))))
  return changed
}

function flip(disk: SimulatedDisk, position: number, mask: number): SimulatedDisk {
  return change(disk, (content) => {
    content[position] = (content[position] ?? 0) ^ mask
    return content
  })
}

/** Appends one record; returns its offset and sequence. */
async function appendNext(log: EventLog): Promise<{ readonly offset: number; readonly sequence: number }> {
  await log.append([makeRecord('key:next')], liveAt(99))
  const last = (await readAll(log)).at(-1)
  if (last === undefined) throw new Error('nothing was appended')
  expect(textOf(last)).toBe('key:next')
  return { offset: last.offset, sequence: last.sequence }
}

it('recovers to the last whole append when cut at any byte that was not synced', async () => {
  const disk = await makeKilledLog((log) => appendBatches(log, 0, batches))
  const size = disk.content(salesFileOf(disk)).length
  const frameBytes = size / batches
  for (let left = 0; left < size; left += 1) {
    const log = await openSimulatedLog(change(disk, (content) => content.subarray(0, left)))
    const whole = Math.floor(left / frameBytes)
    expect((await readAll(log)).map(textOf)).toEqual(textsUntil(whole))
    const { damage } = log.describe()
    if (left === whole * frameBytes) expect(damage).toEqual([])
    else {
      expect(damage).toHaveLength(1)
      expect(damage[0]).toMatchObject({ kind: 'torn', fromOffset: whole * perBatch, bytes: left - whole * frameBytes })
    }
    expect(await appendNext(log)).toEqual({ offset: whole * perBatch, sequence: whole * perBatch })
  }
})

it('names what is lost when cut at any byte of what was synced, and gives out none of its offsets again', async () => {
  const disk = await makeKilledLog(async (log) => {
    await appendBatches(log, 0, batches)
    await log.sync()
  })
  const size = disk.content(salesFileOf(disk)).length
  const frameBytes = size / batches
  for (let left = 0; left < size; left += 1) {
    const changed = change(disk, (content) => content.subarray(0, left))
    const whole = Math.floor(left / frameBytes)
    for (let opening = 0; opening < 2; opening += 1) {
      const log = await openSimulatedLog(changed)
      expect((await readAll(log)).slice(0, whole * perBatch).map(textOf)).toEqual(textsUntil(whole))
      expect(log.describe().damage).toEqual([
        expect.objectContaining({
          kind: 'corrupt',
          fromOffset: whole * perBatch,
          untilOffset: batches * perBatch,
          bytes: left - whole * frameBytes,
        }),
      ])
      const next = batches * perBatch + opening
      expect(await appendNext(log)).toEqual({ offset: next, sequence: next })
      await log.close()
    }
  }
})

it('sees every flipped bit of what was synced, loses that frame alone, and says which offsets', async () => {
  const disk = await makeKilledLog(async (log) => {
    await appendBatches(log, 0, batches)
    await log.sync()
  })
  const size = disk.content(salesFileOf(disk)).length
  const frameBytes = size / batches
  for (let position = 0; position < size; position += 1) {
    const log = await openSimulatedLog(flip(disk, position, 1 << (position % 8)))
    const hit = Math.floor(position / frameBytes)
    const kept = textsUntil(batches).filter((_, index) => Math.floor(index / perBatch) !== hit)
    expect((await readAll(log)).map(textOf)).toEqual(kept)
    expect(log.describe().damage).toEqual([
      expect.objectContaining({
        kind: 'corrupt',
        topic: salesTopic,
        partition: 0,
        fromOffset: hit * perBatch,
        untilOffset: (hit + 1) * perBatch,
        bytes: frameBytes,
      }),
    ])
    expect(await log.readAt({ topic: salesTopic, partition: 0, offset: hit * perBatch + 1 })).toBeNull()
    const next = batches * perBatch
    expect(await appendNext(log)).toEqual({ offset: next, sequence: next })
  }
})

it('sees every flipped bit behind what was synced, and cuts there', async () => {
  const disk = await makeKilledLog(async (log) => {
    await appendBatches(log, 0, 2)
    await log.sync()
    await appendBatches(log, 2, batches)
  })
  const size = disk.content(salesFileOf(disk)).length
  const frameBytes = size / batches
  for (let position = 2 * frameBytes; position < size; position += 1) {
    const log = await openSimulatedLog(flip(disk, position, 0x80 >> (position % 8)))
    const hit = Math.floor(position / frameBytes)
    expect((await readAll(log)).map(textOf)).toEqual(textsUntil(hit))
    expect(log.describe().damage).toEqual([
      expect.objectContaining({ kind: 'torn', fromOffset: hit * perBatch, bytes: size - hit * frameBytes }),
    ])
    expect(await appendNext(log)).toEqual({ offset: hit * perBatch, sequence: hit * perBatch })
  }
})

it('meets a flip that opening did not look for when it reads, and says it once', async () => {
  const disk = await makeKilledLog(async (log) => {
    await appendBatches(log, 0, batches)
    await log.sync()
  })
  const log = await openSimulatedLog(disk)
  const frameBytes = disk.content(salesFileOf(disk)).length / batches
  const content = disk.content(salesFileOf(disk))
  content[2 * frameBytes + headerBytes] = 0xff
  for (let round = 0; round < 2; round += 1) {
    const texts = (await readAll(log)).map(textOf)
    expect(texts).toEqual(textsUntil(batches).filter((_, index) => Math.floor(index / perBatch) !== 2))
    expect(log.describe().damage).toEqual([
      expect.objectContaining({ kind: 'corrupt', fromOffset: 2 * perBatch, untilOffset: 3 * perBatch }),
    ])
  }
  await log.close()
  // No sidecar vouches for a damaged segment.
  expect((await openSimulatedLog(disk)).describe().damage).toHaveLength(1)
})

it('goes on behind bytes that are nothing, whatever they look like', async () => {
  const disk = await makeKilledLog(async (log) => {
    await appendBatches(log, 0, batches)
    await log.sync()
  })
  const frameBytes = disk.content(salesFileOf(disk)).length / batches
  const junk = [
    Buffer.alloc(70),
    Buffer.alloc(300_000, 'junk'),
    disk.content(salesFileOf(disk)).subarray(0, frameBytes),
  ]
  for (const bytes of junk) {
    const log = await openSimulatedLog(
      change(disk, (content) =>
        Buffer.concat([content.subarray(0, 3 * frameBytes), bytes, content.subarray(3 * frameBytes)]),
      ),
    )
    expect((await readAll(log)).map(textOf)).toEqual(textsUntil(batches))
    expect(log.describe().damage).toEqual([
      expect.objectContaining({ kind: 'corrupt', fromOffset: 9, untilOffset: 9, bytes: bytes.length }),
    ])
  }
})

it('does not take a frame of another partition for its own', async () => {
  const disk = await makeKilledLog(async (log) => {
    await appendBatches(log, 0, batches)
    await log.append(
      Array.from({ length: 20 }, () => makeRecord('key:other', 'customer-events')),
      liveAt(1),
    )
    await log.append([makeRecord('key:stray', 'customer-events')], liveAt(1))
  })
  const other = disk.content(segmentPathsOf(disk).find((path) => path.includes('customer-events')) ?? '')
  const log = await openSimulatedLog(change(disk, (content) => Buffer.concat([content, other])))
  const sales = (await readAll(log)).filter(({ topic }) => topic === salesTopic)
  expect(sales.map(textOf)).toEqual(textsUntil(batches))
  expect(log.describe().damage).toEqual([expect.objectContaining({ kind: 'torn', bytes: other.length })])
})

it('judges by what the frames carry when the synced point on record is gone', async () => {
  const disk = await makeKilledLog(async (log) => {
    await appendBatches(log, 0, 3)
    await log.sync()
    await appendBatches(log, 3, batches)
  })
  await disk.remove('/log/synced')
  const frameBytes = disk.content(salesFileOf(disk)).length / batches
  const corrupt = await openSimulatedLog(flip(disk, frameBytes + headerBytes, 1))
  expect(corrupt.describe().damage).toEqual([
    expect.objectContaining({ kind: 'corrupt', fromOffset: 3, untilOffset: 6 }),
  ])
  expect(await readAll(corrupt)).toHaveLength(12)
  const torn = await openSimulatedLog(flip(disk, 3 * frameBytes + headerBytes, 1))
  expect(torn.describe().damage).toEqual([expect.objectContaining({ kind: 'torn', fromOffset: 9 })])
  expect(await readAll(torn)).toHaveLength(9)
})

/** Two synced batches of sales; then another topic's frame, which says that they were synced. The marker is one sync behind. */
async function makeLogWithOldMarker(): Promise<SimulatedDisk> {
  const open = createSimulatedDisk()
  const log = await openSimulatedLog(open)
  await appendBatches(log, 0, 1)
  await log.sync()
  const marker = Buffer.from(open.content('/log/synced'))
  await appendBatches(log, 1, 2)
  await log.sync()
  await log.append([makeRecord('key:event', 'customer-events')], liveAt(9))
  const disk = open.copy()
  disk.place('/log/synced', marker)
  return disk
}

it('knows a lost last frame by its header though the synced point on record is older', async () => {
  const disk = await makeLogWithOldMarker()
  const size = disk.content(salesFileOf(disk)).length
  const log = await openSimulatedLog(flip(disk, size - 1, 1))
  expect(log.describe().damage).toEqual([
    expect.objectContaining({ kind: 'corrupt', fromOffset: 3, untilOffset: 6, bytes: size / 2 }),
  ])
  expect((await readAll(log)).map(textOf)).toEqual([...textsUntil(1), 'key:event'])
  expect(await appendNext(log)).toEqual({ offset: 6, sequence: 7 })
})

it('gives out no offset again when a lost last frame cannot even be named', async () => {
  const disk = await makeLogWithOldMarker()
  const size = disk.content(salesFileOf(disk)).length
  const log = await openSimulatedLog(flip(disk, size / 2 + 33, 1))
  expect(log.describe().damage).toEqual([
    expect.objectContaining({ kind: 'corrupt', fromOffset: 3, untilOffset: null, bytes: size / 2 }),
  ])
  expect(await appendNext(log)).toEqual({ offset: 6, sequence: 7 })
})

it('trusts neither half of a synced point that was being written', async () => {
  const disk = await makeKilledLog(async (log) => {
    for (let batch = 0; batch < batches; batch += 1) {
      await appendBatches(log, batch, batch + 1)
      await log.sync()
    }
  })
  const marker = disk.content('/log/synced')
  for (const position of [0, 5, 10, 20, 30, 4_096, 4_100, 4_110, 4_120]) {
    const changed = disk.copy()
    const content = Buffer.from(marker)
    content[position] = (content[position] ?? 0) ^ 0xff
    changed.place('/log/synced', content)
    const log = await openSimulatedLog(changed)
    expect((await readAll(log)).map(textOf)).toEqual(textsUntil(batches))
    expect(log.describe().damage).toEqual([])
  }
})

/** The log as it is after one byte of a file that only helps was flipped, and after its end was cut off there. */
async function spoilHelper(disk: SimulatedDisk, path: string, position: number): Promise<void> {
  const content = disk.content(path)
  const flipped = Buffer.from(content)
  flipped[position] = (flipped[position] ?? 0) ^ (1 << (position % 8))
  for (const spoiled of [flipped, content.subarray(0, position)]) {
    const changed = disk.copy()
    changed.place(path, Buffer.from(spoiled))
    const log = await openSimulatedLog(changed, { segmentBytes: 300 })
    expect((await readAll(log)).map(textOf)).toEqual(textsUntil(batches))
    expect(log.describe().damage).toEqual([])
  }
}

it('is as it was, whatever byte of the synced point or of an index is flipped or cut off', {
  timeout: 60_000,
}, async () => {
  const disk = createSimulatedDisk()
  const log = await openSimulatedLog(disk, { segmentBytes: 300 })
  for (let batch = 0; batch < batches; batch += 1) {
    await appendBatches(log, batch, batch + 1)
    await log.sync()
  }
  await log.close()
  const helpers = disk.paths().filter((path) => path.endsWith('.index') || path.endsWith('synced'))
  expect(helpers.length).toBeGreaterThan(3)
  for (const path of helpers) {
    const size = disk.content(path).length
    // The slots of the synced point lie on pages of their own, and what is between is never read.
    const isRead = (position: number): boolean => position % 4_096 < 72
    for (let position = 0; position < size; position += 1) if (isRead(position)) await spoilHelper(disk, path, position)
  }
})

it('tells every cut and every flip in last frames of very different sizes', { timeout: 60_000 }, async () => {
  const appends = [
    [makeRecord('a:1')],
    Array.from({ length: 5 }, (_, index) => makeRecord(`b:${index}`)),
    [makeRecord(`c:${'x'.repeat(120)}`)],
    [{ ...makeRecord('d:0'), value: null }],
  ]
  for (const isSynced of [false, true]) {
    const ends = [0]
    const open = createSimulatedDisk()
    const killed = await openSimulatedLog(open)
    for (const [index, records] of appends.entries()) {
      await killed.append(records, liveAt(index))
      ends.push(open.content(salesFileOf(open)).length)
    }
    if (isSynced) await killed.sync()
    const disk = open.copy()
    const countUntil = (whole: number): number => appends.slice(0, whole).reduce((sum, { length }) => sum + length, 0)
    const size = ends.at(-1) ?? 0
    for (let position = 0; position < size; position += 1) {
      const whole = ends.filter((end) => end <= position).length - 1
      const cut = await openSimulatedLog(change(disk, (content) => content.subarray(0, position)))
      expect(await readAll(cut)).toHaveLength(countUntil(whole))
      const isAtEnd = ends.includes(position)
      expect(cut.describe().damage).toHaveLength(isAtEnd && !isSynced ? 0 : 1)
      const flipped = await openSimulatedLog(flip(disk, position, 1 << (position % 8)))
      expect(flipped.describe().damage).toMatchObject([
        { kind: isSynced ? 'corrupt' : 'torn', fromOffset: countUntil(whole) },
      ])
      const lost = isSynced ? (appends[whole]?.length ?? 0) : countUntil(appends.length) - countUntil(whole)
      expect(await readAll(flipped)).toHaveLength(countUntil(appends.length) - lost)
    }
  }
})
