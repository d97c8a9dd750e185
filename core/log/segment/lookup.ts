import { toFault } from '../../base/fault.ts'
import type { LogRecord, RecordRef } from '../../events/record.ts'
import type { LogPosition } from '../log.ts'
import { heldRangeOf, type LogState, type PartitionState } from './log-state.ts'
import { createPartitionReader, mustLoad } from './partition-reader.ts'
import { findLastEntry } from './segment.ts'

/** One index step and a usual frame. */
const lookupBytes = 128 * 1024

/** Reads one record again; null when it is not held, or is lost. */
export async function lookUpRecord(state: LogState, ref: RecordRef): Promise<LogRecord | null> {
  const partition = state.partitions[state.table.slotOf(ref.topic, ref.partition)]
  if (partition === undefined) return null
  const { startOffset, endOffset } = heldRangeOf(partition)
  if (ref.offset < startOffset || ref.offset >= endOffset) return null
  const record = await findRecord(state, partition, ref.offset, () => true)
  return record?.offset === ref.offset ? record : null
}

/** Per partition the first record held that was appended at `sinceMs` or later, or the end. */
export async function lookUpPositions(state: LogState, sinceMs: number): Promise<readonly LogPosition[]> {
  const positions: LogPosition[] = []
  for (const partition of state.partitions) {
    const segment = partition.segments.find(({ newestAppendedAtMs }) => newestAppendedAtMs >= sinceMs)
    const entry = segment && findLastEntry(segment, ({ newestBeforeMs }) => newestBeforeMs < sinceMs)
    const record =
      entry && (await findRecord(state, partition, entry.offset, ({ appendedAtMs }) => appendedAtMs >= sinceMs))
    const { topic, partition: number, endOffset } = heldRangeOf(partition)
    positions.push({ topic, partition: number, offset: record?.offset ?? endOffset })
  }
  return positions
}

/** The first record at or behind `offset` that `isWanted`, or null. */
async function findRecord(
  state: LogState,
  partition: PartitionState,
  offset: number,
  isWanted: (record: LogRecord) => boolean,
): Promise<LogRecord | null> {
  const reader = createPartitionReader(state, partition, offset, lookupBytes)
  try {
    for (;;) {
      if (reader.headSequence() === mustLoad) await reader.load()
      const record = reader.take()
      if (record === null || isWanted(record)) return record
    }
  } catch (error) {
    throw toFault(error, 'reading the log')
  } finally {
    await reader.close()
  }
}
