import { expect, it, onTestFinished, vi } from 'vitest'
import { createDiskStore } from '../../../core/archive/disk/disk-store.ts'
import { openArchive } from '../../../core/archive/open-archive.ts'
import type { Archive } from '../../../core/archive/archive.ts'
import { Fault } from '../../../core/base/fault.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import type { EventLog } from '../../../core/log/log.ts'
import { startArchiveRounds } from '../../../core/pipeline/archive-rounds.ts'
import { hourMs, nineMs } from '../../support/archived-log.ts'
import { createManualClock } from '../../support/clock.ts'
import { liveAt, makeRecords } from '../../support/log-records.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const patience = { timeout: 15_000, interval: 10 }

const stationOf = (log: EventLog) => ({
  log,
  warehouse: async () => {
    throw new Error('a log with its own order needs no ledger')
  },
})

const countRows = async (archive: Archive): Promise<number> =>
  (await archive.list()).reduce((sum, { rows }) => sum + rows, 0)

it('archives each hour a minute after it has ended', async () => {
  const archive = openArchive(createDiskStore({ directory: makeTemporaryDirectory() }))
  onTestFinished(() => archive.close())
  const clock = createManualClock(nineMs + 1_800_000)
  const log = createMemoryLog({ partitions: 2 })
  await log.append(makeRecords(10), liveAt(nineMs - 1))
  await log.append(makeRecords(10, 10), liveAt(nineMs))
  const said: string[] = []
  const logger = { ...silentLogger, info: (message: string) => said.push(message) }
  const stop = startArchiveRounds({ station: stationOf(log), archive, clock, logger })
  await vi.waitFor(() => expect(said).toEqual(['archived']), patience)
  expect(await countRows(archive)).toBe(10)
  await vi.waitFor(() => {
    clock.advance(60_000)
    expect(said).toHaveLength(2)
  }, patience)
  expect(await countRows(archive)).toBe(20)
  expect(clock.nowMs()).toBeGreaterThanOrEqual(nineMs + hourMs + 60_000)
  await stop()
})

it('says a failure once, tries again, and says when it is over', async () => {
  const failing = { left: 3 }
  const tried: number[] = []
  const clock = createManualClock(nineMs)
  const archive: Pick<Archive, 'archive'> = {
    async archive() {
      tried.push(clock.nowMs())
      failing.left -= 1
      if (failing.left >= 0) throw new Fault('unreachable', 'the bucket does not answer', { retry: true })
      return { files: 0, records: 0, sizeBytes: 0, lost: [] }
    },
  }
  const said: (string | null)[] = []
  const stop = startArchiveRounds({
    station: stationOf(createMemoryLog({ partitions: 1 })),
    archive: archive as Archive,
    clock,
    logger: silentLogger,
    onTrouble: (fault) => said.push(fault?.message ?? null),
  })
  await vi.waitFor(() => {
    clock.advance(10_000)
    expect(said).toEqual(['the bucket does not answer', null])
  }, patience)
  expect(tried).toHaveLength(4)
  expect((tried[1] ?? 0) - (tried[0] ?? 0)).toBeGreaterThanOrEqual(300_000)
  await stop()
})
