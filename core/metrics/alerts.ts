import type { Alert } from '../protocol/board.ts'

/** What is wrong right now. An alert is raised once, keeps its instant, and goes when it is resolved. */
export interface AlertBook {
  raise(alert: Omit<Alert, 'since'>, nowMs: number): void
  resolve(id: string): void
  list(): readonly Alert[]
}

/** Creates an empty book. */
export function createAlertBook(): AlertBook {
  const alerts = new Map<string, Alert>()
  return {
    raise(alert, nowMs) {
      const since = alerts.get(alert.id)?.since ?? new Date(nowMs).toISOString()
      alerts.set(alert.id, { ...alert, since })
    },
    resolve: (id) => void alerts.delete(id),
    list: () => [...alerts.values()],
  }
}
