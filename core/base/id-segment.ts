import type { Fingerprint } from './fingerprint.ts'

/**
 * A part of an id set: an ordered hash table with linear probing (Amble and Knuth, "Ordered hash tables", 1974) in one
 * typed array, 24 bytes a slot.
 *
 * 1. Entries lie in ascending order of their fingerprint, each at or after its home slot, with no empty slot between.
 * 2. Homes grow with the fingerprint, so that growing, shrinking and writing out are one walk in order.
 * 3. There is no wrap-around: spare slots follow the last home, and the last slot of all is always empty.
 */
export interface IdSegment {
  slots: Int32Array
  /** Homes; there are more slots than that. */
  capacity: number
  /** Slots in use, by entries alive or dead. */
  used: number
}

/** Words of a slot: second, first, third, fourth word of the fingerprint, content hash, owner + 1 (0: empty). */
export const slotWords = 6
const contentWord = 4
const ownerWord = 5

const smallestCapacity = 16
/** Fuller than this, an entry's distance from home and the shifts of an insertion grow steeply. */
const fullest = 0.85
/** A full segment that is fuller than this without its dead grows; one emptier than `sparse` shrinks. */
const roomy = 0.65
const sparse = 0.2
const mostSpareSlots = 64

export const createIdSegment = (capacity = smallestCapacity): IdSegment => ({
  slots: new Int32Array((capacity + spareFor(capacity)) * slotWords),
  capacity,
  used: 0,
})

/** A capacity that holds `entries` with room for more. */
export const capacityFor = (entries: number): number => Math.max(smallestCapacity, Math.ceil(entries / 0.55))

export const isFull = (segment: IdSegment): boolean => segment.used >= segment.capacity * fullest

export const ownerAt = (segment: IdSegment, at: number): number => (segment.slots[at + ownerWord] ?? 0) - 1

export const contentAt = (segment: IdSegment, at: number): number => (segment.slots[at + contentWord] ?? 0) >>> 0

const spareFor = (capacity: number): number => Math.min(mostSpareSlots, capacity) + 1

const homeOf = (key: number, capacity: number): number => Math.floor(((key >>> 0) * capacity) / 4294967296) * slotWords

/** Where the fingerprint is, or, where it is absent, the bitwise complement of where it belongs. */
export function locate(segment: IdSegment, fingerprint: Fingerprint): number {
  const { slots } = segment
  const key = (fingerprint[1] ?? 0) >>> 0
  let at = homeOf(key, segment.capacity)
  for (; (slots[at + ownerWord] ?? 0) !== 0; at += slotWords) {
    const found = (slots[at] ?? 0) >>> 0
    if (found < key) continue
    if (found > key) break
    const order = compareRest(slots, at, fingerprint)
    if (order === 0) return at
    if (order > 0) break
  }
  return ~at
}

/** Order of the slot's fingerprint against another one whose second word is the same. */
function compareRest(slots: Int32Array, at: number, fingerprint: Fingerprint): number {
  return (
    ((slots[at + 1] ?? 0) >>> 0) - ((fingerprint[0] ?? 0) >>> 0) ||
    ((slots[at + 2] ?? 0) >>> 0) - ((fingerprint[2] ?? 0) >>> 0) ||
    ((slots[at + 3] ?? 0) >>> 0) - ((fingerprint[3] ?? 0) >>> 0)
  )
}

/** Puts an absent fingerprint where {@link locate} said it belongs. */
export function insert(segment: IdSegment, at: number, fingerprint: Fingerprint, content: number, owner: number): void {
  let slots = segment.slots
  let end = at
  while ((slots[end + ownerWord] ?? 0) !== 0) end += slotWords
  if (end + slotWords >= slots.length) {
    slots = new Int32Array(slots.length + segment.capacity * slotWords)
    slots.set(segment.slots)
    segment.slots = slots
  }
  if (end > at) slots.copyWithin(at + slotWords, at, end)
  slots[at] = fingerprint[1] ?? 0
  slots[at + 1] = fingerprint[0] ?? 0
  slots[at + 2] = fingerprint[2] ?? 0
  slots[at + 3] = fingerprint[3] ?? 0
  setEntry(segment, at, content, owner)
  segment.used += 1
}

/** Writes over what is remembered about the fingerprint at `at`. */
export function setEntry(segment: IdSegment, at: number, content: number, owner: number): void {
  segment.slots[at + contentWord] = content
  segment.slots[at + ownerWord] = owner + 1
}

/**
 * Makes room in a full segment: drops the dead in one walk, then grows or shrinks if that leaves it crowded or sparse.
 *
 * @param isDead told each entry's owner once; an entry it calls dead is gone afterwards
 */
export function makeRoom(segment: IdSegment, isDead: (owner: number) => boolean): void {
  compact(segment, isDead)
  const { capacity, used } = segment
  if (used > capacity * roomy) resize(segment, Math.max(Math.ceil(capacity * 1.25), capacity + smallestCapacity))
  else if (used < capacity * sparse) resize(segment, capacityFor(used))
}

/** Drops dead entries and moves the others towards their homes, in place: no entry ever moves up. */
function compact(segment: IdSegment, isDead: (owner: number) => boolean): void {
  const { slots, capacity } = segment
  let next = 0
  let kept = 0
  for (let at = 0; at < slots.length; at += slotWords) {
    const owner = slots[at + ownerWord] ?? 0
    if (owner === 0) continue
    if (isDead(owner - 1)) {
      slots[at + ownerWord] = 0
      continue
    }
    const target = Math.max(next, homeOf(slots[at] ?? 0, capacity))
    if (target < at) {
      moveSlot(slots, at, slots, target)
      slots[at + ownerWord] = 0
    }
    next = target + slotWords
    kept += 1
  }
  segment.used = kept
}

function resize(segment: IdSegment, capacity: number): void {
  const { slots: old } = segment
  let slots = new Int32Array((capacity + spareFor(capacity)) * slotWords)
  let next = 0
  for (let at = 0; at < old.length; at += slotWords) {
    if ((old[at + ownerWord] ?? 0) === 0) continue
    const target = Math.max(next, homeOf(old[at] ?? 0, capacity))
    if (target + slotWords >= slots.length) {
      const longer = new Int32Array(slots.length + capacity * slotWords)
      longer.set(slots)
      slots = longer
    }
    moveSlot(old, at, slots, target)
    next = target + slotWords
  }
  segment.slots = slots
  segment.capacity = capacity
}

function moveSlot(from: Int32Array, at: number, to: Int32Array, target: number): void {
  to[target] = from[at] ?? 0
  to[target + 1] = from[at + 1] ?? 0
  to[target + 2] = from[at + 2] ?? 0
  to[target + 3] = from[at + 3] ?? 0
  to[target + contentWord] = from[at + contentWord] ?? 0
  to[target + ownerWord] = from[at + ownerWord] ?? 0
}
