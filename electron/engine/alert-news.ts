import type { Alert } from '../../core/protocol/board.ts'

/** What is new in a list of alerts since the last one. */
export interface AlertChanges {
  readonly raised: readonly Alert[]
  readonly resolved: readonly string[]
}

/**
 * Compares each list with the one before. What is there at the first look is no news, nor is what began before this
 * process did: the one before it has told that.
 *
 * @param startedAtMs when this process began
 */
export function createAlertNews(startedAtMs: number): (alerts: readonly Alert[]) => AlertChanges {
  let known: ReadonlySet<string> | null = null
  return (alerts) => {
    const before = known
    const now = new Set(alerts.map(({ id }) => id))
    known = now
    if (before === null) return { raised: [], resolved: [] }
    return {
      raised: alerts.filter(({ id, since }) => !before.has(id) && Date.parse(since) >= startedAtMs),
      resolved: [...before].filter((id) => !now.has(id)),
    }
  }
}
