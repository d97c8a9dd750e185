import { randomUUID } from 'node:crypto'
import { repeatEvery } from '../base/clock.ts'
import { describeError, Fault } from '../base/fault.ts'
import type { Probe } from '../base/probe.ts'
import type { EventLog } from '../log/log.ts'
import type { AlertBook } from '../metrics/alerts.ts'
import type { OwnerState, Warehouse } from '../warehouse/warehouse.ts'
import { type BuildInputs, customersSketch, readEngineOptions, readPipelineOptions } from './build.ts'
import { waitForReading } from './patience.ts'
import type { PipelineFacts } from './pipeline.ts'
import type { Places } from './places.ts'
import type { ReadingStage } from './reading.ts'
import { type Recovered, recover } from './recovery.ts'
import { beatMs, describeSelf, refuseLiveOwner, waitUntilUnowned } from './standby.ts'
import { createSupervisor, type Running, type Supervisor } from './supervisor.ts'

export interface StartOptions {
  /** Close due windows by the wall clock when nothing comes in. */
  readonly closesIdle: boolean
  /** Wait until whoever processes the same warehouse elsewhere is gone, rather than be refused. */
  readonly standsBy?: boolean
  /** Whether a database that others reach may be given its schema for the first time. */
  readonly migrates?: boolean
  /** Told who is waited for. */
  readonly onStandby?: (owner: OwnerState) => void
}

export interface DutyParts extends BuildInputs {
  /** The command that does it, for the owner table. */
  readonly command: string
  readonly places: Places
  readonly log: EventLog
  readonly reading: ReadingStage
  readonly probe: Probe<PipelineFacts>
  readonly alerts: AlertBook
  /** Told of the warehouse before it is claimed: what the last owner left in it. */
  readonly onClaim: (warehouse: Warehouse) => Promise<void>
  /** Told why the pipeline ended that the next one follows. */
  readonly onRestart: (fault: Fault) => void
}

/** Stopping is not held up by a server that does not answer; whoever comes next waits for signs of life then. */
const releaseWithinMs = 1_000

/** What is there while nothing runs. */
export interface LookedAt {
  readonly warehouse: Warehouse
  readonly recovered: Recovered
}

/**
 * A station's hold on its warehouse: looked at while nothing runs, then written by a supervised pipeline.
 *
 * 1. A warehouse is opened once in this process at any time.
 * 2. Where other machines reach it too, its owner gives signs of life, and nobody takes over from one that is alive. One
 *    that stops gives the warehouse up, so that nobody waits for it.
 */
export interface Duty {
  start(options: StartOptions): Promise<void>
  /** The running pipeline's warehouse, else one opened to look at. */
  readonly openWarehouse: () => Promise<Warehouse>
  /**
   * Shows `look` the state as of the last commit, without running anything. A pipeline that starts meanwhile takes the
   * warehouse away: then what it runs on is looked at instead, from the beginning.
   */
  readonly lookPassively: <Result>(look: (at: LookedAt) => Promise<Result>) => Promise<Result>
  readonly running: Running | null
  /** What kept it from starting and only somebody's word can change: the database has no schema. Null where nothing did. */
  readonly obstacle: Fault | null
  /** @param lastLook at the pipeline that has ended, before its warehouse is closed */
  stop(drainMs: number, lastLook: (running: Running) => Promise<void>): Promise<void>
  readonly finished: Promise<void>
}

