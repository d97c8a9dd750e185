import type { Alert, Board, LatencySummary } from '../../../core/protocol/board.ts'
import type { StoreLine } from '../../../core/cli/terminal/store-bars.ts'

const latency = (p50: number, p99: number): LatencySummary => ({ avg: p50, p50, p95: p50 * 2, p99, max: p99 * 1.5 })
const none: LatencySummary = { avg: null, p50: null, p95: null, p99: null, max: null }

export const sampleAlerts: readonly Alert[] = [
  {
    id: 'silent-store/7',
    kind: 'silent-store',
    severity: 'warning',
    message: 'store 7 has sold nothing for 12 min; it usually sells every 40 s',
    since: '2026-11-22T12:33:10.000Z',
    storeId: 7,
  },
  {
    id: 'log-damage/0',
    kind: 'log-damage',
    severity: 'critical',
    message: 'retail-transactions/2 lost offsets 1,200 to 1,240: a frame does not match its checksum',
    since: '2026-11-22T12:40:00.000Z',
  },
]

export const sampleBoard: Board = {
  at: '2026-11-22T12:45:01.482Z',
  profile: 'local',
  state: 'running',
  reason: null,
  watermark: '2026-11-22T12:34:59.900Z',
  epoch: 12_345,
  records: { received: 1_234_567, counted: 1_222_222, late: 345, duplicate: 1_000, invalid: 10_900, tombstone: 100 },
  perTopic: {
    'retail-transactions': {
      received: 34_567,
      counted: 22_222,
      late: 345,
      duplicate: 1_000,
      invalid: 10_900,
      tombstone: 100,
    },
    'customer-events': { received: 600_000, counted: 600_000, late: 0, duplicate: 0, invalid: 0, tombstone: 0 },
    'inventory-updates': { received: 600_000, counted: 600_000, late: 0, duplicate: 0, invalid: 0, tombstone: 0 },
  },
  invalidByReason: { not_json: 10_000, missing_field: 900 },
  transactionsPerMinute: 1_234.5,
  revenueLastHour: '1234567.89',
  projectedHourlyRevenue: '1300000.00',
  activeCustomers: 12_034,
  activeStores: 10,
  dataQuality: 99.117_09,
  latencyMs: {
    ...latency(48.2, 131),
    hops: {
      appended: latency(0.4, 2.1),
      read: latency(3.2, 12),
      aggregated: latency(1.1, 4),
      committed: latency(41, 120),
      painted: none,
    },
  },
  lag: { records: 37, seconds: 0.1 },
  throughput: { recordsPerSecond: 1_003.4 },
  warehouse: {
    windows: 4_321,
    transactions: 1_222_222,
    revenue: '61111100.50',
    stores: 10,
    latestWindow: '2026-11-22T12:44:00.000Z',
  },
  alerts: [],
  process: { rssBytes: 181_900_000, cpuPercent: 23.4 },
}

/** Before the first record. */
export const emptyBoard: Board = {
  ...sampleBoard,
  watermark: null,
  epoch: 0,
  records: { received: 0, counted: 0, late: 0, duplicate: 0, invalid: 0, tombstone: 0 },
  perTopic: {},
  transactionsPerMinute: 0,
  revenueLastHour: '0.00',
  projectedHourlyRevenue: '0.00',
  activeCustomers: 0,
  activeStores: 0,
  dataQuality: 100,
  latencyMs: { ...none, hops: { appended: none, read: none, aggregated: none, committed: none, painted: none } },
  lag: { records: 0, seconds: 0 },
  throughput: { recordsPerSecond: null },
  warehouse: { windows: 0, transactions: 0, revenue: '0.00', stores: 0, latestWindow: null },
}

const names = [
  'Harbour Street',
  'Old Mill',
  '青空マーケット',
  'Ağrı Çarşısı',
  'Lake View Center of the Northern Suburbs',
]

export const sampleStores = (count: number): readonly StoreLine[] =>
  Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    name: names[index % names.length] ?? '',
    revenue: ((count - index) * 12_345.678).toFixed(2),
    transactions: (count - index) * 311,
  }))
