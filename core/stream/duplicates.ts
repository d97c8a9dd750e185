import { createFingerprint, fingerprintText, hashContent } from '../base/fingerprint.ts'
import { createIdSet, type IdSet, readIdSet } from '../base/id-set.ts'
import type { LogRecord } from '../events/record.ts'
import type { EventTopic } from '../events/topics.ts'

export type Novelty = 'new' | 'duplicate' | 'conflict'

/**
 * Finds ids that were counted before and whose window is not final.
 *
 * 1. Exact within the horizon: an id is known from the record that counted it until its window closes.
 * 2. At most `maxIds` are kept; beyond that the oldest windows' ids go first, whole windows at a time, and are counted.
 * 3. Each takes at most 48 bytes of memory: 192 MB for four million.
 */
export interface DuplicateFinder {
  /** Looks the id up without remembering it. */
  examine(topic: EventTopic, id: string, record: LogRecord): Novelty
  /** Remembers the id examined last, for the window with that index. Returns how many ids were evicted for it. */
  remember(windowIndex: number): number
  /** Forgets the ids of all windows below the index. */
  forgetBelow(windowIndex: number): void
  readonly size: number
  /** Ids of windows below this index may have been forgotten early; null while none of an open window is. */
  readonly wholeFrom: number | null
  /** What {@link DuplicateFinder.store} writes, in bytes. */
  readonly storedBytes: number
  /** Writes all of it from the target's first byte on. */
  store(target: Uint8Array): void
}

/** Ids of different topics never meet. */
const seeds: Readonly<Record<EventTopic, number>> = {
  'retail-transactions': 1,
  'customer-events': 2,
  'inventory-updates': 3,
}

/** What an earlier finder left behind. */
interface StoredIds {
  /** Bytes of {@link DuplicateFinder.store}. */
  readonly ids: Uint8Array
  readonly wholeFrom: number | null
}

/** @param stored what to go on with, or null to start empty */
export function createDuplicateFinder(maxIds: number, stored: StoredIds | null): DuplicateFinder {
  const ids: IdSet = stored ? readIdSet(stored.ids) : createIdSet()
  let wholeFrom = stored?.wholeFrom ?? null
  const fingerprint = createFingerprint()
  let content = 0
  return {
    examine(topic, id, record) {
      fingerprintText(id, fingerprint, seeds[topic])
      content = hashContent(record.source, record.valueStart, record.valueEnd)
      const known = ids.find(fingerprint)
      if (known === null) return 'new'
      return known === content ? 'duplicate' : 'conflict'
    },
    remember(windowIndex) {
      const oldest = ids.size >= maxIds ? ids.oldestBucket : null
      if (oldest !== null) wholeFrom = Math.max(wholeFrom ?? oldest + 1, oldest + 1)
      const evicted = oldest === null ? 0 : ids.evictOldest()
      ids.add(fingerprint, content, windowIndex)
      return evicted
    },
    forgetBelow(windowIndex) {
      ids.expireBelow(windowIndex)
      if (wholeFrom !== null && wholeFrom <= windowIndex) wholeFrom = null
    },
    get size() {
      return ids.size
    },
    get wholeFrom() {
      return wholeFrom
    },
    get storedBytes() {
      return ids.storedBytes
    },
    store: (target) => ids.store(target),
  }
}
