import { crc32 } from '../base/checksum.ts'
import { createFingerprinter } from '../base/fingerprint.ts'
import { createIdSet, type IdSet, readIdSet } from '../base/id-set.ts'
import { type LogRecord, valueOf } from '../events/record.ts'
import { type EventTopic, eventTopics } from '../events/topics.ts'

export type Novelty = 'new' | 'duplicate' | 'conflict'

/**
 * Finds ids that were counted before and whose window is not final.
 *
 * 1. Exact within the horizon: an id is known from the record that counted it until its window closes.
 * 2. At most `maxIds` are kept; beyond that the oldest windows' ids go first, whole windows at a time, and are counted.
 */
export interface DuplicateFinder {
  /** Looks the id up without remembering it. */
  examine(topic: EventTopic, id: string, record: LogRecord): Novelty
  /** Remembers the id examined last, for the window with that index. Returns how many ids were evicted for it. */
  remember(windowIndex: number): number
  /** Forgets the ids of all windows below the index. */
  forgetBelow(windowIndex: number): void
  readonly size: number
  toBytes(): Uint8Array
}

const seeds: Readonly<Record<EventTopic, number>> = {
  'retail-transactions': eventTopics.indexOf('retail-transactions') + 1,
  'customer-events': eventTopics.indexOf('customer-events') + 1,
  'inventory-updates': eventTopics.indexOf('inventory-updates') + 1,
}

const contentOf = (record: LogRecord): number => {
  const value = valueOf(record)
  return value ? crc32(value) | 0 : 0
}

/** @param stored bytes of an earlier {@link DuplicateFinder.toBytes}, or null to start empty */
export function createDuplicateFinder(maxIds: number, stored: Uint8Array | null): DuplicateFinder {
  const ids: IdSet = stored ? readIdSet(stored) : createIdSet()
  const print = createFingerprinter()
  let content = 0
  return {
    examine(topic, id, record) {
      print.update(id, seeds[topic])
      content = contentOf(record)
      const known = ids.find(print.words)
      if (known === null) return 'new'
      return known === content ? 'duplicate' : 'conflict'
    },
    remember(windowIndex) {
      const evicted = ids.size >= maxIds ? ids.evictOldest() : 0
      ids.add(print.words, content, windowIndex)
      return evicted
    },
    forgetBelow: (windowIndex) => ids.expireBelow(windowIndex),
    get size() {
      return ids.size
    },
    toBytes: () => ids.toBytes(),
  }
}
