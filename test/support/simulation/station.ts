import { Fault, toFault } from '../../../core/base/fault.ts'
import type { Logger } from '../../../core/base/logger.ts'
import { createProbe } from '../../../core/base/probe.ts'
import { spanSketch } from '../../../core/base/span-sketch.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { createDecoder, type Decoder } from '../../../core/events/decode.ts'
import type { Readmission } from '../../../core/events/epoch.ts'
import type { EventLog } from '../../../core/log/log.ts'
import { createLedger, type Ledger } from '../../../core/pipeline/ledger.ts'
import type { PipelineFacts } from '../../../core/pipeline/pipeline.ts'
import { createReadingStage } from '../../../core/pipeline/reading.ts'
import { encodeReadmission } from '../../../core/pipeline/readmission.ts'
import { recover } from '../../../core/pipeline/recovery.ts'
import { createSupervisor, type Supervisor } from '../../../core/pipeline/supervisor.ts'
import type { EngineOptions } from '../../../core/stream/engine.ts'
import { connectLog } from './connected-log.ts'
import { simulated } from './port.ts'
import { createProcess, type SimulatedProcess } from './process.ts'
import { drawPace, type Scenario } from './scenario.ts'
import { connectWarehouse } from './simulated-warehouse.ts'
import type { World } from './world.ts'

/** A process that runs the real pipeline under its real supervisor. */
export interface Station {
  readonly process: SimulatedProcess
  /** Null until it runs. */
  readonly log: EventLog | null
  readonly ledger: Ledger | null
  /** Resolves with what ended it: null when it was stopped or killed. Never rejects. */
  readonly ended: Promise<Fault | null>
  stop(drainMs: number): Promise<void>
  /** Asks for a re-admission that nobody has looked at: it may have been made before. */
  readmitBlindly(readmission: Readmission): Promise<void>
}

export const engineOptionsOf = ({ duplicates, latenessMs, maxIds, windowSizeMs }: Scenario): EngineOptions => ({
  windowSizeMs,
  latenessMs,
  duplicates,
  maxIds,
  sketch: windowSketch,
})

/** Making one takes longer than most seeds decode. */
const decoders = new Map<number, Decoder>()

export function decoderFor(futureMs: number): Decoder {
  const decoder = decoders.get(futureMs) ?? createDecoder({ futureMs, zone: 'UTC' })
  decoders.set(futureMs, decoder)
  return decoder
}

/** What may stop a pipeline although nothing was put in its way at that moment. */
const expected = /^(epoch \d+ is already committed|the warehouse is at epoch \d+, \d+ was to be committed next)$/

function judgeFault(world: World, { code, message }: Fault): void {
  if (message.includes(simulated) || expected.test(message)) return
  if (code === 'fenced' || code === 'cancelled' || code === 'closing') return
  world.report('fault', `${code}: ${message}`)
}

/** Starts one; `openLog` gives the log as the process finds it. */
export function launchStation(world: World, openLog: (process: SimulatedProcess) => Promise<EventLog>): Station {
  const { random, scenario, scheduler, trace } = world
  const process = createProcess(world, world.nextName())
  const { clock, futureMs } = process
  const pace = drawPace(random, scenario)
  const say = (what: string): void => trace.note(scheduler.nowMs, process.name, what)
  const logger: Logger = {
    error: (message, detail) => say(`${message} ${JSON.stringify(detail)}`),
    warn: (message, detail) => say(`${message} ${JSON.stringify(detail)}`),
    info: (message, detail) => say(`${message} ${JSON.stringify(detail)}`),
    debug: () => undefined,
  }
  let log: EventLog | null = null
  let ledger: Ledger | null = null
  let supervisor: Supervisor | null = null
  let claims = 0

  const run = async (): Promise<void> => {
    say(`starts: epochs of ${pace.epochRecords} in ${pace.epochMs} ms, snapshots every ${pace.snapshotMs} ms`)
    const connected = connectLog(world, process, await openLog(process))
    log = connected
    const reading = createReadingStage(decoderFor(futureMs), connected)
    supervisor = createSupervisor({
      log: connected,
      reading,
      options: pace,
      clock,
      logger,
      probe: createProbe<PipelineFacts>(),
      openWarehouse: async () => connectWarehouse(world, process),
      recover: (warehouse) =>
        recover({ log: connected, warehouse, reading, engineOptions: engineOptionsOf(scenario), spanSketch, logger }),
      claim: async (warehouse) => {
        claims += 1
        const token = `${process.name}’s ${claims}`
        await warehouse.claim({ token, processId: 1, command: 'simulation', atMs: clock.nowMs() })
        return token
      },
      replaceDamaged: async (fault) => {
        judgeFault(world, fault)
        await process.hop(5)
        world.replaceServer()
        say('the warehouse is a new one')
      },
      onRestart: (fault) => judgeFault(world, fault),
    })
    await supervisor.start()
    ledger = createLedger({
      log: connected,
      reading,
      clock,
      findPipeline: () => supervisor?.running?.pipeline ?? null,
      openWarehouse: async () => connectWarehouse(world, process),
    })
    await supervisor.finished
  }
  const end = async (): Promise<Fault | null> => {
    try {
      await run()
      return null
    } catch (error) {
      const fault = toFault(error, 'the process ended')
      say(`ends: ${fault.code}: ${fault.message}`)
      judgeFault(world, fault)
      return fault
    } finally {
      process.kill('at its end')
    }
  }
  const ended = Promise.race([end(), process.killed.then(() => null)])

  return {
    process,
    get log() {
      return log
    },
    get ledger() {
      return ledger
    },
    ended,
    async readmitBlindly(readmission) {
      if (log?.order === 'ledger') return await supervisor?.running?.pipeline.readmit([readmission])
      const record = encodeReadmission(readmission, { by: 'somebody', atMs: clock.nowMs() })
      await log?.append([record], { appendedAtMs: clock.nowMs(), origin: 'live' })
    },
    async stop(drainMs) {
      say('is told to stop')
      await supervisor?.stop(drainMs)
    },
  }
}
