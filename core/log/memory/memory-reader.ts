import { Fault } from '../../base/fault.ts'
import type { LogRecord } from '../../events/record.ts'
import type { LogReader } from '../log.ts'
import { refuseGap } from '../start-offsets.ts'
import { findInOrder, type MemoryState, sizeOf } from './memory-state.ts'

/** Reads from the given offsets on, by slot. */
export function createMemoryReader(state: MemoryState, wanted: number[]): LogReader {
  let nextSequence = state.endSequence
  for (const [slot, partition] of state.partitions.entries()) {
    const first = partition.records[(wanted[slot] ?? 0) - partition.startOffset]
    if (first !== undefined && first.sequence < nextSequence) nextSequence = first.sequence
  }
  let closed = false

  function take(maxRecords: number, maxBytes: number): readonly LogRecord[] {
    const taken: LogRecord[] = []
    let bytes = 0
    for (let index = findInOrder(state.order, nextSequence); taken.length < maxRecords; index += 1) {
      const record = state.order[index]
      if (record === undefined) {
        nextSequence = state.endSequence
        break
      }
      const slot = state.table.slotOf(record.topic, record.partition)
      if (record.offset >= (wanted[slot] ?? 0)) {
        if (bytes >= maxBytes && taken.length > 0) break
        taken.push(record)
        bytes += sizeOf(record)
        wanted[slot] = record.offset + 1
      }
      nextSequence = record.sequence + 1
    }
    return taken
  }

  return {
    async read(maxRecords, maxBytes) {
      if (closed || state.closed) throw new Fault('cancelled', 'the reader is closed')
      for (const [slot, partition] of state.partitions.entries()) refuseGap(partition, wanted[slot] ?? 0)
      return take(maxRecords, maxBytes)
    },
    async waitForMore(timeoutMs, signal) {
      if (closed || state.closed || state.endSequence > nextSequence) return
      await state.wakeups.wait(timeoutMs, signal)
    },
    get nextSequence() {
      return nextSequence
    },
    startedAt: [],
    async close() {
      closed = true
      state.wakeups.wakeAll()
    },
  }
}
