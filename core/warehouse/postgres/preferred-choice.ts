import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { endQuietly, type Purpose } from './connection.ts'
import type { Chosen, ServerChoice } from './server-choice.ts'

export interface PreferredChoiceParts {
  readonly preferred: ServerChoice
  readonly fallback: ServerChoice
  readonly clock: Clock
  /** Told once why the preferred server is not used, and null once it is again. */
  readonly onChange: (fault: Fault | null) => void
}

/** How often it is looked for; a connection to the other one is used no longer than that. */
const againMs = 10_000

/**
 * Connects to a server that is preferred, such as a replica for queries, and to another while that one does not answer.
 *
 * 1. Nobody waits twice for the one that is away: it is looked for beside the work.
 * 2. Once it is back, connections to the other one are stale.
 */
export function createPreferredChoice({ clock, fallback, onChange, preferred }: PreferredChoiceParts): ServerChoice {
  let isAway = false
  let lookedAtMs = 0
  let looking: Promise<void> | null = null

  const noteAway = (fault: Fault): void => {
    lookedAtMs = clock.monotonicMs()
    if (isAway) return
    isAway = true
    onChange(fault)
  }
  const look = async (purpose: Purpose): Promise<void> => {
    try {
      const { client } = await preferred.connect(purpose)
      await endQuietly(client)
      isAway = false
      onChange(null)
    } catch (error) {
      if (error instanceof Fault) noteAway(error)
      else throw error
    } finally {
      looking = null
    }
  }
  const connectOther = async (purpose: Purpose): Promise<Chosen> => {
    const chosen = await fallback.connect(purpose)
    const untilMs = clock.monotonicMs() + againMs
    return { ...chosen, isStale: () => !isAway || clock.monotonicMs() > untilMs }
  }

  return {
    async connect(purpose) {
      if (isAway) {
        if (clock.monotonicMs() - lookedAtMs >= againMs) looking ??= look(purpose)
        return await connectOther(purpose)
      }
      try {
        return await preferred.connect(purpose)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        noteAway(error)
        return await connectOther(purpose)
      }
    },
  }
}
