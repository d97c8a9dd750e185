import type { AuditEntry, PruneBounds, StoredAlert, StoredTrend, Warehouse } from '../warehouse.ts'

/** Tables of what the app remembers of itself. */
export interface OperationTables {
  readonly alerts: Map<string, StoredAlert>
  readonly trends: Map<number, StoredTrend>
  readonly audit: AuditEntry[]
}

type Operations = Pick<
  Warehouse,
  'saveAlerts' | 'listAlerts' | 'saveTrends' | 'listTrends' | 'appendAudit' | 'listAudit'
>

const keyOf = ({ id, raisedAtMs }: StoredAlert): string => `${raisedAtMs} ${id}`

const newestFirst = (alerts: Iterable<StoredAlert>): readonly StoredAlert[] =>
  [...alerts].sort((left, right) => right.raisedAtMs - left.raisedAtMs || (left.id < right.id ? 1 : -1))

export function rememberOperations({ alerts, audit, trends }: OperationTables): Operations {
  return {
    async saveAlerts(changed) {
      for (const alert of changed) alerts.set(keyOf(alert), alert)
    },
    listAlerts: async (limit) => newestFirst(alerts.values()).slice(0, limit),
    async saveTrends(points) {
      for (const point of points) trends.set(point.atMs, point)
    },
    listTrends: async (sinceMs) =>
      [...trends.values()].filter(({ atMs }) => atMs >= sinceMs).sort((left, right) => left.atMs - right.atMs),
    async appendAudit(entry) {
      audit.push(entry)
    },
    listAudit: async ({ limit, offset }) => [...audit].reverse().slice(offset, offset + limit),
  }
}

export function trimOperations({ alerts, trends }: OperationTables, bounds: PruneBounds): void {
  for (const alert of newestFirst(alerts.values()).slice(bounds.alertRows)) {
    if (alert.resolvedAtMs !== null) alerts.delete(keyOf(alert))
  }
  for (const atMs of trends.keys()) if (atMs < bounds.trendsBeforeMs) trends.delete(atMs)
}
