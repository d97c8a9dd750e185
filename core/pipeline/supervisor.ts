import type { Clock } from '../base/clock.ts'
import { Fault, toFault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { Probe } from '../base/probe.ts'
import type { EventLog } from '../log/log.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { doPatiently } from './patience.ts'
import { createPipeline, type Pipeline, type PipelineFacts, type PipelineOptions } from './pipeline.ts'
import type { ReadingStage } from './reading.ts'
import type { Recovered } from './recovery.ts'

export interface SupervisorParts {
  readonly log: EventLog
  readonly reading: ReadingStage
  readonly openWarehouse: () => Promise<Warehouse>
  /** Loads the state of the last commit. */
  readonly recover: (warehouse: Warehouse) => Promise<Recovered>
  /** Moves a damaged warehouse out of the way and puts a new one in its place. */
  readonly replaceDamaged: (fault: Fault) => Promise<void>
  readonly claim: (warehouse: Warehouse) => Promise<string>
  /** The pipeline has ended with this fault, and the next one follows. */
  readonly onRestart: (fault: Fault) => void
  readonly options: PipelineOptions
  readonly clock: Clock
  readonly logger: Logger
  readonly probe: Probe<PipelineFacts>
}

/** What runs at the moment. */
export interface Running {
  readonly warehouse: Warehouse
  readonly pipeline: Pipeline
  readonly recovered: Recovered
}

/**
 * Keeps a pipeline running.
 *
 * 1. A damaged warehouse, at open or later, takes one path: moved aside, rebuilt from the log by catching up.
 * 2. Any other fault reloads state from the last commit and goes on, with growing pauses; one that comes back every time
 *    ends the program, and so does what only the user can put right.
 * 3. Once it has run, what keeps state from being loaded and may pass by itself, a full disk say, is waited for.
 */
export interface Supervisor {
  /** Resolves once the first pipeline runs. @throws Fault when it cannot */
  start(): Promise<void>
  /** Ends the pipeline; the warehouse of `running` stays open for a last look and is the caller's to close. */
  stop(drainMs: number): Promise<void>
  /** Null before the first start and after giving up. */
  readonly running: Running | null
  /** Rejects when the supervisor gives up, resolves after `stop`. */
  readonly finished: Promise<void>
}

/** Only the user can put these right. */
const lasting: readonly Fault['code'][] = [
  'setting',
  'log-gap',
  'fenced',
  'owned',
  'warehouse-newer',
  'schema-missing',
  'usage',
]
const mostRestarts = 5
const steadyMs = 60_000
const firstPauseMs = 250

/** Creates a supervisor; nothing is opened before `start`. */
export function createSupervisor(parts: SupervisorParts): Supervisor {
  const { clock, logger } = parts
  let running: Running | null = null
  let stopped = false
  const stopping = new AbortController()
  let settle: { resolve: () => void; reject: (fault: Fault) => void } = {
    resolve: () => undefined,
    reject: () => undefined,
  }
  const finished = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  finished.catch(() => undefined)

  const open = async (): Promise<Running> => {
    const warehouse = await parts.openWarehouse()
    try {
      const token = await parts.claim(warehouse)
      const recovered = await parts.recover(warehouse)
      const pipeline = createPipeline({ ...parts, warehouse, recovered, token })
      return { warehouse, pipeline, recovered }
    } catch (error) {
      await warehouse.close()
      throw error
    }
  }

  /** Opens once more after replacing a damaged warehouse; a second damage in a row is not ours to loop over. */
  const openOrReplace = async (): Promise<Running> => {
    try {
      return await open()
    } catch (error) {
      const fault = toFault(error, 'the warehouse could not be opened')
      if (fault.code !== 'warehouse-damaged') throw fault
      await parts.replaceDamaged(fault)
      return open()
    }
  }

  /** After this fault: goes on from the last commit once nothing that may pass is in the way. */
  const openPatiently = async (after: Fault): Promise<Running> => {
    let damage = after.code === 'warehouse-damaged' ? after : null
    const replaceAndOpen = async (): Promise<Running> => {
      if (damage) await parts.replaceDamaged(damage)
      damage = null
      return await openOrReplace()
    }
    let said: string | null = null
    const onWaiting = ({ hint, message }: Fault): void => {
      if (said !== message) logger.warn('the pipeline cannot begin anew yet', { reason: message })
      said = message
      parts.probe.emit('state', { state: 'paused', reason: hint === undefined ? message : `${message}; ${hint}` })
    }
    return await doPatiently(replaceAndOpen, { clock, signal: stopping.signal, onWaiting })
  }

  const endOf = async ({ pipeline, warehouse }: Running): Promise<Fault | null> => {
    try {
      await pipeline.finished
      return null
    } catch (error) {
      await warehouse.close()
      return toFault(error, 'the pipeline stopped')
    }
  }

  const supervise = async (first: Running): Promise<void> => {
    let restarts = 0
    let current = first
    while (true) {
      const startedMs = clock.monotonicMs()
      const fault = await endOf(current)
      if (!fault || stopped) return
      if (lasting.includes(fault.code)) throw fault
      restarts = clock.monotonicMs() - startedMs > steadyMs ? 1 : restarts + 1
      if (restarts > mostRestarts) throw fault
      logger.error('the pipeline restarts', { reason: fault.message, attempt: restarts })
      parts.onRestart(fault)
      await clock.sleep(firstPauseMs * 2 ** restarts, stopping.signal)
      if (stopped) return
      current = await openPatiently(fault)
      running = current
      // Its warehouse is for a last look.
      if (stopped) return
      current.pipeline.start()
    }
  }

  return {
    async start() {
      if (running) return
      running = await openOrReplace()
      running.pipeline.start()
      void supervise(running).then(settle.resolve, (error: unknown) =>
        settle.reject(toFault(error, 'the pipeline stopped')),
      )
    },
    async stop(drainMs) {
      if (!running || stopped) return
      stopped = true
      stopping.abort()
      await running.pipeline.stop(drainMs)
      await finished.catch(() => undefined)
    },
    get running() {
      return running
    },
    finished,
  }
}
