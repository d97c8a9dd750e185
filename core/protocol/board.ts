/** The board: one instant of the whole pipeline, as every viewer gets it. Money is a decimal string, times are ISO-8601 UTC, counts are numbers. */

export const outcomes = ['counted', 'late', 'duplicate', 'invalid', 'tombstone'] as const
export type Outcome = (typeof outcomes)[number]

/** `received` = the sum of the five outcomes, always. */
export type RecordCounts = Readonly<Record<Outcome | 'received', number>>

export type PipelineState = 'running' | 'catching-up' | 'paused' | 'stopped' | 'faulted'

/** Milliseconds over the last 60 s; every figure is null without a sample. */
export interface LatencySummary {
  readonly avg: number | null
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly max: number | null
}

export const latencyHops = ['appended', 'read', 'aggregated', 'committed', 'painted'] as const
export type LatencyHop = (typeof latencyHops)[number]

export const alertKinds = [
  'silent-store',
  'ids-capped',
  'revenue-overflow',
  'id-conflict',
  'log-damage',
  'clock-jump',
  'restart',
  'fault',
] as const
export type AlertKind = (typeof alertKinds)[number]

export interface Alert {
  readonly id: string
  readonly kind: AlertKind
  readonly severity: 'warning' | 'critical'
  readonly message: string
  readonly since: string
  readonly storeId?: number
  /** When it began, where that is told apart from when it was noticed: the last sale of a silent store. */
  readonly beganAt?: string
}

/** The seed's "current system stats" over `transactions_summary`. */
export interface WarehouseStats {
  readonly windows: number
  readonly transactions: number
  readonly revenue: string
  readonly stores: number
  readonly latestWindow: string | null
}

export interface Board {
  readonly at: string
  readonly profile: string
  readonly state: PipelineState
  /** Why the pipeline is paused or faulted, and what to do; null otherwise. */
  readonly reason: string | null
  readonly watermark: string | null
  readonly epoch: number
  readonly records: RecordCounts
  readonly perTopic: Readonly<Record<string, RecordCounts>>
  readonly invalidByReason: Readonly<Record<string, number>>
  readonly transactionsPerMinute: number
  readonly revenueLastHour: string
  readonly projectedHourlyRevenue: string
  readonly activeCustomers: number
  readonly activeStores: number
  readonly dataQuality: number
  readonly latencyMs: LatencySummary & { readonly hops: Readonly<Record<LatencyHop, LatencySummary>> }
  readonly lag: { readonly records: number; readonly seconds: number }
  readonly throughput: { readonly recordsPerSecond: number | null }
  readonly warehouse: WarehouseStats
  readonly alerts: readonly Alert[]
  readonly process: { readonly rssBytes: number; readonly cpuPercent: number }
}
