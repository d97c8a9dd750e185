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
 */
export interface DuplicateFinder {
  /** Looks the id up without remembering it. */
  examine(topic: EventTopic, id: string, record: LogRecord): Novelty
  /** Remembers the id examined last, for the window with that index. Returns how many ids were evicted for it. */
  remember(windowIndex: number): number
  /** Forgets the ids of all windows below the index. */
  forgetBelow(windowIndex: number): void
  readonly size: number
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

/** @param stored bytes of an earlier {@link DuplicateFinder.store}, or null to start empty */
export function createDuplicateFinder(maxIds: number, stored: Uint8Array | null): DuplicateFinder {
  const ids: IdSet = stored ? readIdSet(stored) : createIdSet()
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
      const evicted = ids.size >= maxIds ? ids.evictOldest() : 0
      ids.add(fingerprint, content, windowIndex)
      return evicted
    },
    forgetBelow(windowIndex) {
      ids.expireBelow(windowIndex)
    },
    get size() {
      return ids.size
    },
    get storedBytes() {
      return ids.storedBytes
    },
    store: (target) => ids.store(target),
  }
}
