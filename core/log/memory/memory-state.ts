import type { LogRecord } from '../../events/record.ts'
import type { HeldRange } from '../start-offsets.ts'
import type { PartitionTable } from '../partition-table.ts'
import type { Wakeups } from '../wakeups.ts'

/** One partition in memory; `records[0]` has offset `startOffset`. */
export interface MemoryPartition extends HeldRange {
  readonly records: LogRecord[]
  startOffset: number
  endOffset: number
  sizeBytes: number
}

/** What the memory log and its readers share. */
export interface MemoryState {
  readonly table: PartitionTable
  readonly partitions: readonly MemoryPartition[]
  /** Every record held, by sequence. */
  order: LogRecord[]
  endSequence: number
  closed: boolean
  readonly wakeups: Wakeups
}

/** Bytes of key and value. */
export const sizeOf = (record: LogRecord): number =>
  record.keyEnd - record.keyStart + (record.valueEnd - record.valueStart)

/** Index of the first record of `order` whose sequence is at least `sequence`. */
export function findInOrder(order: readonly LogRecord[], sequence: number): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((order[middle]?.sequence ?? sequence) < sequence) low = middle + 1
    else high = middle
  }
  return low
}
