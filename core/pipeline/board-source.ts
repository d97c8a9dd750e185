import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Counters } from '../events/epoch.ts'
import type { EventLog } from '../log/log.ts'
import type { AlertBook } from '../metrics/alerts.ts'
import { drawBoard } from '../metrics/board.ts'
import { createMetrics } from '../metrics/metrics.ts'
import type { Board, WarehouseStats } from '../protocol/board.ts'
import { emptyCounters } from '../stream/counters.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { PipelineProgress } from './pipeline.ts'
import type { Recovered } from './recovery.ts'
import { customersSketch } from './build.ts'
import type { Duty, LookedAt } from './duty.ts'
import { createStoredStats } from './stored-stats.ts'
import type { Running } from './supervisor.ts'
import { createProcessMeter } from './watch.ts'

export interface BoardSourceParts {
  readonly profile: string
  readonly log: EventLog
  readonly clock: Clock
  readonly alerts: AlertBook
  readonly findRunning: () => Running | null
  readonly isStopped: () => boolean
  /** Why no event comes in though the pipeline runs; null while they do. */
  readonly findTrouble: () => string | null
  /** Stats that somebody else has published, so that nobody need ask for them; or null. */
  readonly findStats: () => WarehouseStats | null
  /** The table that is watched beside the warehouse, or null. */
  readonly findTable: () => Promise<Warehouse | null>
  /** Told of damage that reading has met; what writes may not come upon it for a long time. */
  readonly onDamaged: (fault: Fault) => void
  /** The state as of the last commit, without running anything. */
  readonly lookPassively: Duty['lookPassively']
  /** Why there can be no numbers until somebody has said what is to be done; null where there can. */
  readonly findObstacle: () => Fault | null
}

/** Where there is no warehouse yet, or none any more that could be asked. */
const emptyStats: WarehouseStats = { windows: 0, transactions: 0, revenue: '0.00', stores: 0, latestWindow: null }

/** Append time of the first record that is not committed, or null when there is none. */
async function findOldestWaiting(log: EventLog, recovered: Recovered): Promise<number | null> {
  const reader = log.openReader(recovered.progress?.offsets ?? [])
  try {
    return (await reader.read(1, 65_536))[0]?.appendedAtMs ?? null
  } finally {
    await reader.close()
  }
}

/** Where boards come from: the running pipeline, or the last commit when none runs. */
export function createBoardSource(parts: BoardSourceParts): () => Promise<Board> {
  const { alerts, clock, log, profile } = parts
  const measureProcess = createProcessMeter(clock)
  const readStats = createStoredStats(clock)
  let last: Board | null = null
  let asked = 0
  let lastTurn = 0

  const describeLag = (untilSequence: number, oldestMs: number | null): Board['lag'] => ({
    records: Math.max(0, log.describe().endSequence - untilSequence),
    seconds: oldestMs === null ? 0 : Math.max(0, Math.round(clock.nowMs() - oldestMs) / 1_000),
  })
  const readUnlessDamaged = async (warehouse: Warehouse, isLast: boolean): Promise<WarehouseStats> => {
    try {
      return await readStats(warehouse, isLast)
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'warehouse-damaged') throw error
      parts.onDamaged(error)
      return last?.warehouse ?? emptyStats
    }
  }
  const draw = async (source: {
    readonly warehouse: Warehouse
    readonly recovered: Recovered
    readonly progress: PipelineProgress
    readonly counters: Counters
    readonly state: Board['state']
    readonly reason: string | null
  }): Promise<Board> => {
    const nowMs = clock.nowMs()
    const isClosed = source.state === 'faulted'
    const trouble = source.state === 'running' || source.state === 'catching-up' ? parts.findTrouble() : null
    const warehouse =
      (isClosed ? emptyStats : parts.findStats()) ??
      (await readUnlessDamaged((await parts.findTable()) ?? source.warehouse, source.state === 'stopped'))
    return drawBoard({
      nowMs,
      profile,
      state: trouble === null ? source.state : 'paused',
      reason: trouble ?? source.reason,
      watermarkMs: source.progress.watermarkMs,
      epoch: source.progress.epoch,
      counters: source.counters,
      measures: source.recovered.metrics.measure(nowMs),
      lag: describeLag(source.progress.untilSequence, source.progress.oldestPendingMs),
      warehouse,
      alerts: alerts.list(),
      process: measureProcess(),
    })
  }

  const drawLookedAt = async ({ recovered, warehouse }: LookedAt): Promise<Board> => {
    const progress: PipelineProgress = {
      epoch: recovered.progress?.epoch ?? 0,
      untilSequence: recovered.progress?.untilSequence ?? 0,
      watermarkMs: recovered.progress?.watermarkMs ?? null,
      oldestPendingMs: await findOldestWaiting(log, recovered),
    }
    const counters = recovered.progress?.counters ?? emptyCounters()
    return draw({ warehouse, recovered, progress, counters, state: 'stopped', reason: null })
  }

  /** A database without a schema has no numbers, and whoever looks is told why. */
  const drawObstacle = ({ message }: Fault): Board => {
    const nowMs = clock.nowMs()
    return drawBoard({
      nowMs,
      profile,
      state: 'faulted',
      reason: message,
      watermarkMs: null,
      epoch: 0,
      counters: emptyCounters(),
      measures: createMetrics(customersSketch, null).measure(nowMs),
      lag: { records: 0, seconds: 0 },
      warehouse: emptyStats,
      alerts: alerts.list(),
      process: measureProcess(),
    })
  }

  return async () => {
    const obstacle = parts.findObstacle()
    if (obstacle) return drawObstacle(obstacle)
    if (parts.isStopped() && last) return { ...last, state: 'stopped' }
    const running = parts.findRunning()
    if (running) {
      const { pipeline, recovered, warehouse } = running
      const { counters, progress, reason, state } = pipeline
      // Its warehouse is closed by now: the last numbers stand, and why there are no newer ones.
      if (state === 'faulted' && last) return { ...last, state, reason, alerts: alerts.list() }
      asked += 1
      const turn = asked
      const board = await draw({ warehouse, recovered, progress, counters, state, reason })
      // A board that took long must not take the place of one that was asked for after it.
      if (turn < lastTurn) return board
      lastTurn = turn
      last = board
      return board
    }
    return await parts.lookPassively(drawLookedAt)
  }
}
