import { type Clock, repeatEvery } from '../base/clock.ts'
import { toFault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { Probe } from '../base/probe.ts'
import type { AlertBook } from '../metrics/alerts.ts'
import type { Alert } from '../protocol/board.ts'
import { createOpenCheck } from '../metrics/opening-hours.ts'
import { createSilenceDetector, type SilenceDetector, type SilentStore } from '../metrics/silence.ts'
import type { SalesHistory, StoreHistory } from '../metrics/store-rhythm.ts'
import type { PipelineFacts } from './pipeline.ts'
import { type Ask, numberAt, sqlMs, sqlStartsIn, textAt } from './views/ask.ts'
import type { StoreDirectory } from './views/store-directory.ts'

export interface SilenceWatchParts {
  readonly probe: Probe<PipelineFacts>
  readonly alerts: AlertBook
  readonly clock: Clock
  readonly logger: Logger
  readonly ask: Ask
  readonly directory: StoreDirectory
  readonly windowSizeMs: number
  /** The shortest silence that is an alarm. */
  readonly leastMs: number
}

/** Raises and resolves the alerts of silent stores. */
export interface SilenceWatch extends Pick<SilenceDetector, 'silentSince' | 'usualGap'> {
  readonly stop: () => void
}

const everyMs = 1_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** This hour and so many before count as recent, this one included. */
const recentHours = 3
/** More silent stores than this share one alert: a board is sent four times a second. */
const mostAlerts = 50
const restId = 'silent-store/more'
/** The time in an alert's text is brought up to date this often. */
const refreshMs = 30_000

/** The stored windows of the day before `atMs`; the hour that is not over counts as recent only. */
export async function readSalesHistory(ask: Ask, atMs: number, windowSizeMs: number): Promise<SalesHistory> {
  const thisHour = Math.floor(atMs / hourMs)
  // One text a store rather than a row an hour.
  const rows = await ask(
    `SELECT store_id, string_agg(hour || ':' || sales, ','), max(latest) FROM (
      SELECT store_id, floor(${sqlMs('window_start')} / ${hourMs})::BIGINT AS hour, sum(transactions)::BIGINT AS sales,
        ${sqlMs('max(window_start)')} AS latest
      FROM storepulse.windows WHERE ${sqlStartsIn(thisHour * hourMs - dayMs, atMs)} GROUP BY 1, 2
    ) hours GROUP BY store_id`,
  )
  const stores = rows.map((row): StoreHistory => {
    const perHour = Array.from({ length: 24 }, () => 0)
    let recent = 0
    for (const part of textAt(row, 1).split(',')) {
      const [hour = 0, sales = 0] = part.split(':').map(Number)
      if (hour > thisHour - recentHours) recent += sales
      if (hour < thisHour) perHour[hour % 24] = sales
    }
    return {
      storeId: numberAt(row, 0),
      perHour,
      recent,
      recentMs: atMs - (thisHour - recentHours + 1) * hourMs,
      lastMs: Math.min(atMs, numberAt(row, 2) + windowSizeMs),
    }
  })
  return {
    untilMs: stores.reduce((latest, { lastMs }) => Math.max(latest, lastMs), 0),
    isSeen: Array.from({ length: 24 }, (_, hour) => stores.some(({ perHour }) => (perHour[hour] ?? 0) > 0)),
    stores,
  }
}

/** "74 s", "9 min", "3 h", "5 d". */
export function formatGap(ms: number): string {
  if (ms < 90_000) return `${Math.max(1, Math.round(ms / 1_000))} s`
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`
  return ms < 3 * dayMs ? `${Math.round(ms / hourMs)} h` : `${Math.round(ms / dayMs)} d`
}

const idOf = (storeId: number): string => `silent-store/${storeId}`

/** Keeps the alerts in step with what is silent. */
function createReporter({ alerts, clock, directory }: SilenceWatchParts): (silent: readonly SilentStore[]) => void {
  const raised = new Map<string, number>()
  const raise = (id: string, message: string, severity: Alert['severity'], more: Partial<Alert> = {}): void => {
    const atMs = clock.nowMs()
    if (atMs - (raised.get(id) ?? Number.NEGATIVE_INFINITY) < refreshMs) return
    raised.set(id, atMs)
    alerts.raise({ id, kind: 'silent-store', severity, message, ...more }, atMs)
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
    for (const { mayBeClosed, silentMs, sinceMs, storeId, usualGapMs } of shown) {
      const name = directory.nameOf(storeId)
      const doubt = mayBeClosed ? '; it may have closed, its hours are not known yet' : ''
      const message = `${name} is silent: no sale for ${formatGap(silentMs)}, usual gap ${formatGap(usualGapMs)}${doubt}`
      const beganAt = new Date(sinceMs).toISOString()
      raise(idOf(storeId), message, mayBeClosed ? 'warning' : 'critical', { storeId, beganAt })
    }
    if (rest > 0) raise(restId, `${rest} more ${rest === 1 ? 'store is' : 'stores are'} silent`, 'critical')
  }
}

/** Learns from what is stored at the first live record, and the hours of the day again every hour. */
export function watchForSilence(parts: SilenceWatchParts): SilenceWatch {
  const { ask, clock, directory, leastMs, logger, probe, windowSizeMs } = parts
  const detector = createSilenceDetector({
    leastMs,
    isOpen: createOpenCheck((storeId) => directory.find(storeId)),
    knowsHours: (storeId) => directory.find(storeId) !== null,
  })
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
