import { spanSketch } from '../base/span-sketch.ts'
import { windowSketch } from '../base/window-sketch.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { createDecoder } from '../events/decode.ts'
import type { Disorder, GeneratorOptions, GeneratorPort } from '../generator/generator.ts'
import { createLocalGenerator, createWorkerGenerator } from '../generator/port.ts'
import type { EventLog } from '../log/log.ts'
import { createHttpRegistry } from '../registry/http-registry.ts'
import type { DataPaths } from '../settings/data-directory.ts'
import { readRegistryConnection } from '../settings/registry-connection.ts'
import type { Settings } from '../settings/settings.ts'
import type { EngineOptions } from '../stream/engine.ts'
import type { PipelineOptions } from './pipeline.ts'
import { createReadingStage, type ReadingStage } from './reading.ts'
import { describeDialling } from './tunnelled.ts'
import { createUnframing, type Unframing } from './unframing.ts'

/** What the parts of a profile are made of. */
export interface BuildInputs {
  readonly paths: DataPaths
  readonly settings: Settings
  readonly clock: Clock
  readonly logger: Logger
  /** The generator's worker script, or null to run it in this thread. */
  readonly workerUrl: URL | null
}

/** Above this many events a second the generator gets a thread of its own. */
const workerRate = 2_000

/** The settings results depend on. */
export const readEngineOptions = (settings: Settings): EngineOptions => ({
  windowSizeMs: settings.number('window.sizeMs'),
  latenessMs: settings.number('window.latenessMs'),
  duplicates: settings.text('engine.duplicates') === 'count' ? 'count' : 'drop',
  maxIds: settings.number('engine.maxIds'),
  sketch: windowSketch,
})

/** The settings the loops are paced by. */
export const readPipelineOptions = (settings: Settings, closesIdle: boolean): PipelineOptions => ({
  epochMs: settings.number('pipeline.epochMs'),
  epochRecords: settings.number('pipeline.epochRecords'),
  snapshotMs: settings.number('pipeline.snapshotMs'),
  idleMs: closesIdle ? settings.number('window.idleMs') : 0,
  windowSizeMs: settings.number('window.sizeMs'),
  latenessMs: settings.number('window.latenessMs'),
  finalRowsOnly: settings.text('window.rows') === 'final',
})

function buildUnframing({ clock, settings }: Pick<BuildInputs, 'clock' | 'settings'>): Unframing | null {
  const connection = readRegistryConnection(settings)
  return (
    connection && createUnframing(createHttpRegistry({ connection, clock, findWay: () => describeDialling(settings) }))
  )
}

/** Decoding under the settings' rules. @throws Fault `setting` for a schema registry that is not wholly described */
export function buildReading(
  inputs: Pick<BuildInputs, 'clock' | 'settings'>,
  log: EventLog,
  futureMs = inputs.settings.number('events.futureMs'),
): ReadingStage {
  const rules = { futureMs, zone: inputs.settings.text('events.zone') }
  return createReadingStage(createDecoder(rules), log, buildUnframing(inputs))
}

const readDisorder = (settings: Settings): Disorder => ({
  late: settings.number('generator.disorder.late'),
  duplicate: settings.number('generator.disorder.duplicate'),
  invalid: settings.number('generator.disorder.invalid'),
  silentStore: settings.number('generator.disorder.silentStore'),
  silentForMs: settings.number('generator.disorder.silentForMs'),
  silentEveryMs: settings.number('generator.disorder.silentEveryMs'),
  skewedStore: settings.number('generator.disorder.skewedStore'),
  skewMs: settings.number('generator.disorder.skewMs'),
  burstEveryMs: settings.number('generator.disorder.burstEveryMs'),
})

/** The settings the generated world depends on. */
export function readGeneratorOptions(settings: Settings): GeneratorOptions {
  const topics = ['retail-transactions', 'customer-events', 'inventory-updates']
  const rates = topics
    .map((topic) => [topic, settings.number(`generator.rates.${topic}`)] as const)
    .filter(([, rate]) => rate >= 0)
  return {
    seed: settings.number('generator.seed'),
    rate: settings.number('generator.rate'),
    rates: Object.fromEntries(rates),
    stores: settings.number('generator.stores'),
    shape: settings.text('generator.shape') === 'day' ? 'day' : 'flat',
    disorder: readDisorder(settings),
  }
}

/** Opens a generator whose first event is sent at `fromMs`, in a thread of its own where the rate asks for it. */
export function openGenerator(
  options: GeneratorOptions,
  fromMs: number,
  workerUrl: URL | null,
  isBulk = options.rate >= workerRate,
): GeneratorPort {
  return workerUrl && isBulk ? createWorkerGenerator(workerUrl, options, fromMs) : createLocalGenerator(options, fromMs)
}

/** Kind of sketch for customers over spans longer than a window. */
export const customersSketch = spanSketch
