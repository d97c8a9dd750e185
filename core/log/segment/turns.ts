import { toFault } from '../../base/fault.ts'

const ignore = (): void => undefined

/** Runs asynchronous work one piece after the other, in the order it came. */
export type TakeTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

export function createTurns(): TakeTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.then(ignore, ignore)
    return mine
  }
}

/**
 * Lets callers share runs of `work`: a call while none is under way starts one, calls during a run share the one after it,
 * because the run under way may have begun before what they want covered.
 */
export function shareRuns(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null
  const start = (): Promise<void> => {
    next = null
    const mine = work().finally(() => {
      if (running === mine) running = null
    })
    running = mine
    return mine
  }
  return () => {
    if (next !== null) return next
    if (running === null) return start()
    next = running.then(start, start)
    return next
  }
}

/** Like `Promise.all`, but nothing is left under way when it fails, with a fault. */
export async function settleAll<Result>(work: readonly Promise<Result>[], doing: string): Promise<Result[]> {
  const settled = await Promise.allSettled(work)
  const failed = settled.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw toFault(failed.reason, doing)
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}
