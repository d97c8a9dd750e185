import type { Alert, Board, LatencySummary, PipelineState, RecordCounts } from '../../../core/protocol/board.ts'
import { latenessMs } from './series.ts'
import { sampleStores, silentStoreId, soldBetween, type World } from './world.ts'

const hourMs = 3_600_000
const topics = ['retail-transactions', 'customer-events', 'inventory-updates']

/** What a test may change while the host runs. */
export interface BoardChoice {
  readonly state: PipelineState
  readonly reason: string | null
  readonly alerts: readonly Alert[]
  readonly painted: readonly number[]
}

const decimal = (cents: number): string => (cents / 100).toFixed(2)

const summary = (middle: number, wobble: number): LatencySummary => ({
  avg: middle * 1.1 + wobble,
  p50: middle + wobble,
  p95: middle * 1.7 + wobble,
  p99: middle * 2.3 + wobble * 2,
  max: middle * 4,
})

const silence: LatencySummary = { avg: null, p50: null, p95: null, p99: null, max: null }

function countRecords(world: World, nowMs: number, topic: string): RecordCounts {
  if (world.isEmpty) return { received: 0, counted: 0, late: 0, duplicate: 0, invalid: 0, tombstone: 0 }
  const received = Math.floor((nowMs - world.startedMs + 86_400_000) / 1_000) + topic.length
  const late = topic === 'retail-transactions' ? Math.floor(received / 1_230) : 0
  const duplicate = Math.floor(received / 740)
  const invalid = Math.floor(received / 923)
  const tombstone = topic === 'inventory-updates' ? 1 : 0
  return { received, counted: received - late - duplicate - invalid - tombstone, late, duplicate, invalid, tombstone }
}

function addCounts(all: readonly RecordCounts[]): RecordCounts {
  const sum = (name: keyof RecordCounts): number => all.reduce((total, counts) => total + counts[name], 0)
  return {
    received: sum('received'),
    counted: sum('counted'),
    late: sum('late'),
    duplicate: sum('duplicate'),
    invalid: sum('invalid'),
    tombstone: sum('tombstone'),
  }
}

export const createSilentAlert = (world: World): Alert => ({
  id: `silent-store/${silentStoreId}`,
  kind: 'silent-store',
  severity: 'critical',
  message: 'Malmö Triangeln is silent; usual gap 74 s',
  since: new Date(world.silentSinceMs).toISOString(),
  storeId: silentStoreId,
})

function quantile(values: readonly number[], share: number): number | null {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length * share)] ?? null
}

export function drawBoard(world: World, choice: BoardChoice, nowMs: number): Board {
  const { stores, weight } = sampleStores(world)
  const sold = stores.map((store) => soldBetween(world, store, nowMs - hourMs, nowMs, nowMs))
  const cents = sold.reduce((sum, store) => sum + store.cents, 0) * weight
  const transactions = sold.reduce((sum, store) => sum + store.transactions, 0) * weight
  const perTopic = Object.fromEntries(topics.map((topic) => [topic, countRecords(world, nowMs, topic)]))
  const records = addCounts(Object.values(perTopic))
  const wobble = Math.sin(nowMs / 7_000) * 3
  const live = (middle: number): LatencySummary => (world.isEmpty ? silence : summary(middle, wobble * (middle / 60)))
  const painted = { ...silence, p50: quantile(choice.painted, 0.5), p99: quantile(choice.painted, 0.99) }
  return {
    at: new Date(nowMs).toISOString(),
    profile: 'local',
    state: choice.state,
    reason: choice.reason,
    watermark: world.isEmpty ? null : new Date(nowMs - latenessMs - 2_400).toISOString(),
    epoch: Math.floor((nowMs - world.startedMs + 86_400_000) / 400),
    records,
    perTopic,
    invalidByReason: { missing_field: Math.floor(records.invalid * 0.5), not_json: Math.ceil(records.invalid * 0.5) },
    transactionsPerMinute: transactions / 60,
    revenueLastHour: decimal(cents),
    projectedHourlyRevenue: decimal(cents * 1.01),
    activeCustomers: Math.round(transactions * 0.91),
    activeStores: world.isEmpty ? 0 : world.stores.length,
    dataQuality: world.isEmpty ? 100 : 99.89 + wobble / 100,
    latencyMs: {
      ...live(63),
      hops: { appended: live(9), read: live(14), aggregated: live(3), committed: live(37), painted },
    },
    lag: { records: world.isEmpty ? 0 : 2, seconds: world.isEmpty ? 0 : 0.1 },
    throughput: { recordsPerSecond: world.isEmpty ? null : 3 },
    warehouse: {
      windows: records.received / 3,
      transactions: Math.floor(records.counted / 3),
      revenue: decimal(cents * 24),
      stores: world.stores.length,
      latestWindow: new Date(Math.floor(nowMs / 60_000) * 60_000).toISOString(),
    },
    alerts: choice.alerts,
    process: { rssBytes: 182_000_000, cpuPercent: 3.4 },
  }
}