export function createDuty(parts: DutyParts): Duty {
  const { alerts, clock, log, logger, places, probe, reading, settings } = parts
  const engineOptions = readEngineOptions(settings)
  let token = ''
  const stopping = new AbortController()
  let passive: Promise<Warehouse> | null = null
  /** Opened to see whether it is our turn, for the pipeline that starts next. */
  let looked: Warehouse | null = null
  let supervisor: Supervisor | null = null
  let starting: Promise<void> | null = null
  let obstacle: Fault | null = null
  let stopBeating = (): void => undefined

  const recoverFrom = (warehouse: Warehouse, by: ReadingStage, isStarting = false): Promise<Recovered> =>
    recover({
      log,
      warehouse,
      reading: by,
      engineOptions,
      spanSketch: customersSketch,
      logger,
      wholeSpan: places.wholeSpan,
      isStarting,
    })
  const patientReading = waitForReading(reading, {
    clock,
    signal: stopping.signal,
    onWaiting: ({ message }) => logger.warn('what was read cannot be gone over yet', { reason: message }),
  })
  const claim = async (warehouse: Warehouse): Promise<string> => {
    await parts.onClaim(warehouse)
    const command = places.isShared ? describeSelf(parts.command) : parts.command
    // Another one each time: a commit of ours that was on its way when the pipeline ended must not land in what follows.
    token = randomUUID()
    await warehouse.claim({ token, processId: process.pid, command, atMs: clock.nowMs() })
    return token
  }
  const closePassive = async (): Promise<void> => {
    const opened = passive
    passive = null
    await (await opened)?.close()
  }
  const openPassive = async (): Promise<Warehouse> => {
    // Whoever looks while the pipeline starts waits for its warehouse.
    for (let seen: Promise<void> | null = null; seen !== starting; ) {
      seen = starting
      await seen?.catch(() => undefined)
    }
    const running = supervisor?.running
    if (running) return running.warehouse
    if (obstacle) throw obstacle
    passive ??= places.openWarehouse(false)
    return await passive
  }

  const closeLooked = async (): Promise<void> => {
    const opened = looked
    looked = null
    await opened?.close()
  }
  /** A warehouse that others reach is not taken from an owner that is alive. */
  const waitForTurn = async ({ migrates, onStandby, standsBy }: StartOptions): Promise<void> => {
    if (!places.isShared) return
    const warehouse = await places.openWarehouse(migrates ?? false)
    looked = warehouse
    let hasWaited = false
    const onWaiting = (owner: OwnerState): void => {
      hasWaited = true
      onStandby?.(owner)
    }
    const watch = { warehouse, clock, logger, signal: stopping.signal, onWaiting }
    try {
      await (standsBy ? waitUntilUnowned(watch) : refuseLiveOwner(watch))
    } catch (error) {
      await closeLooked()
      throw error
    }
    // Servers and schema may have changed while somebody else was the owner.
    if (hasWaited || stopping.signal.aborted) await closeLooked()
  }
  const openInTurn = async (): Promise<Warehouse> => {
    const opened = looked
    looked = null
    return opened ?? (await places.openWarehouse(false))
  }
  const giveUp = async (warehouse: Warehouse): Promise<void> => {
    if (!places.isShared) return
    const released = warehouse.release(token).catch((error: unknown) => {
      logger.debug('the warehouse could not be given up', { reason: describeError(error) })
    })
    await Promise.race([released, clock.sleep(releaseWithinMs)])
  }
  const beat = async (): Promise<void> => {
    await supervisor?.running?.warehouse.beat(token, clock.nowMs())
  }
  const startSupervisor = async (options: StartOptions): Promise<void> => {
    await closePassive()
    // Said at once, not when the first record asks for it.
    await reading.check()
    await waitForTurn(options)
    if (stopping.signal.aborted) return
    supervisor ??= createSupervisor({
      log,
      reading,
      clock,
      logger,
      probe,
      claim,
      onRestart: parts.onRestart,
      openWarehouse: openInTurn,
      recover: (warehouse) => recoverFrom(warehouse, patientReading, true),
      replaceDamaged: async (fault) => {
        const message = await places.replaceDamaged(fault, claim)
        alerts.raise({ id: 'warehouse-rebuilt', kind: 'fault', severity: 'critical', message }, clock.nowMs())
      },
      options: readPipelineOptions(settings, options.closesIdle),
    })
    await supervisor.start()
    if (!places.isShared) return
    // A beat that fails is no news: the next commit tells what is wrong.
    stopBeating = repeatEvery(beatMs, () => {
      beat().catch((error: unknown) => logger.debug('no sign of life could be given', { reason: describeError(error) }))
    })
  }

  return {
    async start(options) {
      starting = startSupervisor(options)
      try {
        await starting
      } catch (error) {
        if (error instanceof Fault && error.code === 'schema-missing') obstacle = error
        throw error
      }
    },
    openWarehouse: openPassive,
    async lookPassively(look) {
      for (;;) {
        const seen = starting
        try {
          const warehouse = await openPassive()
          const recovered = await recoverFrom(warehouse, reading)
          await recovered.reader.close()
          return await look({ warehouse, recovered })
        } catch (error) {
          if (seen === starting) throw error
          logger.debug('looked while the pipeline started: looking again', { reason: describeError(error) })
        }
      }
    },
    get running() {
      return supervisor?.running ?? null
    },
    get obstacle() {
      return obstacle
    },
    async stop(drainMs, lastLook) {
      stopping.abort()
      stopBeating()
      await starting?.catch(() => undefined)
      await supervisor?.stop(drainMs)
      const running = supervisor?.running
      try {
        if (running) await lastLook(running)
        if (running) await giveUp(running.warehouse)
      } finally {
        await running?.warehouse.close()
        await closeLooked()
        await closePassive()
      }
    },
    get finished() {
      return supervisor?.finished ?? Promise.resolve()
    },
  }
}
