/**
 * Names buckets (any safe integers, such as window numbers) by small reusable ids, and knows which of them are over.
 * Entries elsewhere carry the id; closing a bucket makes all of them dead at once, without touching one of them.
 *
 * 1. A number has at most one open id. Reopened after closing, it gets another id, so that its old entries stay dead.
 * 2. An id is reused only after the last entry carrying it has been released.
 */
export interface BucketTable {
  /** The open id of `bucket`, made if need be, with one more entry counted. */
  enter(bucket: number): number
  /** Whether the bucket behind `id` is closed. */
  isClosed(id: number): boolean
  /** Forgets one entry of a closed bucket. */
  release(id: number): void
  /** Closes every bucket below `bucket`; returns how many entries died. */
  closeBelow(bucket: number): number
  /** Closes the lowest open bucket; returns how many entries died, 0 when none is open. */
  closeLowest(): number
  /** The lowest open bucket's number, or null. */
  lowest(): number | null
  /** Open buckets in ascending order. */
  listOpen(): readonly OpenBucket[]
}

export interface OpenBucket {
  readonly bucket: number
  readonly id: number
  readonly entries: number
}

export function createBucketTable(): BucketTable {
  const openIds = new Map<number, number>()
  const entries: number[] = []
  const open: boolean[] = []
  const freeIds: number[] = []
  /** A binary heap of the open buckets' numbers. */
  const heap: number[] = []
  // Records come in runs of one window: the last answer is nearly always the next one.
  let lastBucket = Number.NaN
  let lastId = -1

  const openBucket = (bucket: number): number => {
    const id = freeIds.pop() ?? entries.length
    entries[id] = 0
    open[id] = true
    openIds.set(bucket, id)
    pushHeap(heap, bucket)
    return id
  }

  const closeLowest = (): number => {
    const bucket = popHeap(heap)
    const id = bucket === undefined ? undefined : openIds.get(bucket)
    if (bucket === undefined || id === undefined) return 0
    openIds.delete(bucket)
    open[id] = false
    lastBucket = Number.NaN
    return entries[id] ?? 0
  }

  return {
    enter(bucket) {
      if (bucket !== lastBucket) {
        lastId = openIds.get(bucket) ?? openBucket(bucket)
        lastBucket = bucket
      }
      entries[lastId] = (entries[lastId] ?? 0) + 1
      return lastId
    },
    isClosed: (id) => open[id] !== true,
    release(id) {
      const left = (entries[id] ?? 0) - 1
      entries[id] = left
      if (left === 0) freeIds.push(id)
    },
    closeBelow(bucket) {
      let died = 0
      while ((heap[0] ?? bucket) < bucket) died += closeLowest()
      return died
    },
    closeLowest,
    lowest: () => heap[0] ?? null,
    listOpen: () =>
      [...openIds]
        .map(([bucket, id]) => ({ bucket, id, entries: entries[id] ?? 0 }))
        .sort((left, right) => left.bucket - right.bucket),
  }
}

function pushHeap(heap: number[], value: number): void {
  let at = heap.push(value) - 1
  while (at > 0) {
    const parentAt = (at - 1) >> 1
    const parent = heap[parentAt] ?? value
    if (parent <= value) break
    heap[at] = parent
    at = parentAt
  }
  heap[at] = value
}

function popHeap(heap: number[]): number | undefined {
  const top = heap[0]
  const value = heap.pop()
  if (value === undefined || heap.length === 0) return top
  let at = 0
  for (;;) {
    let childAt = at * 2 + 1
    let child = heap[childAt]
    if (child === undefined) break
    const right = heap[childAt + 1]
    if (right !== undefined && right < child) {
      child = right
      childAt += 1
    }
    if (child >= value) break
    heap[at] = child
    at = childAt
  }
  heap[at] = value
  return top
}
