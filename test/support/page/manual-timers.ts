import type { Timers } from '../../../renderer/bridge/timers.ts'

/** Time that passes only when told to. */
export interface ManualTimers extends Timers {
  pass(ms: number): void
}

export function createManualTimers(): ManualTimers {
  let nowMs = 0
  let lastId = 0
  const waiting = new Map<number, { readonly dueMs: number; readonly run: () => void }>()
  const takeNext = (untilMs: number): { readonly dueMs: number; readonly run: () => void } | null => {
    const [id, next] = [...waiting].toSorted(([, left], [, right]) => left.dueMs - right.dueMs)[0] ?? []
    if (id === undefined || next === undefined || next.dueMs > untilMs) return null
    waiting.delete(id)
    return next
  }
  return {
    nowMs: () => nowMs,
    random: () => 1,
    after(ms, run) {
      lastId += 1
      const id = lastId
      waiting.set(id, { dueMs: nowMs + ms, run })
      return () => void waiting.delete(id)
    },
    pass(ms) {
      const untilMs = nowMs + ms
      for (let next = takeNext(untilMs); next !== null; next = takeNext(untilMs)) {
        nowMs = next.dueMs
        next.run()
      }
      nowMs = untilMs
    },
  }
}
