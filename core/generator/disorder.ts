import type { Random } from '../base/random.ts'
import type { Disorder, GeneratedRecord } from './generator.ts'
import { itemAt } from './item-at.ts'

/** What becomes of one event: it takes its turn either way, so that the rate stays what it is. */
export type Fate = 'plain' | 'late' | 'duplicate' | 'invalid'

/** Draws fates by the shares of `disorder`; where they add up to more than 1, late ones give way first. */
export function drawFate(disorder: Disorder, random: Random): Fate {
  const { invalid, duplicate, late } = disorder
  if (invalid + duplicate + late === 0) return 'plain'
  const place = random.next()
  if (place < invalid) return 'invalid'
  if (place < invalid + duplicate) return 'duplicate'
  return place < invalid + duplicate + late ? 'late' : 'plain'
}

const minuteMs = 60_000
/** Share of late events that are older than any watermark at its default forgives. */
const hopelessShare = 0.5
/** Window size plus lateness at their defaults: an event older than this has lost its window. */
const horizonMs = 11 * minuteMs

/** How late a late event is: half within the horizon (1 to 9 minutes), half beyond it (12 minutes to 2 hours). */
export function drawLatenessMs(random: Random): number {
  return random.chance(hopelessShare)
    ? horizonMs + minuteMs + Math.floor(108 * minuteMs * random.next() ** 2)
    : minuteMs + Math.floor(8 * minuteMs * random.next())
}

/** A record that was sent, kept so that it can be sent again. */
interface SentRecord {
  readonly record: GeneratedRecord
  readonly storeIndex: number
}

/** The last records of one topic. */
export interface RecentRecords {
  remember(record: GeneratedRecord, storeIndex: number): void
  /**
   * One of the last records, sent at most four minutes before and not from a store for which `isSilent`; null when the
   * one drawn is neither.
   */
  draw(nowMs: number, isSilent: (storeIndex: number) => boolean, random: Random): GeneratedRecord | null
}

const remembered = 64
/** Young enough for the window to be open still, so that it is taken for a duplicate and not for late. */
const oldestMs = 4 * minuteMs

export function createRecentRecords(): RecentRecords {
  const ring: SentRecord[] = []
  let next = 0
  return {
    remember(record, storeIndex) {
      ring[next] = { record, storeIndex }
      next = (next + 1) % remembered
    },
    draw(nowMs, isSilent, random) {
      if (ring.length === 0) return null
      const stepsBack = 1 + random.nextInt(ring.length)
      const drawn = itemAt(ring, (next - stepsBack + ring.length) % ring.length)
      const newest = itemAt(ring, (next - 1 + ring.length) % ring.length)
      for (const { record, storeIndex } of [drawn, newest]) {
        if (nowMs - record.sentAtMs <= oldestMs && !isSilent(storeIndex)) return record
      }
      return null
    },
  }
}
