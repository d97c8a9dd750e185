import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { EventLog } from '../log/log.ts'
import type { GeneratorPort, ThreadUse } from '../generator/generator.ts'
import type { AlertBook } from '../metrics/alerts.ts'
import type { Settings } from '../settings/settings.ts'
import { openGenerator, readGeneratorOptions } from './build.ts'
import { createFeeder, type Feeder } from './feeder.ts'
import { createPast, type Past } from './past.ts'

export interface OwnEventsParts {
  readonly log: EventLog
  readonly clock: Clock
  readonly logger: Logger
  readonly alerts: AlertBook
  readonly settings: Settings
  /** The generator's worker script, or null to run it in this thread. */
  readonly workerUrl: URL | null
}

/** The events of the built-in generator: the past, and those that are sent as the clock goes on. */
export interface OwnEvents {
  readonly past: Past
  startGenerator: (fromMs: number) => void
  stopGenerator: () => Promise<void>
  /** Makes what is missing of the last `pastMs` while everything runs, then starts the generator. Ends early with `stop`. */
  goLive: (pastMs: number) => Promise<void>
  /** What the generator's thread takes; null while it has none. */
  measureThread: () => ThreadUse | null
  /** Whether events are being made, or are about to be. */
  isOn: () => boolean
  /** Why events that are made cannot be appended; null while they can. */
  findTrouble: () => string | null
  stop: () => Promise<void>
}

export function createOwnEvents({ alerts, clock, log, logger, settings, workerUrl }: OwnEventsParts): OwnEvents {
  const stopping = new AbortController()
  let goingLive: Promise<void> | null = null
  let feeder: Feeder | null = null
  const options = readGeneratorOptions(settings)
  let port: GeneratorPort | null = null
  let trouble: string | null = null
  const open = (fromMs: number, isBulk?: boolean): GeneratorPort => {
    port = openGenerator(options, fromMs, workerUrl, isBulk)
    return port
  }
  const feeding = {
    log,
    clock,
    logger,
    onTrouble: (reason: string | null): void => {
      trouble = reason
      if (reason === null) alerts.resolve('generator', clock.nowMs())
      else alerts.raise({ id: 'generator', kind: 'fault', severity: 'critical', message: reason }, clock.nowMs())
    },
  }
  const past = createPast({
    ...feeding,
    options,
    openGenerator: (fromMs) => open(fromMs, true),
  })
  const startGenerator = (fromMs: number): void => {
    feeder ??= createFeeder({ ...feeding, openGenerator: (startMs) => open(startMs) })
    feeder.start(fromMs)
  }
  const fillThenGenerate = async (pastMs: number): Promise<void> => {
    // A cluster's past is not ours to make.
    const liveFromMs = log.order === 'log' ? await past.fill(pastMs, stopping.signal) : clock.nowMs()
    if (!stopping.signal.aborted) startGenerator(liveFromMs)
  }
  return {
    past,
    startGenerator,
    stopGenerator: async () => feeder?.stop(),
    goLive(pastMs) {
      goingLive ??= fillThenGenerate(pastMs)
      return goingLive
    },
    measureThread: () => port?.measureThread() ?? null,
    isOn: () => feeder !== null || goingLive !== null,
    findTrouble: () => trouble,
    async stop() {
      stopping.abort()
      await goingLive?.catch(() => undefined)
      await feeder?.stop()
    },
  }
}
