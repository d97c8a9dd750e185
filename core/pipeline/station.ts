import { randomUUID } from 'node:crypto'
import { repeatEvery } from '../base/clock.ts'
import { Fault, toFault } from '../base/fault.ts'
import { createProbe } from '../base/probe.ts'
import type { EventLog } from '../log/log.ts'
import { createAlertBook } from '../metrics/alerts.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Board } from '../protocol/board.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { backfill } from './backfill.ts'
import { createBoardSource } from './board-source.ts'
import {
  type BuildInputs,
  buildReading,
  customersSketch,
  openGenerator,
  openLog,
  openWarehouse,
  readEngineOptions,
  readGeneratorOptions,
  readPipelineOptions,
} from './build.ts'
import { replaceDamagedWarehouse } from './damaged.ts'
import { createFeeder, type Feeder } from './feeder.ts'
import { createLedger, type Ledger } from './ledger.ts'
import type { PipelineFacts } from './pipeline.ts'
import { recover } from './recovery.ts'
import { createSupervisor, type Supervisor } from './supervisor.ts'
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
  /** Makes the past up to now; the log must be empty. Returns the instant at which live events go on. */
  backfillPast(durationMs: number, onProgress: (share: number) => void, signal: AbortSignal): Promise<number>
  startGenerator(fromMs: number): void
  stopGenerator(): Promise<void>
  board(): Promise<Board>
  /** Resolves once everything appended before the call is committed. */
  waitUntilCaughtUp(): Promise<void>
  /** The warehouse, opened on first use. */
  warehouse(): Promise<Warehouse>
  readonly ledger: Ledger
  observePainted(latenciesMs: readonly number[]): void
  /** Ends everything, committing what was appended as far as `drainMs` allows. Idempotent. */
  stop(drainMs: number): Promise<void>
  /** Settles when the pipeline has ended for good; rejects with the fault. */
  readonly finished: Promise<void>
}

const tidyMs = 60_000

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
  let feeder: Feeder | null = null
  let isStopping = false
  let stopped = false
  const undo: (() => void)[] = [watchForAlerts(probe, log, alerts, clock)]

  const recoverFrom = (warehouse: Warehouse): ReturnType<typeof recover> =>
    recover({ log, warehouse, reading, engineOptions, spanSketch: customersSketch, logger })
  const claim = async (warehouse: Warehouse): Promise<string> => {
    await warehouse.claim({ token, processId: process.pid, command: inputs.command, atMs: clock.nowMs() })
    return token
  }
  const findMetrics = (): Metrics | null => supervisor?.running?.recovered.metrics ?? null
  probe.on('committed', (applied) => findMetrics()?.observeCommitted(applied))

  const openPassive = async (): Promise<Warehouse> => {
    // The file is opened once in a process at any time: whoever looks while the pipeline starts waits for its warehouse.
    await starting?.catch(() => undefined)
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

  const tidy = async (): Promise<void> => {
    const running = supervisor?.running
    if (running?.pipeline.state !== 'running') return
    const nowMs = clock.nowMs()
    const days = settings.number('warehouse.retentionDays')
    await log.retain({ bytes: settings.number('log.retentionBytes'), ageMs: settings.number('log.retentionMs') }, nowMs)
    await running.warehouse.prune({
      windowsBeforeMs: days === 0 ? null : nowMs - days * 86_400_000,
      lateRows: settings.number('warehouse.lateRows'),
      quarantineRows: settings.number('warehouse.quarantineRows'),
      epochsBelowSequence: log.describe().startSequence,
      epochRows: 100_000,
    })
  }

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
          tidy().catch((error: unknown) => logger.warn('tidying up failed', { reason: toFault(error, 'tidy').message }))
        }),
      )
    },
    async backfillPast(durationMs, onProgress, signal) {
      if (log.describe().endSequence > 0) {
        throw new Fault('usage', 'back-fill needs an empty log', {
          domain: 'user',
          hint: 'leave --backfill out, or run `storepulse reset --yes` first',
        })
      }
      const untilMs = clock.nowMs()
      const fromMs = untilMs - durationMs
      const generator = openGenerator(readGeneratorOptions(settings), fromMs, inputs.workerUrl, true)
      try {
        await backfill(log, generator, { fromMs, untilMs }, onProgress, signal)
      } finally {
        await generator.close()
      }
      return untilMs
    },
    startGenerator(fromMs) {
      const options = readGeneratorOptions(settings)
      feeder ??= createFeeder({
        log,
        clock,
        logger,
        openGenerator: (startMs) => openGenerator(options, startMs, inputs.workerUrl),
        onTrouble: (reason) => {
          if (reason === null) alerts.resolve('generator')
          else alerts.raise({ id: 'generator', kind: 'fault', severity: 'critical', message: reason }, clock.nowMs())
        },
      })
      feeder.start(fromMs)
    },
    stopGenerator: async () => feeder?.stop(),
    board,
    async waitUntilCaughtUp() {
      await supervisor?.running?.pipeline.waitUntilCommitted(log.describe().endSequence)
    },
    warehouse: openPassive,
    ledger: createLedger({ log, reading, clock, openWarehouse: openPassive }),
    observePainted: (latenciesMs) => findMetrics()?.observePainted(latenciesMs, clock.nowMs()),
    async stop(drainMs) {
      if (isStopping) return
      isStopping = true
      for (const end of undo.splice(0)) end()
      await feeder?.stop()
      await supervisor?.stop(drainMs)
      const running = supervisor?.running
      if (running) {
        await board()
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
