import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { PostgresSession } from './session.ts'

/**
 * A few connections that are opened when they are needed.
 *
 * 1. Whoever waits for one gets it in the order of asking.
 * 2. One that failed is never used again; the next is a fresh one.
 * 3. After an attempt to connect has failed, the next one waits, each time a little longer.
 */
export interface Sessions {
  /** Gives `work` a session for itself. `work` is told whether the session has idled since it was last used. */
  use<Result>(work: (session: PostgresSession, hasIdled: boolean) => Promise<Result>): Promise<Result>
  /** Ends those that idle, so that the next is a fresh one. */
  refresh(): Promise<void>
  /** Lets nobody in any more, gives those in use a moment to finish, and ends all of them. */
  close(): Promise<void>
}

export interface SessionsOptions {
  readonly open: () => Promise<PostgresSession>
  readonly most: number
  readonly clock: Clock
}

const closeWithinMs = 2_000
const firstPauseMs = 50
const longestPauseMs = 3_000

/** Opens nothing at first. */
export function createSessions({ clock, most, open }: SessionsOptions): Sessions {
  const closing = new AbortController()
  const drained = new AbortController()
  const inUse = new Set<PostgresSession>()
  let idle: PostgresSession[] = []
  let taken = 0
  let waiting: (() => void)[] = []
  let failures = 0
  let notBeforeMs = 0

  const refuseClosed = (): void => {
    if (closing.signal.aborted) throw new Fault('closing', 'the warehouse was closed')
  }
  const takeTurn = async (): Promise<void> => {
    if (taken < most) {
      taken += 1
      return
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const passTurn = (): void => {
    const next = waiting.shift()
    if (next) next()
    else taken -= 1
  }
  const openPatiently = async (): Promise<PostgresSession> => {
    const waitMs = notBeforeMs - clock.monotonicMs()
    if (waitMs > 0) await clock.sleep(waitMs, closing.signal)
    refuseClosed()
    try {
      const session = await open()
      failures = 0
      notBeforeMs = 0
      return session
    } catch (error) {
      notBeforeMs = clock.monotonicMs() + Math.min(longestPauseMs, firstPauseMs * 2 ** failures)
      failures += 1
      throw error
    }
  }
  const takeIdle = (): PostgresSession | null => {
    for (let next = idle.pop(); next; next = idle.pop()) {
      if (!next.isUsable) continue
      if (!next.isStale) return next
      void next.close()
    }
    return null
  }
  const giveBack = async (session: PostgresSession): Promise<void> => {
    inUse.delete(session)
    if (inUse.size === 0 && closing.signal.aborted) drained.abort()
    if (session.isUsable && !session.isStale && !closing.signal.aborted) idle.push(session)
    else await session.close()
  }
  const refresh = async (): Promise<void> => {
    const old = idle
    idle = []
    await Promise.all(old.map((session) => session.close()))
  }

  return {
    async use(work) {
      refuseClosed()
      await takeTurn()
      try {
        refuseClosed()
        const known = takeIdle()
        const session = known ?? (await openPatiently())
        inUse.add(session)
        try {
          return await work(session, known !== null)
        } finally {
          await giveBack(session)
        }
      } finally {
        passTurn()
      }
    },
    refresh,
    async close() {
      if (closing.signal.aborted) return
      closing.abort()
      const released = waiting
      waiting = []
      for (const resume of released) resume()
      await refresh()
      if (inUse.size > 0) await clock.sleep(closeWithinMs, drained.signal)
      await Promise.all([...inUse].map((session) => session.close()))
    },
  }
}
