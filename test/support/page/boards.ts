import type { Alert, Board } from '../../../core/protocol/board.ts'

const silence = { avg: null, p50: null, p95: null, p99: null, max: null }

/** A board at an instant, with the parts a test is about. */
export const makeBoard = (atMs: number, parts: Partial<Board> = {}): Board => ({
  at: new Date(atMs).toISOString(),
  profile: 'local',
  state: 'running',
  reason: null,
  watermark: null,
  epoch: 1,
  records: { received: 0, counted: 0, late: 0, duplicate: 0, invalid: 0, tombstone: 0 },
  perTopic: {},
  invalidByReason: {},
  transactionsPerMinute: 0,
  revenueLastHour: '0.00',
  projectedHourlyRevenue: '0.00',
  activeCustomers: 0,
  activeStores: 0,
  dataQuality: 100,
  latencyMs: {
    ...silence,
    hops: { appended: silence, read: silence, aggregated: silence, committed: silence, painted: silence },
  },
  lag: { records: 0, seconds: 0 },
  throughput: { recordsPerSecond: null },
  warehouse: { windows: 0, transactions: 0, revenue: '0.00', stores: 0, latestWindow: null },
  alerts: [],
  process: { rssBytes: 0, cpuPercent: 0 },
  ...parts,
})

export const makeAlert = (id: string): Alert => ({
  id,
  kind: 'silent-store',
  severity: 'critical',
  message: `${id} is silent`,
  since: new Date(0).toISOString(),
})
