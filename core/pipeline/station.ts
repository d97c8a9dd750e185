import { randomUUID } from 'node:crypto'
import { repeatEvery } from '../base/clock.ts'
import { toFault } from '../base/fault.ts'
import { createProbe } from '../base/probe.ts'
import type { EventLog } from '../log/log.ts'
import { createAlertBook } from '../metrics/alerts.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Board } from '../protocol/board.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { createBoardSource } from './board-source.ts'
import {
  type BuildInputs,
  buildReading,
  customersSketch,
  openLog,
  openWarehouse,
  readEngineOptions,
  readPipelineOptions,
} from './build.ts'
import { replaceDamagedWarehouse } from './damaged.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createOwnEvents } from './own-events.ts'
import type { Past } from './past.ts'
import type { PipelineFacts } from './pipeline.ts'
import { recover } from './recovery.ts'
import { createRemembered } from './remembered.ts'
import { watchForSilence } from './silence-watch.ts'
import { createSupervisor, type Supervisor } from './supervisor.ts'
import { tidyUp } from './tidy.ts'
import { createAsk } from './views/ask.ts'
import { createStoreDirectory } from './views/store-directory.ts'
import { createViews, type Views } from './views/views.ts'
import { watchForAlerts } from './watch.ts'

export interface StationInputs extends BuildInputs {
  readonly profile: string
  /** The command that holds the data directory, for the owner table. */
  readonly command: string
}

export interface StartOptions {
  /** Close due windows by the wall clock when nothing comes in. */
  readonly closesIdle: boolean
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
  readonly ledger: Ledger
  readonly views: Views
  observePainted(latenciesMs: readonly number[]): void
  /** Ends everything, committing what was appended as far as `drainMs` allows. Idempotent. */
  stop(drainMs: number): Promise<void>
  /** Settles when the pipeline has ended for good; rejects with the fault. */
  readonly finished: Promise<void>
}

const tidyMs = 60_000
const sampleMs = 1_000

/** Opens the data directory's log; everything else is opened when it is needed. */
export async function openStation(inputs: StationInputs): Promise<Station> {
  const { clock, logger, settings } = inputs
  const log = await openLog(inputs)
  const probe = createProbe<PipelineFacts>()
  const alerts = createAlertBook()
  const reading = buildReading(settings, log)
  const engineOptions = readEngineOptions(settings)
  const token = randomUUID()
  let passive: Promise<Warehouse> | null = null
  let supervisor: Supervisor | null = null
  let starting: Promise<void> | null = null
  let isStopping = false
  let stopped = false
  const undo: (() => void)[] = [watchForAlerts(probe, log, alerts, clock)]

  const recoverFrom = (warehouse: Warehouse): ReturnType<typeof recover> =>
    recover({ log, warehouse, reading, engineOptions, spanSketch: customersSketch, logger })
  const remembered = createRemembered({
    alerts,
    clock,
    logger,
    findWarehouse: () => supervisor?.running?.warehouse ?? null,
  })
  undo.push(remembered.stop)
  const claim = async (warehouse: Warehouse): Promise<string> => {
    await remembered.recall(warehouse)
    await warehouse.claim({ token, processId: process.pid, command: inputs.command, atMs: clock.nowMs() })
    return token
  }
  const findMetrics = (): Metrics | null => supervisor?.running?.recovered.metrics ?? null
  probe.on('committed', (applied) => findMetrics()?.observeCommitted(applied))

  const openPassive = async (): Promise<Warehouse> => {
    // The file is opened once in a process at any time: whoever looks while the pipeline starts waits for its warehouse.
    for (let seen: Promise<void> | null = null; seen !== starting; ) {
      seen = starting
      await seen?.catch(() => undefined)
    }
    const running = supervisor?.running
    if (running) return running.warehouse
    passive ??= openWarehouse(inputs)
    return passive
  }
  const closePassive = async (): Promise<void> => {
    const opened = passive
    passive = null
    await (await opened)?.close()
  }

  const startSupervisor = async (options: StartOptions): Promise<void> => {
    await closePassive()
    supervisor ??= createSupervisor({
      log,
      reading,
      clock,
      logger,
      probe,
      claim,
      openWarehouse: () => openWarehouse(inputs),
      recover: recoverFrom,
      replaceDamaged: async (fault) => {
        const open = (file: string): Promise<Warehouse> => openWarehouse(inputs, file)
        const parts = { file: inputs.paths.warehouse, log, open, claim, engineOptions, clock, logger }
        const replaced = await replaceDamagedWarehouse(parts, fault)
        const lost =
          replaced.lostBeforeMs === null
            ? ''
            : `; windows before ${new Date(replaced.lostBeforeMs).toISOString()} are lost`
        const message = `the warehouse was damaged and is rebuilt from the log; the old one is ${replaced.movedTo}${lost}`
        alerts.raise({ id: 'warehouse-rebuilt', kind: 'fault', severity: 'critical', message }, clock.nowMs())
      },
      options: readPipelineOptions(settings, options.closesIdle),
    })
    await supervisor.start()
  }

  const own = createOwnEvents({ log, clock, logger, alerts, settings, workerUrl: inputs.workerUrl })
  const ask = createAsk(openPassive)
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
    openWarehouse: openPassive,
    findRunning: () => supervisor?.running ?? null,
    isGenerating: own.isOn,
  })
  undo.push(silence.stop, views.stop, repeatEvery(sampleMs, views.sample))

  const board = createBoardSource({
    profile: inputs.profile,
    log,
    clock,
    alerts,
    findRunning: () => supervisor?.running ?? null,
    isStopped: () => stopped,
    recoverPassively: async () => {
      const warehouse = await openPassive()
      const recovered = await recoverFrom(warehouse)
      await recovered.reader.close()
      return { warehouse, recovered }
    },
  })

  return {
    log,
    async start(options) {
      starting = startSupervisor(options)
      await starting
      undo.push(
        repeatEvery(tidyMs, () => {
          tidyUp(log, supervisor?.running ?? null, settings, clock).catch((error: unknown) =>
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
      await supervisor?.running?.pipeline.waitUntilCommitted(log.describe().endSequence)
    },
    warehouse: openPassive,
    ledger: createLedger({
      findPipeline: () => supervisor?.running?.pipeline ?? null,
      log,
      reading,
      clock,
      openWarehouse: openPassive,
    }),
    observePainted: (latenciesMs) => findMetrics()?.observePainted(latenciesMs, clock.nowMs()),
    async stop(drainMs) {
      if (isStopping) return
      isStopping = true
      for (const end of undo.splice(0)) end()
      await own.stop()
      await supervisor?.stop(drainMs)
      const running = supervisor?.running
      if (running) {
        await board()
        await remembered.save(running.warehouse)
        await running.warehouse.close()
      }
      stopped = true
      await closePassive()
      await log.close()
    },
    get finished() {
      return supervisor?.finished ?? Promise.resolve()
    },
  }
}
