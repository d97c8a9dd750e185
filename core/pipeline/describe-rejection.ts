import type { RejectionReason } from '../events/decoded.ts'
import { createEventTimeReader } from '../events/event-time.ts'
import { describeBadTime } from '../events/time-hint.ts'
import { formatGap } from './silence-watch.ts'

/** The value of a field of the outermost object; undefined where it cannot be read. */
function readField(bytes: Uint8Array, path: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    return Object.entries(value).find(([name]) => `/${name}` === path)?.[1]
  } catch {
    // Cut off after 64 KiB, or framed: there is nothing to say of it.
    return undefined
  }
}

/**
 * What a rejected record looks like, for people; null where its reason says it all.
 *
 * @param seenAtMs when it came
 */
export function describeRejection(
  { path, reason }: { readonly reason: RejectionReason; readonly path: string },
  bytes: Uint8Array,
  seenAtMs: number,
): string | null {
  if (reason !== 'bad_time' && reason !== 'future_time') return null
  const value = readField(bytes, path)
  if (reason === 'bad_time') return describeBadTime(value)
  const time = createEventTimeReader('UTC')(value)
  if (typeof time === 'string') return null
  if (time.zoneless) return 'without a zone it is read in events.zone, where it is ahead of when it came'
  const gap = formatGap(time.ms - seenAtMs)
  return `it is ${gap} ahead of when it came: the clock that made it is ahead, or its zone is another one`
}
