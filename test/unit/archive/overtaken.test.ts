import { afterAll, expect, it } from 'vitest'
import type { ArchiveRequest } from '../../../core/archive/archive.ts'
import { createDiskStore } from '../../../core/archive/disk/disk-store.ts'
import { openArchive } from '../../../core/archive/open-archive.ts'
import { createParquetCodec } from '../../../core/archive/parquet.ts'
import type { ArchiveStore } from '../../../core/archive/store.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { describeStore, nineMs } from '../../support/archived-log.ts'
import { liveAt, makeRecord } from '../../support/log-records.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const codec = createParquetCodec()
afterAll(() => codec.close())

const everything: ArchiveRequest = { nowMs: nineMs, includesOpenHour: true }

const recordsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => makeRecord(`k:${first + index}`))

/** A store that lets something else happen just before a chosen object is written for the first time. */
function interrupt(store: ArchiveStore, isChosen: (key: string) => boolean, happen: () => Promise<unknown>) {
  let hasHappened = false
  const interrupted: ArchiveStore = {
    ...store,
    async replace(key, bytes, tag) {
      if (!hasHappened && isChosen(key)) {
        hasHappened = true
        await happen()
      }
      return await store.replace(key, bytes, tag)
    },
  }
  return interrupted
}

for (const [moment, ending] of [
  ['before it lists its files', 'manifest.json'],
  ['before it writes its first file', '.parquet'],
] as const) {
  it(`leaves no offset twice when another archives more ${moment}`, async () => {
    const directory = makeTemporaryDirectory()
    const log = createMemoryLog({ partitions: 1 })
    await log.append(recordsFrom(0, 10), liveAt(nineMs))
    const store = createDiskStore({ directory })
    const other = openArchive(store, codec)
    const slow = interrupt(
      store,
      (key) => key.endsWith(ending),
      async () => {
        await log.append(recordsFrom(10, 5), liveAt(nineMs))
        expect((await other.archive(log, everything)).records).toBe(15)
      },
    )
    await openArchive(slow, codec).archive(log, everything)
    const verified = await other.verify()
    expect([verified.rows, verified.problems]).toEqual([15, []])
    expect((await describeStore(store)).map((line) => line.split(' ')[0])).toEqual([
      'topic=retail-transactions/date=2025-01-06/hour=09/0-0-15.parquet',
      'topic=retail-transactions/date=2025-01-06/hour=09/manifest.json',
    ])
  })
}

it('keeps a file that is there already with the same records in other bytes', async () => {
  const directory = makeTemporaryDirectory()
  const log = createMemoryLog({ partitions: 1 })
  await log.append(recordsFrom(0, 10), liveAt(nineMs))
  const store = createDiskStore({ directory })
  const key = 'topic=retail-transactions/date=2025-01-06/hour=09/0-0-10.parquet'
  const archive = openArchive(store, codec)
  await archive.archive(log, everything)
  const written = Buffer.from((await store.read(key))?.bytes ?? [])
  const elsewhere = createDiskStore({ directory: makeTemporaryDirectory() })
  // The name of who wrote it, which stands in its footer, is the one thing that may differ.
  const at = written.indexOf('DuckDB')
  expect(at).toBeGreaterThan(0)
  const other = Buffer.from(written)
  other.write('DuckdB', at)
  await elsewhere.replace(key, other, null)
  await openArchive(elsewhere, codec).archive(log, everything)
  expect(Buffer.from((await elsewhere.read(key))?.bytes ?? []).equals(other)).toBe(true)
  expect((await openArchive(elsewhere, codec).verify()).problems).toEqual([])
})

it('writes a file anew where what is there under its name is no such file', async () => {
  const log = createMemoryLog({ partitions: 1 })
  await log.append(recordsFrom(0, 10), liveAt(nineMs))
  const store = createDiskStore({ directory: makeTemporaryDirectory() })
  const key = 'topic=retail-transactions/date=2025-01-06/hour=09/0-0-10.parquet'
  await store.replace(key, Buffer.from('half of a file'), null)
  const archive = openArchive(store, codec)
  await archive.archive(log, everything)
  const verified = await archive.verify()
  expect([verified.rows, verified.problems]).toEqual([10, []])
})
