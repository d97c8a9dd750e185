import { Fault, toFault } from '../../base/fault.ts'
import type { LogRecord } from '../../events/record.ts'
import type { LogReader } from '../log.ts'
import type { LogState } from './log-state.ts'
import { createPartitionReader } from './partition-reader.ts'
import { createSequenceWindow } from './sequence-window.ts'
import { createTurns } from './turns.ts'

const chunkBytes = 512 * 1024

/**
 * Reads all partitions in sequence order, from the given offsets on, by slot.
 *
 * What is published when a read begins is its limit. A partition that was found at its end had nothing below that limit
 * left, so what is read below it is complete even while appends go on.
 */
export function createSegmentReader(state: LogState, startOffsets: readonly number[]): LogReader {
  const readers = state.partitions.map((partition) =>
    createPartitionReader(state, partition, startOffsets[partition.slot] ?? 0, chunkBytes),
  )
  const window = createSequenceWindow(readers)
  const takeTurn = createTurns()
  let nextSequence = readers.reduce((least, reader) => Math.min(least, reader.leastSequence()), state.endSequence)
  let closed = false

  async function read(maxRecords: number, maxBytes: number): Promise<readonly LogRecord[]> {
    if (closed || state.closed) throw new Fault('cancelled', 'the reader is closed')
    for (const reader of readers) reader.refuseGap()
    const limit = state.endSequence
    const taken: LogRecord[] = []
    let bytes = 0
    while (taken.length < maxRecords && (bytes < maxBytes || taken.length === 0)) {
      if (!window.hasMore() && !(await fillWindow(limit, taken.length > 0))) break
      bytes += window.moveTo(taken, maxRecords, maxBytes - bytes)
      nextSequence = window.nextSequence()
    }
    return taken
  }

  /** What is already taken must reach the caller: a failure then waits for the next read, which meets it again. */
  async function fillWindow(limit: number, isSomethingTaken: boolean): Promise<boolean> {
    try {
      if (await window.fill(limit)) return true
      nextSequence = Math.max(nextSequence, limit)
      return false
    } catch (error) {
      if (isSomethingTaken) return false
      throw toFault(error, 'reading the log')
    }
  }

  const reader: LogReader = {
    read: (maxRecords, maxBytes) => takeTurn(() => read(maxRecords, maxBytes)),
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
      state.readers.delete(reader)
      state.wakeups.wakeAll()
      await takeTurn(async () => {
        await Promise.all(readers.map((reader) => reader.close()))
      })
    },
  }
  state.readers.add(reader)
  return reader
}
