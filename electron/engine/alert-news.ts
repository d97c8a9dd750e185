import type { Alert } from '../../core/protocol/board.ts'

/** What is new in a list of alerts since the last one. */
export interface AlertChanges {
  readonly raised: readonly Alert[]
  readonly resolved: readonly string[]
}

/** Compares each list with the one before; what is there at the first look is no news. */
export function createAlertNews(): (alerts: readonly Alert[]) => AlertChanges {
  let known: ReadonlySet<string> | null = null
  return (alerts) => {
    const before = known
    const now = new Set(alerts.map(({ id }) => id))
    known = now
    if (before === null) return { raised: [], resolved: [] }
    return {
      raised: alerts.filter(({ id }) => !before.has(id)),
      resolved: [...before].filter((id) => !now.has(id)),
    }
  }
}
