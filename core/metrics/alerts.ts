import type { Alert } from '../protocol/board.ts'

/** An alert as it is remembered. */
export interface PastAlert {
  readonly alert: Alert
  /** Null while it still holds. */
  readonly resolvedAtMs: number | null
}

/**
 * What is wrong right now, and what was: the last 500, in memory. An alert is raised once, keeps its instant, and goes
 * when it is resolved.
 */
export interface AlertBook {
  raise(alert: Omit<Alert, 'since'>, nowMs: number): void
  resolve(id: string, nowMs: number): void
  list(): readonly Alert[]
  /** Newest first, those that hold now among them. */
  listPast(limit: number): readonly PastAlert[]
}

const mostPast = 500

/** Creates an empty book. */
export function createAlertBook(): AlertBook {
  const alerts = new Map<string, Alert>()
  let past: readonly PastAlert[] = []
  return {
    raise(alert, nowMs) {
      const since = alerts.get(alert.id)?.since ?? new Date(nowMs).toISOString()
      alerts.set(alert.id, { ...alert, since })
    },
    resolve(id, nowMs) {
      const alert = alerts.get(id)
      if (!alert) return
      alerts.delete(id)
      past = [{ alert, resolvedAtMs: nowMs }, ...past].slice(0, mostPast)
    },
    list: () => [...alerts.values()],
    listPast(limit) {
      const current = [...alerts.values()].map((alert) => ({ alert, resolvedAtMs: null }))
      return [...current, ...past]
        .sort((left, right) =>
          left.alert.since < right.alert.since ? 1 : left.alert.since > right.alert.since ? -1 : 0,
        )
        .slice(0, limit)
    },
  }
}
