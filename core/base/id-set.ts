import { type BucketTable, createBucketTable } from './bucket-table.ts'
import type { Fingerprint } from './fingerprint.ts'
import {
  capacityFor,
  contentAt,
  createIdSegment,
  type IdSegment,
  insert,
  isFull,
  locate,
  makeRoom,
  ownerAt,
  setEntry,
  slotWords,
} from './id-segment.ts'

/**
 * Ids seen within a horizon, as 128-bit fingerprints with a 32-bit content hash each, grouped in buckets that expire.
 *
 * 1. Exact: an id is found from when it is added until its bucket expires or is evicted, and at no other time.
 * 2. What it answers depends on the calls made alone: not on timing, capacity, or having been stored and read back.
 * 3. No call touches more than a 64th of the entries; an expired bucket is over at once, its slots are cleared as its
 *    neighbours need room.
 */
export interface IdSet {
  /** The content hash (unsigned) that came with this id, or null when it is not there. */
  find(fingerprint: Fingerprint): number | null
  /**
   * Remembers an id until its bucket is over. False, changing nothing, where the id is there already or its bucket has
   * expired.
   *
   * @param content 32 bits
   * @param bucket a safe integer; buckets are over in ascending order
   */
  add(fingerprint: Fingerprint, content: number, bucket: number): boolean
  /** Forgets everything in buckets below `bucket`, and refuses such buckets from now on. Returns how many ids went. */
  expireBelow(bucket: number): number
  /** Forgets the oldest bucket; later ids may still enter it. Returns how many ids went, 0 when the set is empty. */
  evictOldest(): number
  /** Number of the oldest bucket with an id in it, or null when the set is empty. */
  readonly oldestBucket: number | null
  readonly size: number
  /** Memory held by the slots. */
  readonly sizeBytes: number
  /** What {@link IdSet.store} writes: 24 bytes an id, and a little for all of them. */
  readonly storedBytes: number
  /** Writes the ids still there for {@link readIdSet}, from the target's first byte on. Equal sets give equal bytes. */
  store(target: Uint8Array): void
}

/** Segments, by the fingerprint's upper bits: each grows by itself, so that none of them is large. */
const segmentBits = 6
const segmentCount = 1 << segmentBits

const magic = 0x31736469
/** Magic, number of ids, number of buckets, nothing; then the floor as a float64. */
const headerBytes = 24
const bucketBytes = 8

const segmentOf = (firstWord: number): number => firstWord >>> (32 - segmentBits)

export const createIdSet = (): IdSet =>
  buildIdSet(
    Array.from({ length: segmentCount }, () => createIdSegment()),
    createBucketTable(),
    0,
    Number.NEGATIVE_INFINITY,
  )

function buildIdSet(segments: readonly IdSegment[], buckets: BucketTable, initialSize: number, floor: number): IdSet {
  let size = initialSize
  let lowestAllowed = floor
  const isDead = (owner: number): boolean => {
    const dead = buckets.isClosed(owner)
    if (dead) buckets.release(owner)
    return dead
  }
  const segmentFor = (fingerprint: Fingerprint): IdSegment => {
    const segment = segments[segmentOf(fingerprint[0] ?? 0)]
    if (segment === undefined) throw new RangeError('a fingerprint has four words')
    return segment
  }

  return {
    find(fingerprint) {
      const segment = segmentFor(fingerprint)
      const at = locate(segment, fingerprint)
      return at < 0 || buckets.isClosed(ownerAt(segment, at)) ? null : contentAt(segment, at)
    },
    add(fingerprint, content, bucket) {
      if (bucket < lowestAllowed) return false
      const segment = segmentFor(fingerprint)
      let at = locate(segment, fingerprint)
      if (at >= 0) {
        if (!isDead(ownerAt(segment, at))) return false
        setEntry(segment, at, content, buckets.enter(bucket))
      } else {
        if (isFull(segment)) {
          makeRoom(segment, isDead)
          at = locate(segment, fingerprint)
        }
        insert(segment, ~at, fingerprint, content, buckets.enter(bucket))
      }
      size += 1
      return true
    },
    expireBelow(bucket) {
      if (bucket <= lowestAllowed) return 0
      lowestAllowed = bucket
      const died = buckets.closeBelow(bucket)
      size -= died
      return died
    },
    evictOldest() {
      const died = buckets.closeLowest()
      size -= died
      return died
    },
    get oldestBucket() {
      return buckets.lowest()
    },
    get size() {
      return size
    },
    get sizeBytes() {
      return segments.reduce((total, segment) => total + segment.slots.byteLength, 0)
    },
    get storedBytes() {
      return headerBytes + buckets.listOpen().length * bucketBytes + size * slotWords * 4
    },
    store: (target) => writeIdSet(target, segments, buckets, size, lowestAllowed),
  }
}

