import { Fault, toFault } from '../../base/fault.ts'
import type { AppendRecord } from '../../events/record.ts'
import { origins } from '../../events/record.ts'
import { readAppendTimes, routeRecord } from '../append-stamp.ts'
import type { AppendStamp } from '../log.ts'
import { readCheckedHeader } from './frame.ts'
import { addRecord, finishFrame, resetBuilder } from './frame-builder.ts'
import { heldRangeOf, type LogState, type PartitionState } from './log-state.ts'
import { noteFrame } from './segment.ts'
import { settleAll } from './turns.ts'

/**
 * Writes one batch: a frame to every partition touched, each in one write, then publishes all of them at once. Whatever
 * fails, nothing is published and the files are as they were.
 */
export async function appendBatch(
  state: LogState,
  records: readonly AppendRecord[],
  stamp: AppendStamp,
): Promise<void> {
  const touched: PartitionState[] = []
  try {
    buildFrames(state, records, stamp, touched)
    await writeFrames(touched)
    publishFrames(state, touched, records.length)
  } catch (error) {
    throw toFault(error, 'appending to the log')
  } finally {
    for (const { builder } of touched) resetBuilder(builder)
  }
}

function buildFrames(
  state: LogState,
  records: readonly AppendRecord[],
  stamp: AppendStamp,
  touched: PartitionState[],
): void {
  const timeOf = readAppendTimes(stamp, records.length)
  let sequence = state.endSequence
  let index = 0
  for (const record of records) {
    const { topic, key, value } = record
    const partition = state.partitions[routeRecord(state.table, stamp, index, record)]
    if (partition === undefined) throw new Fault('internal', `the log has no topic ${topic}`)
    if (partition.builder.records === 0) touched.push(partition)
    addRecord(partition.builder, sequence, timeOf(index), key, value)
    sequence += 1
    index += 1
  }
  const facts = {
    appendSequence: state.endSequence,
    appendRecords: records.length,
    originIndex: origins.indexOf(stamp.origin),
    syncedSequence: state.syncedSequence,
  }
  for (const partition of touched) {
    finishFrame(partition.builder, partition.slot, heldRangeOf(partition).endOffset, facts)
  }
}

async function writeFrames(touched: readonly PartitionState[]): Promise<void> {
  for (const { writer, builder } of touched) await writer.prepare(builder.length)
  const writes = touched.map(({ writer, builder }) => writer.write(builder.frame, builder.length))
  try {
    await settleAll(writes, 'appending to the log')
  } catch (error) {
    // One that cannot be taken back now is taken back before its partition is next written to.
    await Promise.allSettled(touched.map(({ writer }) => writer.takeBack()))
    throw error
  }
}

function publishFrames(state: LogState, touched: readonly PartitionState[], records: number): void {
  let bytes = 0
  let newestMs = -Infinity
  for (const { builder, segments, writer } of touched) {
    const segment = segments.at(-1)
    if (segment === undefined) continue
    noteFrame(segment, readCheckedHeader(builder.frame, 0), segment.sizeBytes)
    writer.markDirty()
    bytes += builder.length
    if (builder.newestAppendedAtMs > newestMs) newestMs = builder.newestAppendedAtMs
  }
  state.endSequence += records
  state.probe?.emit('appended', { records, bytes, atMs: newestMs })
  state.wakeups.wakeAll()
}
