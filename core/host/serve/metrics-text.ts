import type { Registry } from 'prom-client'
import { type Board, latencyHops, type LatencySummary, outcomes } from '../../protocol/board.ts'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [value: number | null, labels?: Labels]

interface Metric {
  readonly kind: 'counter' | 'gauge'
  readonly name: string
  readonly help: string
  readonly samples: readonly Sample[]
}

const states = ['running', 'catching-up', 'paused', 'stopped', 'faulted'] as const

const secondsOf = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso) / 1_000)

const quantilesOf = (summary: LatencySummary, hop: string): readonly Sample[] =>
  (
    [
      ['0.5', summary.p50],
      ['0.95', summary.p95],
      ['0.99', summary.p99],
      ['1', summary.max],
    ] as const
  ).map(([quantile, ms]) => [ms === null ? null : ms / 1_000, { hop, quantile }])

function describeCounters(board: Board): readonly Metric[] {
  const topics = Object.entries(board.perTopic)
  return [
    {
      kind: 'counter',
      name: 'storepulse_received_records_total',
      help: 'Records read from the log: the sum of storepulse_records_total over its outcomes.',
      samples: topics.map(([topic, counts]) => [counts.received, { topic }]),
    },
    {
      kind: 'counter',
      name: 'storepulse_records_total',
      help: 'Records by what became of them.',
      samples: topics.flatMap(([topic, counts]) =>
        outcomes.map((outcome): Sample => [counts[outcome], { topic, outcome }]),
      ),
    },
    {
      kind: 'counter',
      name: 'storepulse_invalid_records_total',
      help: 'Invalid records by the reason of their rejection.',
      samples: Object.entries(board.invalidByReason).map(([reason, count]) => [count, { reason }]),
    },
    { kind: 'counter', name: 'storepulse_epochs_total', help: 'Epochs committed.', samples: [[board.epoch]] },
  ]
}

/** Names and values of what is one number of the board each. */
const figuresOf = (board: Board): readonly (readonly [name: string, help: string, value: number | null])[] => [
  ['lag_records', 'Records appended and not committed.', board.lag.records],
  ['lag_seconds', 'Age of the oldest record that is not committed.', board.lag.seconds],
  ['throughput_records_per_second', 'Live records over the last minute.', board.throughput.recordsPerSecond],
  ['watermark_timestamp_seconds', 'Watermark of the sales.', secondsOf(board.watermark)],
  ['transactions_per_minute', 'Sales per minute over the last hour.', board.transactionsPerMinute],
  ['revenue_last_hour', 'Revenue of the last hour in the display currency.', Number(board.revenueLastHour)],
  ['projected_hourly_revenue', 'Revenue of the last hour, projected.', Number(board.projectedHourlyRevenue)],
  ['active_customers', 'Distinct customers of the last hour.', board.activeCustomers],
  ['active_stores', 'Stores with a sale in the last hour.', board.activeStores],
  ['data_quality_ratio', 'Share of valid records in the last hour.', board.dataQuality / 100],
  ['warehouse_windows', 'Windows in the warehouse.', board.warehouse.windows],
  ['warehouse_transactions', 'Sales in the warehouse.', board.warehouse.transactions],
  ['warehouse_revenue', 'Revenue in the warehouse in the display currency.', Number(board.warehouse.revenue)],
  ['warehouse_stores', 'Stores in the warehouse.', board.warehouse.stores],
  ['warehouse_latest_window_timestamp_seconds', 'Start of the latest window.', secondsOf(board.warehouse.latestWindow)],
  ['process_resident_memory_bytes', 'Memory of the process that runs the pipeline.', board.process.rssBytes],
  ['process_cpu_ratio', 'Cores that process keeps busy.', board.process.cpuPercent / 100],
]

function describeGauges(board: Board): readonly Metric[] {
  const alerts = new Map<string, { readonly labels: Labels; readonly count: number }>()
  for (const { kind, severity } of board.alerts) {
    const key = `${kind}/${severity}`
    alerts.set(key, { labels: { kind, severity }, count: (alerts.get(key)?.count ?? 0) + 1 })
  }
  const figures = figuresOf(board).map(
    ([name, help, value]): Metric => ({ kind: 'gauge', name: `storepulse_${name}`, help, samples: [[value]] }),
  )
  return [
    ...figures,
    {
      kind: 'gauge',
      name: 'storepulse_state',
      help: 'State of the pipeline: 1 for the one it is in.',
      samples: states.map((state) => [state === board.state ? 1 : 0, { state }]),
    },
    {
      kind: 'gauge',
      name: 'storepulse_latency_seconds',
      help: 'Latency of live sales over the last minute: from event to commit, and of each hop from the one before.',
      samples: [
        ...quantilesOf(board.latencyMs, 'total'),
        ...latencyHops.flatMap((hop) => quantilesOf(board.latencyMs.hops[hop], hop)),
      ],
    },
    {
      kind: 'gauge',
      name: 'storepulse_alerts',
      help: 'Alerts that are raised at the moment.',
      samples: [...alerts.values()].map(({ count, labels }) => [count, labels]),
    },
  ]
}

/** The board in the text format of Prometheus, version 0.0.4. Figures without a sample are left out. */
export async function formatMetrics(board: Board): Promise<{ readonly text: string; readonly type: string }> {
  // Loaded when somebody asks for it: few do.
  const { Counter, Gauge, Registry } = await import('prom-client')
  const registry: Registry = new Registry()
  for (const { help, kind, name, samples } of [...describeCounters(board), ...describeGauges(board)]) {
    if (samples.every(([value]) => value === null)) continue
    const labelNames = Object.keys(samples[0]?.[1] ?? {})
    const metric = new (kind === 'counter' ? Counter : Gauge)({ name, help, labelNames, registers: [registry] })
    for (const [value, labels] of samples) if (value !== null) metric.inc(labels ?? {}, value)
  }
  return { text: await registry.metrics(), type: registry.contentType }
}
