import { type Clock, repeatEvery } from '../base/clock.ts'
import { toFault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { Probe } from '../base/probe.ts'
import type { AlertBook } from '../metrics/alerts.ts'
import { createOpenCheck } from '../metrics/opening-hours.ts'
import { createSilenceDetector, type SilenceDetector, type SilentStore } from '../metrics/silence.ts'
import type { SalesHistory } from '../metrics/store-rhythm.ts'
import type { PipelineFacts } from './pipeline.ts'
import { type Ask, numberAt, sqlInstant, sqlStartsIn, textAt } from './views/ask.ts'
import type { StoreDirectory } from './views/store-directory.ts'

export interface SilenceWatchParts {
  readonly probe: Probe<PipelineFacts>
  readonly alerts: AlertBook
  readonly clock: Clock
  readonly logger: Logger
  readonly ask: Ask
  readonly directory: StoreDirectory
  readonly windowSizeMs: number
}

/** Raises and resolves the alerts of silent stores. */
export interface SilenceWatch extends Pick<SilenceDetector, 'silentSince' | 'usualGap'> {
  readonly stop: () => void
}

const everyMs = 1_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const recentMs = 3 * hourMs
/** More silent stores than this share one alert: a board is sent four times a second. */
const mostAlerts = 50
const restId = 'silent-store/more'
/** The time in an alert's text is brought up to date this often. */
const refreshMs = 30_000

/** The stored windows of the day before `atMs`; the hour that is not over counts as recent only. */
export async function readSalesHistory(ask: Ask, atMs: number, windowSizeMs: number): Promise<SalesHistory> {
  const hourStartMs = Math.floor(atMs / hourMs) * hourMs
  const hours = Array.from({ length: 24 }, (_, hour) => hour)
  const inHour = (hour: number): string =>
    `coalesce(sum(transactions) FILTER (window_start < ${sqlInstant(hourStartMs)} AND (epoch_ms(window_start) // ${hourMs}) % 24 = ${hour}), 0)`
  // One text a store rather than 24 cells.
  const rows = await ask(
    `SELECT store_id, concat_ws(',', ${hours.map(inHour).join(', ')}),
      coalesce(sum(transactions) FILTER (window_start >= ${sqlInstant(atMs - recentMs)}), 0)::DOUBLE,
      epoch_ms(max(window_start))::DOUBLE
    FROM storepulse.windows WHERE ${sqlStartsIn(hourStartMs - dayMs, atMs)} GROUP BY store_id`,
  )
  const stores = rows.map((row) => ({
    storeId: numberAt(row, 0),
    perHour: textAt(row, 1).split(',').map(Number),
    recent: numberAt(row, 2),
    recentMs,
    lastMs: Math.min(atMs, numberAt(row, 3) + windowSizeMs),
  }))
  return {
    untilMs: stores.reduce((latest, { lastMs }) => Math.max(latest, lastMs), 0),
    isSeen: hours.map((hour) => stores.some(({ perHour }) => (perHour[hour] ?? 0) > 0)),
    stores,
  }
}

/** "74 s", "9 min", "3 h". */
export function formatGap(ms: number): string {
  if (ms < 90_000) return `${Math.max(1, Math.round(ms / 1_000))} s`
  return ms < 5_400_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / hourMs)} h`
}

const idOf = (storeId: number): string => `silent-store/${storeId}`

/** Keeps the alerts in step with what is silent. */
function createReporter({ alerts, clock, directory }: SilenceWatchParts): (silent: readonly SilentStore[]) => void {
  const raised = new Map<string, number>()
  const raise = (id: string, message: string, storeId: number | null): void => {
    const atMs = clock.nowMs()
    if (atMs - (raised.get(id) ?? Number.NEGATIVE_INFINITY) < refreshMs) return
    raised.set(id, atMs)
    alerts.raise(
      { id, kind: 'silent-store', severity: 'critical', message, ...(storeId === null ? {} : { storeId }) },
      atMs,
    )
  }
  return (silent) => {
    const shown = silent.filter(({ storeId }, index) => index < mostAlerts || raised.has(idOf(storeId)))
    const rest = silent.length - shown.length
    const wanted = new Set(shown.map(({ storeId }) => idOf(storeId)))
    if (rest > 0) wanted.add(restId)
    for (const id of raised.keys()) {
      if (wanted.has(id)) continue
      raised.delete(id)
      alerts.resolve(id, clock.nowMs())
    }
    for (const { silentMs, storeId, usualGapMs } of shown) {
      const name = directory.nameOf(storeId)
      const message = `${name} is silent: no sale for ${formatGap(silentMs)}, usual gap ${formatGap(usualGapMs)}`
      raise(idOf(storeId), message, storeId)
    }
    if (rest > 0) raise(restId, `${rest} more ${rest === 1 ? 'store is' : 'stores are'} silent`, null)
  }
}

/** Learns from what is stored at the first live record, and the hours of the day again every hour. */
export function watchForSilence(parts: SilenceWatchParts): SilenceWatch {
  const { ask, clock, directory, logger, probe, windowSizeMs } = parts
  const detector = createSilenceDetector({ isOpen: createOpenCheck((storeId) => directory.find(storeId)) })
  const report = createReporter(parts)
  let learnedHour: number | null = null
  let isLive = false

  const learnIfDue = async (): Promise<void> => {
    const hour = Math.floor(clock.nowMs() / hourMs)
    if (!isLive || hour === learnedHour) return
    learnedHour = hour
    detector.learn(await readSalesHistory(ask, clock.nowMs(), windowSizeMs))
  }
  const offCommitted = probe.on('committed', (applied) => {
    isLive ||= applied.records.some(({ record }) => record.origin === 'live')
    detector.observe(applied)
  })
  const offTimer = repeatEvery(everyMs, () => {
    learnIfDue().catch((error: unknown) =>
      logger.warn('the usual hours of stores could not be read', { reason: toFault(error, 'learning').message }),
    )
    detector.tick(clock.nowMs())
    report(detector.listSilent())
  })
  return {
    silentSince: detector.silentSince,
    usualGap: detector.usualGap,
    stop() {
      offCommitted()
      offTimer()
    },
  }
}
