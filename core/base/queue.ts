/** A bounded queue between two loops: `put` waits while it is full, `take` while it is empty. */
export interface BoundedQueue<Item> {
  /** Resolves true once the item is in, false if the queue was closed first. */
  put(item: Item): Promise<boolean>
  /** Resolves with the oldest item, or null once the queue is closed and empty. */
  take(): Promise<Item | null>
  /** Wakes everyone: puts resolve false, takes drain what is left and then null. */
  close(): void
  readonly size: number
}

/** @param capacity most items held at once, at least 1 */
export function createBoundedQueue<Item>(capacity: number): BoundedQueue<Item> {
  const items: Item[] = []
  const waiting: (() => void)[] = []
  let closed = false

  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  const change = (): Promise<void> => new Promise((resolve) => waiting.push(resolve))

  return {
    async put(item) {
      while (!closed && items.length >= capacity) await change()
      if (closed) return false
      items.push(item)
      wake()
      return true
    },
    async take() {
      while (items.length === 0 && !closed) await change()
      const item = items.shift()
      wake()
      return item ?? null
    },
    close() {
      closed = true
      wake()
    },
    get size() {
      return items.length
    },
  }
}
