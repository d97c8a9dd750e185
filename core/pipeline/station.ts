import { repeatEvery } from '../base/clock.ts'
import { type Fault, toFault } from '../base/fault.ts'
import { collectGarbage } from '../base/garbage.ts'
import { createProbe } from '../base/probe.ts'
import type { EventLog } from '../log/log.ts'
import { createAlertBook } from '../metrics/alerts.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Board } from '../protocol/board.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { createBoardSource } from './board-source.ts'
import { type BuildInputs, buildReading, readEngineOptions } from './build.ts'
import { clearOutWhenCaughtUp } from './clear-out.ts'
import { watchClock } from './clock-watch.ts'
import { createDuty, type StartOptions } from './duty.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createOwnEvents } from './own-events.ts'
import type { Past } from './past.ts'
import type { PipelineFacts } from './pipeline.ts'
import { openPlaces } from './places.ts'
import { createRemembered } from './remembered.ts'
import { type Restart, watchForRestarts } from './restart-watch.ts'
import { openSharing } from './sharing.ts'
import { watchForSilence } from './silence-watch.ts'
import { tidyUp } from './tidy.ts'
import { createAsk } from './views/ask.ts'
import { createStoreDirectory } from './views/store-directory.ts'
import { createViews, type Views } from './views/views.ts'
import { watchForAlerts, watchReplica } from './watch.ts'
import { createWatchedTable } from './watched-table.ts'

export interface StationInputs extends BuildInputs {
  readonly profile: string
  /** The command that holds the data directory, for the owner table. */
  readonly command: string
}

/**
 * One data directory, opened: log, warehouse and, once started, the pipeline between them. Whoever opens it holds the
 * owner lock.
 *
 * 1. Before `start` it only reads (and appends to the log); the warehouse's rows change through the pipeline alone.
 * 2. `board` answers at any time: live while running, as of the last commit otherwise.
 */
export interface Station {
  readonly log: EventLog
  start(options: StartOptions): Promise<void>
  /** Makes events for the time before now; live ones go on where it ends. */
  readonly past: Past
  startGenerator(fromMs: number): void
  /** Makes what is missing of the last `pastMs` while everything runs, then starts the generator. Ends early with `stop`. */
  goLive(pastMs: number): Promise<void>
  stopGenerator(): Promise<void>
  board(): Promise<Board>
  /** Resolves once everything appended before the call is committed. */
  waitUntilCaughtUp(): Promise<void>
  /** The warehouse, opened on first use. */
  warehouse(): Promise<Warehouse>
  /** The cluster's table where it is watched and answers, else null. */
  readTable(): Promise<Warehouse | null>
  /** What SQL of the user's is asked of: the watched table, else the warehouse. */
  queried(): Promise<Warehouse>
  readonly ledger: Ledger
  readonly views: Views
  observePainted(latenciesMs: readonly number[]): void
  /** Tells the viewers that this process took the place of one that ended. */
  readonly noteRestart: (restart: Restart) => void
  /** Ends everything, committing what was appended as far as `drainMs` allows. Idempotent. */
  stop(drainMs: number): Promise<void>
  /** What kept the pipeline from starting and only somebody's word can change: the database has no schema; else null. */
  readonly obstacle: Fault | null
  /** Settles when the pipeline has ended for good; rejects with the fault. */
  readonly finished: Promise<void>
}

const tidyMs = 60_000
const sampleMs = 1_000