/** Goes by way of a buffer for one segment at a time: the target may begin at any byte of a larger one. */
function writeIdSet(
  target: Uint8Array,
  segments: readonly IdSegment[],
  buckets: BucketTable,
  size: number,
  floor: number,
): void {
  const open = buckets.listOpen()
  const header = new ArrayBuffer(headerBytes + open.length * bucketBytes)
  new Int32Array(header, 0, 4).set([magic, size, open.length, 0])
  new Float64Array(header, 16, 1 + open.length).set([floor, ...open.map(({ bucket }) => bucket)])
  target.set(new Uint8Array(header))
  let at = header.byteLength
  const indexOfId: number[] = []
  open.forEach(({ id }, index) => {
    indexOfId[id] = index
  })
  for (const segment of segments) {
    const words = copyOpen(segment, buckets, indexOfId)
    target.set(new Uint8Array(words.buffer, 0, words.byteLength), at)
    at += words.byteLength
  }
}

/** The entries of a segment whose buckets are open, each owner as its index among these. */
function copyOpen(segment: IdSegment, buckets: BucketTable, indexOfId: readonly number[]): Int32Array {
  const { slots } = segment
  const words = new Int32Array(segment.used * slotWords)
  let to = 0
  for (let at = 0; at < slots.length; at += slotWords) {
    const owner = ownerAt(segment, at)
    if (owner < 0 || buckets.isClosed(owner)) continue
    for (let word = 0; word < slotWords - 1; word += 1) words[to + word] = slots[at + word] ?? 0
    words[to + slotWords - 1] = indexOfId[owner] ?? 0
    to += slotWords
  }
  return words.subarray(0, to)
}

/** @throws RangeError when the bytes were not written by an id set */
export function readIdSet(bytes: Uint8Array): IdSet {
  const copy = new Uint8Array(bytes)
  if (copy.length < headerBytes) throw new RangeError('too short for an id set')
  const [mark, size = 0, bucketCount = 0] = new Int32Array(copy.buffer, 0, 3)
  const entriesAt = headerBytes + bucketCount * bucketBytes
  if (mark !== magic || copy.length !== entriesAt + size * slotWords * 4) throw new RangeError('not an id set')
  const [floor = 0, ...numbers] = new Float64Array(copy.buffer, 16, 1 + bucketCount)
  const words = new Int32Array(copy.buffer, entriesAt)

  const counts = new Int32Array(segmentCount)
  for (let at = 0; at < words.length; at += slotWords) {
    const index = segmentOf(words[at + 1] ?? 0)
    counts[index] = (counts[index] ?? 0) + 1
  }
  const segments = Array.from(counts, (count) => createIdSegment(capacityFor(count)))
  const set = buildIdSet(segments, createBucketTable(), 0, floor)
  const fingerprint = new Int32Array(4)
  for (let at = 0; at < words.length; at += slotWords) {
    fingerprint[0] = words[at + 1] ?? 0
    fingerprint[1] = words[at] ?? 0
    fingerprint[2] = words[at + 2] ?? 0
    fingerprint[3] = words[at + 3] ?? 0
    const bucket = numbers[words[at + 5] ?? -1]
    if (bucket === undefined || !set.add(fingerprint, words[at + 4] ?? 0, bucket)) throw new RangeError('not an id set')
  }
  return set
}
