import type { DistinctKind } from '../base/distinct.ts'
import type { AppliedEpoch, CountedSale, EpochOutcome, ReadRecord } from '../events/epoch.ts'
import type { LatencyHop, LatencySummary } from '../protocol/board.ts'
import { createRollingHour, type HourTotals, type SavedHour } from './rolling-hour.ts'
import { createSlidingCounts, createSlidingLatency } from './sliding.ts'

/** The share of the board that comes from watching epochs go by. */
export interface Measures {
  readonly hour: HourTotals
  readonly dataQuality: number
  readonly latency: LatencySummary
  readonly hops: Readonly<Record<LatencyHop, LatencySummary>>
  readonly recordsPerSecond: number | null
}

/**
 * Listens to epochs; holds nothing the pipeline depends on. What is counted is taken when an epoch is applied, so that a
 * snapshot has it together with the engine's state; latency and throughput when it is committed.
 */
export interface Metrics {
  observeApplied(records: readonly ReadRecord[], outcome: EpochOutcome): void
  observeCommitted(applied: AppliedEpoch): void
  /** Latencies from commit to screen, reported by a viewer. */
  observePainted(latenciesMs: readonly number[], nowMs: number): void
  /** The wall clock has jumped to `nowMs`: what was under way then says nothing of how long it took. */
  noteClockJump(nowMs: number): void
  measure(nowMs: number): Measures
  /** For the recovery snapshot. */
  save(): string
}

interface SavedMetrics {
  readonly hour: SavedHour
  readonly quality: readonly (readonly [second: number, received: number, invalid: number])[]
}

const hourMs = 3_600_000
const minuteMs = 60_000

/** @param saved what an earlier run's {@link Metrics.save} wrote, or null */
export function createMetrics(spanSketch: DistinctKind, saved: string | null): Metrics {
  const earlier: SavedMetrics | null = saved === null ? null : JSON.parse(saved)
  const hour = createRollingHour(spanSketch, earlier?.hour ?? null)
  const quality = createSlidingCounts(hourMs, earlier?.quality ?? [])
  const throughput = createSlidingCounts(minuteMs, [])
  const total = createSlidingLatency()
  const hops = {
    appended: createSlidingLatency(),
    read: createSlidingLatency(),
    aggregated: createSlidingLatency(),
    committed: createSlidingLatency(),
    painted: createSlidingLatency(),
  }

  let jumpedAtMs: number | null = null
  /** Whether a sale was made and appended after the clock last jumped, and by the clock there is now. */
  const isMeasurable = ({ appendedAtMs, eventTimeMs }: CountedSale, committedAtMs: number): boolean =>
    jumpedAtMs === null || (Math.min(appendedAtMs, eventTimeMs) >= jumpedAtMs && appendedAtMs <= committedAtMs)

  const observeLatency = ({ readAtMs, aggregatedAtMs, committedAtMs, outcome }: AppliedEpoch): void => {
    if (jumpedAtMs !== null && Math.abs(committedAtMs - jumpedAtMs) > minuteMs) jumpedAtMs = null
    for (const sale of outcome.sales) {
      if (!sale.live || !isMeasurable(sale, committedAtMs)) continue
      total.record(committedAtMs - sale.eventTimeMs, committedAtMs)
      hops.appended.record(sale.appendedAtMs - sale.eventTimeMs, committedAtMs)
      hops.read.record(readAtMs - sale.appendedAtMs, committedAtMs)
      hops.aggregated.record(aggregatedAtMs - readAtMs, committedAtMs)
      hops.committed.record(committedAtMs - aggregatedAtMs, committedAtMs)
    }
  }

  return {
    observeApplied(records, outcome) {
      for (const sale of outcome.sales) hour.add(sale)
      for (const { record, decoded, readmits } of records) {
        if (!readmits) quality.add(record.appendedAtMs, 1, decoded.type === 'rejection' ? 1 : 0)
      }
    },
    observeCommitted(applied) {
      const live = applied.records.filter(({ record, readmits }) => !readmits && record.origin !== 'backfill').length
      if (live > 0) throughput.add(applied.committedAtMs, live, 0)
      observeLatency(applied)
    },
    observePainted(latenciesMs, nowMs) {
      for (const latencyMs of latenciesMs) hops.painted.record(latencyMs, nowMs)
    },
    noteClockJump(nowMs) {
      jumpedAtMs = nowMs
      total.clear()
      for (const hop of Object.values(hops)) hop.clear()
    },
    measure(nowMs) {
      const appended = quality.sums(nowMs, hourMs)
      const recent = throughput.sums(nowMs, minuteMs)
      const spanSeconds = recent.sinceMs === null ? 0 : Math.max(1, (nowMs - recent.sinceMs) / 1_000)
      return {
        hour: hour.totals(nowMs),
        dataQuality: appended.first === 0 ? 100 : ((appended.first - appended.second) / appended.first) * 100,
        latency: total.summary(nowMs),
        hops: {
          appended: hops.appended.summary(nowMs),
          read: hops.read.summary(nowMs),
          aggregated: hops.aggregated.summary(nowMs),
          committed: hops.committed.summary(nowMs),
          painted: hops.painted.summary(nowMs),
        },
        recordsPerSecond: recent.sinceMs === null ? null : Math.round((recent.first / spanSeconds) * 10) / 10,
      }
    },
    save: () => JSON.stringify({ hour: hour.save(), quality: quality.entries() } satisfies SavedMetrics),
  }
}
