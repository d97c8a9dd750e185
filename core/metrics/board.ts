import type { CounterDelta, Counters } from '../events/epoch.ts'
import { eventTopics } from '../events/topics.ts'
import type { Alert, Board, PipelineState, RecordCounts, WarehouseStats } from '../protocol/board.ts'
import type { Measures } from './metrics.ts'

/** Everything a board is drawn from. */
export interface BoardInputs {
  readonly nowMs: number
  readonly profile: string
  readonly state: PipelineState
  readonly reason: string | null
  readonly watermarkMs: number | null
  readonly epoch: number
  readonly counters: Counters
  readonly measures: Measures
  readonly lag: Board['lag']
  readonly warehouse: WarehouseStats
  readonly alerts: readonly Alert[]
  readonly process: Board['process']
}

/** Cents as a decimal string with two digits: -12345 is "-123.45". */
export function formatCents(cents: bigint | number): string {
  const whole = BigInt(cents)
  const digits = String(whole < 0n ? -whole : whole).padStart(3, '0')
  return `${whole < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** An instant as ISO-8601 UTC, or null. */
export const formatInstant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

const roundTo = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits

function totalOf(perTopic: Counters['perTopic']): RecordCounts {
  const sum = (name: keyof CounterDelta): number =>
    eventTopics.reduce((total, topic) => total + perTopic[topic][name], 0)
  return {
    received: sum('received'),
    counted: sum('counted'),
    late: sum('late'),
    duplicate: sum('duplicate'),
    invalid: sum('invalid'),
    tombstone: sum('tombstone'),
  }
}

/** Draws the board: formulas of the tiles over the last hour of event time. */
export function drawBoard(inputs: BoardInputs): Board {
  const { hour } = inputs.measures
  const projected = hour.minutesCovered === 0 ? 0 : Math.round((hour.cents / hour.minutesCovered) * 60)
  return {
    at: new Date(inputs.nowMs).toISOString(),
    profile: inputs.profile,
    state: inputs.state,
    reason: inputs.reason,
    watermark: formatInstant(inputs.watermarkMs),
    epoch: inputs.epoch,
    records: totalOf(inputs.counters.perTopic),
    perTopic: inputs.counters.perTopic,
    invalidByReason: inputs.counters.invalidByReason,
    transactionsPerMinute: hour.minutesCovered === 0 ? 0 : roundTo(hour.sales / hour.minutesCovered, 2),
    revenueLastHour: formatCents(hour.cents),
    projectedHourlyRevenue: formatCents(projected),
    activeCustomers: hour.customers,
    activeStores: hour.stores,
    dataQuality: roundTo(inputs.measures.dataQuality, 4),
    latencyMs: { ...inputs.measures.latency, hops: inputs.measures.hops },
    lag: inputs.lag,
    throughput: { recordsPerSecond: inputs.measures.recordsPerSecond },
    warehouse: inputs.warehouse,
    alerts: inputs.alerts,
    process: inputs.process,
  }
}
