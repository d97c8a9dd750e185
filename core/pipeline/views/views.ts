import type { Clock } from '../../base/clock.ts'
import type { DistinctKind } from '../../base/distinct.ts'
import type { Probe } from '../../base/probe.ts'
import type { EventLog } from '../../log/log.ts'
import type { ThreadUse } from '../../generator/generator.ts'
import type { AlertBook, PastAlert } from '../../metrics/alerts.ts'
import { createLagTrend, type LagTrend } from '../../metrics/lag-trend.ts'
import type { ViewCommands } from '../../protocol/commands.ts'
import type { AlertHistoryItem, PipelineView, Series } from '../../protocol/views.ts'
import type { DataPaths } from '../../settings/data-directory.ts'
import type { Settings } from '../../settings/settings.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import type { PipelineFacts } from '../pipeline.ts'
import type { SilenceWatch } from '../silence-watch.ts'
import type { Running } from '../supervisor.ts'
import { createProcessMeter } from '../watch.ts'
import { type Ask, chooseTrade } from './ask.ts'
import { describeServers } from './connection-places.ts'
import { createCommits, readPipelineView } from './pipeline-view.ts'
import { readQuality } from './quality.ts'
import { createSeriesView, readHeatMap } from './series.ts'
import { createSettingViews } from './setting-views.ts'
import { readSparkLag } from './spark-lag.ts'
import type { StoreDirectory } from './store-directory.ts'
import { createStoreList } from './store-list.ts'
import { readStoreSheet } from './store-sheet.ts'
import type { Trends } from './trends.ts'

export interface ViewsParts {
  readonly ask: Ask
  readonly directory: StoreDirectory
  readonly silence: Pick<SilenceWatch, 'silentSince' | 'usualGap'>
  readonly alerts: AlertBook
  readonly trends: Trends
  readonly clock: Clock
  readonly log: EventLog
  readonly probe: Probe<PipelineFacts>
  readonly settings: Settings
  readonly paths: DataPaths
  readonly profile: string
  readonly sketch: DistinctKind
  readonly openWarehouse: () => Promise<Warehouse>
  readonly findRunning: () => Running | null
  /** Whether events of our own are being made. */
  readonly isGenerating: () => boolean
  readonly measureGenerator: () => ThreadUse | null
}

export type ViewAnswers = {
  readonly [Name in keyof ViewCommands]: (
    request: ViewCommands[Name]['request'],
  ) => Promise<ViewCommands[Name]['response']>
}

/** What the pages ask for, answered from the warehouse as of the last commit. */
export interface Views extends ViewAnswers {
  /** The last 15 minutes of all stores. */
  readonly recent: () => Promise<Series>
  /** The last hour of all stores. */
  readonly lastHour: () => Promise<Series>
  /** Counts the commits: another number, another `recent`. */
  readonly version: number
  /** Takes a point of the tiles' trends when one is due. */
  readonly sample: () => void
  readonly stop: () => void
}

const recentSpanMs = 900_000

const describePast = ({ alert, resolvedAtMs }: PastAlert): AlertHistoryItem => ({
  id: alert.id,
  kind: alert.kind,
  severity: alert.severity,
  message: alert.message,
  storeId: alert.storeId ?? null,
  since: alert.since,
  resolvedAt: resolvedAtMs === null ? null : new Date(resolvedAtMs).toISOString(),
})

function samplePoint(trends: Trends, running: Running | null, nowMs: number): void {
  const { state, progress } = running?.pipeline ?? {}
  if (!running || state !== 'running' || progress?.untilSequence === 0 || !trends.isDue(nowMs)) return
  const { dataQuality, hour, latency } = running.recovered.metrics.measure(nowMs)
  trends.add({ atMs: nowMs, customers: hour.customers, p50Ms: latency.p50, dataQuality })
}

function noteLag(trend: LagTrend, log: EventLog, { pipeline }: Running, nowMs: number): void {
  trend.note(nowMs, Math.max(0, log.describe().endSequence - pipeline.progress.untilSequence))
}

export function createViews(parts: ViewsParts): Views {
  const { ask, clock, directory, findRunning, log, paths, profile, settings, silence, trends } = parts
  const windowSizeMs = settings.number('window.sizeMs')
  const trade = chooseTrade(settings.text('window.rows') === 'final')
  const series = createSeriesView(ask, trade, clock)
  const stores = createStoreList({ ask, trade, clock, directory, silentSince: silence.silentSince })
  const sheetParts = {
    ask,
    directory,
    series,
    stores,
    windowSizeMs,
    sketch: parts.sketch,
    usualGap: silence.usualGap,
    openSketches: (storeId: number) => findRunning()?.recovered.engine.openSketches(storeId) ?? [],
  }
  const commits = createCommits()
  const describeGenerator = (): PipelineView['generator'] => ({
    enabled: parts.isGenerating(),
    rate: settings.number('generator.rate'),
    stores: settings.number('generator.stores'),
    seed: settings.number('generator.seed'),
  })
  const lagTrend = createLagTrend()
  const servers = describeServers(settings, process.env)
  const pipelineParts = {
    source: { kind: settings.profile.eventsFrom, title: servers.eventsFrom },
    target: { kind: settings.profile.rowsTo, title: servers.rowsTo },
    findReader: () => findRunning()?.recovered.reader ?? null,
    forecastLag: () => lagTrend.forecast(),
    readSparkLag: () => readSparkLag({ log, settings, clock }),
    log,
    commits,
    openWarehouse: parts.openWarehouse,
    warehouseFile: paths.warehouse,
    generator: describeGenerator,
    measureProcess: createProcessMeter(clock),
    measureGenerator: parts.measureGenerator,
    dataDirectory: paths.root,
    startedAtMs: clock.nowMs(),
  }
  const settingViews = createSettingViews({
    settings,
    profile,
    profilesDirectory: paths.profiles,
    partitions: log.partitions,
    storedWindowMs: async () => (await (await parts.openWarehouse()).loadProgress())?.windowSizeMs ?? null,
  })
  const readLast = (spanMs: number): Promise<Series> => {
    const untilMs = Math.floor(clock.nowMs() / windowSizeMs) * windowSizeMs + windowSizeMs
    const fromMs = untilMs - Math.ceil(spanMs / windowSizeMs) * windowSizeMs
    return series({ fromMs, untilMs, stepMs: windowSizeMs, storeId: null })
  }
  let version = 0
  const stop = parts.probe.on('committed', (applied) => {
    version += 1
    commits.note(applied)
    for (const { storeId } of applied.outcome.rows) directory.note(storeId)
  })

  return {
    series,
    stores: (request) => stores.list(request),
    heatMap: (request) => readHeatMap(ask, trade, directory, request),
    storeSheet: (request) => readStoreSheet(sheetParts, request),
    quality: (request) => readQuality(ask, request),
    trends: async ({ compareMs, fromMs, untilMs }) => trends.read(fromMs, untilMs, clock.nowMs() - compareMs),
    pipeline: () => readPipelineView(pipelineParts),
    alertHistory: async ({ limit }) => ({ alerts: parts.alerts.listPast(limit).map(describePast) }),
    describeSettings: async () => settingViews.describe(),
    saveSettings: ({ values }) => settingViews.save(values),
    recent: () => readLast(recentSpanMs),
    lastHour: () => readLast(3_600_000),
    get version() {
      return version
    },
    sample() {
      const running = findRunning()
      samplePoint(trends, running, clock.nowMs())
      if (running) noteLag(lagTrend, log, running, clock.nowMs())
    },
    stop,
  }
}
