import { createRandom } from '../../core/base/random.ts'
import type { EventTopic } from '../../core/events/topics.ts'
import { changeBytes } from './mutate/bytes.ts'
import { pick } from './mutate/pieces.ts'
import { changeStructure } from './mutate/structure.ts'

/** A record before its mutation; null is a tombstone. */
export interface SoundRecord {
  readonly topic: EventTopic
  readonly bytes: Buffer | null
}

/** Changes one record after the other, seeded: the same seed and records give the same bytes. */
export type Mutate = (record: SoundRecord) => SoundRecord

/** Bytes from which on a record is changed in its bytes alone, and rarely. */
const largeBytes = 16_384
const megabyte = 1_048_576
const remembered = 64

/** The record with a note that brings it to the edge of what is looked at. */
function padToEdge(bytes: Buffer, off: number): Buffer {
  const [head, tail] = [Buffer.from('{"note":"'), Buffer.from('",')]
  const body = bytes.subarray(1)
  const missing = Math.max(0, megabyte + off - head.length - tail.length - body.length)
  return Buffer.concat([head, Buffer.alloc(missing, 0x78), tail, body])
}

/**
 * A seventh of the records stay as they are, so that there is something for mutated ones to be a duplicate of, late for,
 * or in the way of; the others are changed as objects or as bytes, or both.
 */
export function createMutator(seed: number): Mutate {
  const random = createRandom(seed, 'mutate')
  const recent: Buffer[] = []
  let next = 0
  return ({ topic, bytes }) => {
    const other = recent.length > 0 ? pick(recent, random) : Buffer.from('{}')
    if (bytes !== null && bytes.length < largeBytes) {
      recent[next] = bytes
      next = (next + 1) % remembered
    }
    const kind = random.next()
    if (bytes === null || kind < 0.15) return { topic, bytes }
    if (kind < 0.155) return { topic, bytes: null }
    if (kind < 0.1552) return { topic, bytes: padToEdge(bytes, random.nextInt(5) - 2) }
    // A record of another topic, as from a producer with the wrong name in its settings.
    if (kind < 0.165)
      return { topic: pick(['retail-transactions', 'customer-events', 'inventory-updates'], random), bytes }
    if (bytes.length >= largeBytes) return { topic, bytes: changeBytes(bytes, other, random) }
    const changed =
      kind < 0.65 ? Buffer.from(changeStructure(bytes.toString('utf8'), other.toString('utf8'), random)) : bytes
    return { topic, bytes: kind < 0.6 ? changed : changeBytes(changed, other, random) }
  }
}
