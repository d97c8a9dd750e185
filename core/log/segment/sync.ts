import { toFault } from '../../base/fault.ts'
import { type LogState, publishedPointOf } from './log-state.ts'
import { settleAll } from './turns.ts'

/** Makes everything published so far durable, and leaves word of how far that reaches. Touches dirty files only. */
export async function syncLog(state: LogState): Promise<void> {
  const point = publishedPointOf(state)
  const dirty = state.partitions.filter(({ writer }) => writer.isDirty)
  const startedMs = state.clock.monotonicMs()
  try {
    await settleAll(
      dirty.map(({ writer }) => writer.flush()),
      'syncing the log',
    )
    await state.newNames.sync()
    if (point.sequence > state.syncedSequence) state.syncedSequence = point.sequence
    // Only a lower bound is needed, so the marker itself is left to the system to write.
    if (state.marker.sequence < point.sequence) await state.marker.write(point)
  } catch (error) {
    throw toFault(error, 'syncing the log')
  }
  if (dirty.length === 0) return
  state.probe?.emit('synced', { durationMs: state.clock.monotonicMs() - startedMs, files: dirty.length })
}
