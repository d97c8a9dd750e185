import { Fault } from '../base/fault.ts'
import type { AppendRecord } from '../events/record.ts'
import type { AppendStamp } from './log.ts'
import type { PartitionTable } from './partition-table.ts'

/**
 * The append time of each record of a batch.
 *
 * @throws Fault `internal` when the stamp does not fit the batch, or a time is not in whole milliseconds
 */
export function readAppendTimes(stamp: AppendStamp, records: number): (index: number) => number {
  const times = stamp.appendedAtMs
  if (typeof times === 'number') {
    refuseOddTime(times)
    return () => times
  }
  if (times.length !== records) {
    throw new Fault('internal', `${records} records came with ${times.length} append times`)
  }
  for (const timeMs of times) refuseOddTime(timeMs)
  return (index) => times[index] ?? 0
}

/** Far beyond any date, and small enough that the step between two of them is a safe integer twice over. */
const latestMs = 2 ** 51

function refuseOddTime(timeMs: number): void {
  if (Number.isInteger(timeMs) && timeMs >= 0 && timeMs < latestMs) return
  throw new Fault('internal', `append time ${timeMs} is no whole number of milliseconds since 1970`)
}

/**
 * The slot of a record of a batch.
 *
 * @throws Fault `internal` when the stamp names a partition that the log has not
 */
export function routeRecord(table: PartitionTable, stamp: AppendStamp, index: number, record: AppendRecord): number {
  if (stamp.partitions === undefined) return table.route(record.topic, record.key)
  const partition = stamp.partitions[index] ?? -1
  const slot = table.slotOf(record.topic, partition)
  if (slot < 0) throw new Fault('internal', `the log has no partition ${record.topic}/${partition}`)
  return slot
}
