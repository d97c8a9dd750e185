import { type Clock, systemClock } from '../../base/clock.ts'
import { Fault, toFault } from '../../base/fault.ts'
import type { EventLog, LogProbe } from '../log.ts'
import { createPartitionTable, type PartitionTable } from '../partition-table.ts'
import { resolveStartOffsets } from '../start-offsets.ts'
import { createWakeups } from '../wakeups.ts'
import { appendBatch } from './append.ts'
import { createDamageList } from './damage-list.ts'
import { describeLog } from './describe.ts'
import { type DiskFiles, machineFiles } from './disk-files.ts'
import { createFrameBuilder } from './frame-builder.ts'
import { heldRangeOf, type LogState, type PartitionState, publishedPointOf } from './log-state.ts'
import { lookUpPositions, lookUpRecord } from './lookup.ts'
import { checkMadeWith } from './made-with.ts'
import { type OpenedPartition, openPartitions } from './open-partitions.ts'
import { createPartitionWriter } from './partition-writer.ts'
import { retainSegments } from './retain.ts'
import { hasRecords } from './segment.ts'
import { createSegmentReader } from './segment-reader.ts'
import { writeSidecar } from './sidecar.ts'
import { syncLog } from './sync.ts'
import { createNewNames, type NewNames } from './new-names.ts'
import { openSyncedMarker, readSyncedPoint } from './synced-marker.ts'
import { createTurns, shareRuns, type TakeTurn } from './turns.ts'

export interface SegmentLogOptions {
  /** Made when it is missing. One log at a time may have it open: that is the caller's to see to. */
  readonly directory: string
  /** Of each event topic; a directory keeps the number it was made with. */
  readonly partitions: number
  /** A segment that would grow beyond this is closed and the next begun. */
  readonly segmentBytes: number
  readonly probe?: LogProbe
  readonly clock?: Clock
  /** The file system; tests give one that fails. */
  readonly files?: DiskFiles
}

/**
 * The log on disk: `<directory>/<topic>/<partition>/<base offset>.log`, each file a row of frames (frame.ts).
 *
 * 1. An append writes at most one frame to a partition, in one write. It is published, to readers and to the next append,
 *    when all its frames are written; if one fails, all are taken back.
 * 2. Appends, rolls and retention take turns. Readers take none: they see what is published, and published bytes never
 *    change.
 * 3. Sequences have no gap over the whole log: every frame names its append's first sequence and number of records, so it
 *    can be told whether an append is whole though its frames lie in several files.
 * 4. The *synced point* is the sequence below which everything is durable. It is kept in the file `synced`, with the end
 *    offset of every partition, and carried by every frame written after it; the highest found is a lower bound of the
 *    true one, and only acknowledged records lie below that.
 * 5. Opening keeps, from the synced point on, the appends that follow each other without a gap, each whole. Everything
 *    behind the first one that is missing or not whole was never acknowledged: it is cut from every partition (`torn`), so
 *    that records are lost only from the end of the log, and an append is never half there.
 * 6. What is missing below the synced point had been acknowledged: it is lost, is said (`corrupt`) and stays in place, so
 *    that it is said again at every open. Reading goes on at the next frame whose checksums are right, that is of this
 *    partition and whose offset fits.
 * 7. Offsets and sequences are never given out twice, save those of cut records: behind lost ones a new segment begins
 *    after the last offset that had been acknowledged.
 * 8. Opening ends with everything kept durable. What the process before had written and not synced would otherwise pass
 *    for it.
 * 9. A segment is durable before its partition's next one begins.
 *
 * @throws Fault `setting` when the directory was made with another number of partitions; disk faults as they come
 */
export async function openSegmentLog(options: SegmentLogOptions): Promise<EventLog> {
  const table = createPartitionTable(options.partitions)
  try {
    return createLog(await openState(options, table), options.partitions)
  } catch (error) {
    throw toFault(error, `opening the log in ${options.directory}`)
  }
}

async function openState(options: SegmentLogOptions, table: PartitionTable): Promise<LogState> {
  const { directory, segmentBytes, probe, files = machineFiles, clock = systemClock } = options
  await files.makeDirectory(directory)
  await checkMadeWith(files, directory, options.partitions)
  const synced = await readSyncedPoint(files, directory, table.slots.length)
  const opened = await openPartitions(files, directory, table, synced)
  const newNames = createNewNames(files)
  const state: LogState = {
    files,
    clock,
    probe,
    table,
    partitions: opened.partitions.map((partition) => createPartition(partition, files, segmentBytes, newNames)),
    damage: createDamageList(probe),
    wakeups: createWakeups(clock),
    endSequence: opened.endSequence,
    syncedSequence: synced?.sequence ?? 0,
    newNames,
    marker: await openSyncedMarker(files, directory, table.slots.length),
    sync: shareRuns(() => syncLog(state)),
    readers: new Set(),
    closed: false,
  }
  for (const damage of opened.damage) state.damage.report(damage)
  if (synced === null) newNames.add(directory)
  for (const { isUnsynced, directory: unsynced, slot } of opened.partitions) {
    if (!isUnsynced) continue
    state.partitions[slot]?.writer.markDirty()
    newNames.add(unsynced)
  }
  try {
    await state.sync()
    await state.marker.write(publishedPointOf(state))
    await state.marker.sync()
  } catch (error) {
    await closeFiles(state)
    throw error
  }
  return state
}

async function closeFiles(state: LogState): Promise<void> {
  for (const { writer } of state.partitions) await writer.close()
  await state.marker.close()
}

function createPartition(
  { slot, topic, partition, directory, segments }: OpenedPartition,
  files: DiskFiles,
  segmentBytes: number,
  newNames: NewNames,
): PartitionState {
  const writer = createPartitionWriter({ files, directory, slot, segments, segmentBytes, newNames })
  return { slot, topic, partition, directory, segments, builder: createFrameBuilder(), writer }
}

function createLog(state: LogState, partitions: number): EventLog {
  const takeTurn = createTurns()
  const refuseClosed = (): void => {
    if (state.closed) throw new Fault('cancelled', 'the log is closed')
  }
  return {
    partitions,
    order: 'log',
    append: (records, stamp) =>
      takeTurn(async () => {
        refuseClosed()
        if (records.length > 0) await appendBatch(state, records, stamp)
      }),
    async sync() {
      refuseClosed()
      await state.sync()
    },
    openReader(from) {
      refuseClosed()
      const held = state.partitions.map(heldRangeOf)
      return createSegmentReader(state, resolveStartOffsets(from, state.table, held))
    },
    async readAt(ref) {
      refuseClosed()
      return lookUpRecord(state, ref)
    },
    async findPositions(sinceMs) {
      refuseClosed()
      return lookUpPositions(state, sinceMs)
    },
    describe: () => describeLog(state),
    retain: (bounds, nowMs) =>
      takeTurn(async () => {
        refuseClosed()
        await retainSegments(state, bounds, nowMs)
      }),
    close: () => closeLog(state, takeTurn),
  }
}

function closeLog(state: LogState, takeTurn: TakeTurn): Promise<void> {
  return takeTurn(async () => {
    if (state.closed) return
    try {
      await state.sync()
      for (const { segments } of state.partitions) {
        const active = segments.at(-1)
        if (active !== undefined && hasRecords(active) && !active.isDamaged) await writeSidecar(state.files, active)
      }
    } catch (error) {
      throw toFault(error, 'closing the log')
    } finally {
      state.closed = true
      state.wakeups.wakeAll()
      for (const reader of state.readers) await reader.close()
      await closeFiles(state)
    }
  })
}