/** Opens the log; everything else is opened when it is needed. */
export async function openStation(inputs: StationInputs): Promise<Station> {
  const { clock, logger, settings } = inputs
  const alerts = createAlertBook()
  const places = await openPlaces(inputs, watchReplica(alerts, clock, logger))
  const { log } = places
  const probe = createProbe<PipelineFacts>()
  const reading = buildReading(inputs, log)
  const engineOptions = readEngineOptions(settings)
  let isStopping = false
  let stopped = false
  const findMetrics = (): Metrics | null => duty.running?.recovered.metrics ?? null
  // Before whoever measures by the clock: listeners run in the order they were added.
  const clockWatch = watchClock({
    clock,
    alerts,
    logger,
    probe,
    log,
    onJump: (nowMs) => findMetrics()?.noteClockJump(nowMs),
  })
  const undo: (() => void)[] = [clockWatch.stop, watchForAlerts(probe, log, alerts, clock)]

  const remembered = createRemembered({ alerts, clock, logger, findWarehouse: () => duty.running?.warehouse ?? null })
  const restarts = watchForRestarts(probe, alerts, clock)
  undo.push(remembered.stop, restarts.stop, clearOutWhenCaughtUp(probe, clock, collectGarbage))
  const duty = createDuty({
    ...inputs,
    places,
    log,
    reading,
    probe,
    alerts,
    onClaim: (warehouse) => remembered.recall(warehouse),
    onRestart: ({ message }) => restarts.note({ what: 'pipeline', reason: message, atMs: clock.nowMs() }),
  })
  const table = createWatchedTable({ open: places.openTable, alerts, clock, logger })
  const sharing = await openSharing({ settings, clock, logger, alerts })
  probe.on('committed', (applied) => findMetrics()?.observeCommitted(applied))

  const own = createOwnEvents({ log, clock, logger, alerts, settings, workerUrl: inputs.workerUrl })
  const ask = createAsk(duty.openWarehouse)
  const directory = createStoreDirectory(settings, ask)
  const silence = watchForSilence({
    probe,
    alerts,
    clock,
    logger,
    ask,
    directory,
    windowSizeMs: engineOptions.windowSizeMs,
    leastMs: settings.number('alerts.silenceMs'),
  })
  const views = createViews({
    ask,
    directory,
    silence,
    alerts,
    trends: remembered.trends,
    clock,
    log,
    probe,
    settings,
    paths: inputs.paths,
    profile: inputs.profile,
    sketch: engineOptions.sketch,
    openWarehouse: duty.openWarehouse,
    findRunning: () => duty.running,
    isGenerating: own.isOn,
    measureGenerator: own.measureThread,
  })
  undo.push(silence.stop, views.stop, repeatEvery(sampleMs, views.sample))

  const board = createBoardSource({
    profile: inputs.profile,
    log,
    clock,
    alerts,
    findRunning: () => duty.running,
    isStopped: () => stopped,
    findTrouble: own.findTrouble,
    onDamaged: (fault) => duty.running?.pipeline.fail(fault),
    findStats: () => (places.isShared ? null : sharing.findStats()),
    findTable: () => table.find(),
    lookPassively: duty.lookPassively,
    findObstacle: () => duty.obstacle,
  })

  let endArchiving = async (): Promise<void> => undefined
  const startArchiving = async (): Promise<void> => {
    // Who only watches keeps nothing, and what nobody asked for need not be loaded.
    if (settings.text('archive.target') === 'none' || !settings.profile.writes.rows) return
    const { keepArchiving } = await import('./keep-archiving.ts')
    endArchiving = keepArchiving(inputs, { log, warehouse: duty.openWarehouse }, alerts)
  }

  return {
    log,
    async start(options) {
      await duty.start(options)
      await startArchiving()
      if (places.isShared) sharing.publish(async () => ({ board: await board(), series: await views.lastHour() }))
      undo.push(
        repeatEvery(tidyMs, () => {
          tidyUp(log, duty.running, settings, clockWatch.trustedNowMs()).catch((error: unknown) =>
            logger.warn('tidying up failed', { reason: toFault(error, 'tidy').message }),
          )
        }),
      )
    },
    past: own.past,
    startGenerator: own.startGenerator,
    stopGenerator: own.stopGenerator,
    goLive: own.goLive,
    views,
    board,
    async waitUntilCaughtUp() {
      await duty.running?.pipeline.waitUntilCommitted(log.describe().endSequence)
    },
    warehouse: duty.openWarehouse,
    readTable: () => table.find(),
    queried: async () => (await table.find()) ?? (await duty.openWarehouse()),
    ledger: createLedger({
      findPipeline: () => duty.running?.pipeline ?? null,
      log,
      reading,
      clock,
      openWarehouse: duty.openWarehouse,
    }),
    noteRestart: restarts.note,
    observePainted: (latenciesMs) => findMetrics()?.observePainted(latenciesMs, clock.nowMs()),
    async stop(drainMs) {
      if (isStopping) return
      isStopping = true
      for (const end of undo.splice(0)) end()
      await own.stop()
      await endArchiving()
      try {
        await duty.stop(drainMs, async ({ pipeline, warehouse }) => {
          await board()
          if (pipeline.state !== 'faulted') await remembered.save(warehouse)
        })
      } finally {
        stopped = true
        await table.close()
        await sharing.close()
        await log.close()
      }
    },
    get obstacle() {
      return duty.obstacle
    },
    get finished() {
      return duty.finished
    },
  }
}
