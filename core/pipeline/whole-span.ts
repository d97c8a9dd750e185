import type { WindowRow } from '../events/epoch.ts'
import { salesTopic } from '../events/topics.ts'
import type { EventLog, LogPosition } from '../log/log.ts'

/**
 * Which windows are read whole. Where reading began in the middle of a topic, a window that had begun by then lacks
 * sales, and is not written.
 */
export interface WholeSpan {
  /** Windows that start at this instant or later are whole; null while that is not known. */
  fromMs: number | null
}

/**
 * The first instant from which everything was read: an event is appended no earlier than it happens, so whatever belongs
 * to a window that starts at the append time of the first record read, or later, comes after that record.
 *
 * @param startedAt where reading began; partitions begun with their very first record do not limit anything
 * @param nowMs where a partition had nothing to read yet
 */
export async function findWholeFrom(log: EventLog, startedAt: readonly LogPosition[], nowMs: number): Promise<number> {
  let wholeFromMs = 0
  for (const position of startedAt) {
    if (position.topic !== salesTopic || position.offset === 0) continue
    const first = await log.readAt(position)
    wholeFromMs = Math.max(wholeFromMs, first && first.appendedAtMs >= 0 ? first.appendedAtMs : nowMs)
  }
  return wholeFromMs
}

/** The rows that may be written. */
export const keepWhole = (rows: readonly WindowRow[], { fromMs }: WholeSpan): readonly WindowRow[] =>
  fromMs === null || fromMs <= 0 ? rows : rows.filter(({ startMs }) => startMs >= fromMs)
