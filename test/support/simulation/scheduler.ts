import type { Random } from '../../../core/base/random.ts'

/** Virtual time. What is due at one instant happens in an order that the seed decides. */
export interface Scheduler {
  /** Milliseconds since the world began; only skips and waiting move it. */
  readonly nowMs: number
  /** Runs `action` once that much time has passed; returns its undo. */
  after(delayMs: number, action: () => void): () => void
  /** All clocks stand still and then go on much later, as when a laptop sleeps. */
  skip(durationMs: number): void
  /** Lets time pass until it is over. @throws when nothing is left that could happen */
  run(isOver: () => boolean): Promise<void>
  readonly steps: number
}

/** A world that does this much has lost its way. */
const mostSteps = 300_000

interface Entry {
  readonly atMs: number
  readonly tie: number
  action: (() => void) | null
}

const isBefore = (left: Entry, right: Entry): boolean =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.tie < right.tie)

/** A binary heap, the next entry first. */
function createHeap() {
  const entries: Entry[] = []
  const swap = (left: number, right: number): void => {
    const [a, b] = [entries[left], entries[right]]
    if (a && b) {
      entries[left] = b
      entries[right] = a
    }
  }
  const isLess = (left: number, right: number): boolean => {
    const [a, b] = [entries[left], entries[right]]
    return a !== undefined && (b === undefined || isBefore(a, b))
  }
  return {
    push(entry: Entry): void {
      entries.push(entry)
      for (let at = entries.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!isLess(at, parent)) return
        swap(at, parent)
        at = parent
      }
    },
    pop(): Entry | undefined {
      swap(0, entries.length - 1)
      const first = entries.pop()
      for (let at = 0; ; ) {
        const [left, right] = [at * 2 + 1, at * 2 + 2]
        const least = right < entries.length && isLess(right, left) ? right : left
        if (left >= entries.length || !isLess(least, at)) return first
        swap(at, least)
        at = least
      }
    },
  }
}

/** Whatever follows from what has happened by now happens before anything else does. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export function createScheduler(random: Random): Scheduler {
  const heap = createHeap()
  let nowMs = 0
  let steps = 0
  return {
    get nowMs() {
      return nowMs
    },
    get steps() {
      return steps
    },
    after(delayMs, action) {
      const entry: Entry = { atMs: nowMs + Math.max(0, delayMs), tie: random.next(), action }
      heap.push(entry)
      return () => {
        entry.action = null
      }
    },
    skip(durationMs) {
      nowMs += durationMs
    },
    async run(isOver) {
      while (!isOver()) {
        const next = heap.pop()
        if (!next) throw new Error('nothing is left that could happen')
        if (!next.action) continue
        nowMs = Math.max(nowMs, next.atMs)
        steps += 1
        if (steps > mostSteps) throw new Error(`it does not come to an end within ${mostSteps} steps`)
        next.action()
        await settle()
      }
    },
  }
}
