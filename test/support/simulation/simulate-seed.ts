import { describeError } from '../../../core/base/fault.ts'
import { createRandom } from '../../../core/base/random.ts'
import { createChaos } from './chaos.ts'
import { createHall, type Hall } from './hall.ts'
import { inspect } from './inspect.ts'
import { createLogSite, type LogSite } from './log-site.ts'
import { createShop, type Shop } from './shop.ts'
import { createWorld, type Violation, type World } from './world.ts'

/** What became of one seed. */
export interface SeedReport {
  readonly seed: number
  readonly logKind: string
  readonly violations: readonly Violation[]
  readonly faults: Readonly<Record<string, number>>
  readonly commits: number
  readonly records: number
  readonly processes: number
  readonly virtualMs: number
  readonly steps: number
  /** Equal for equal runs. */
  readonly digest: string
  /** The end of the story, where something was wrong. */
  readonly trace: readonly string[]
}

/** How long everything may take to be committed once nothing goes wrong any more. */
const patienceMs = 60_000
const lookEveryMs = 50

async function produce(
  world: World,
  site: LogSite,
  hall: Hall,
  shop: Shop,
  random = createRandom(world.scenario.seed, 'rush'),
): Promise<number> {
  const { records, troubleMs } = world.scenario
  let made = 0
  while (made < records && !world.isCalm) {
    const count = random.chance(0.1) ? 1 + random.nextInt(40) : 1 + random.nextInt(6)
    made += count
    await site.append(shop.make(count, world.nowMs()), hall.newest)
    await world.sleep((random.nextExponential() * troubleMs * 5) / records)
  }
  return made
}

function isCaughtUp(world: World, site: LogSite, hall: Hall): boolean {
  const { offsets, progress } = world.server.tables
  if (world.server.isDamaged) return false
  if (!site.ledger) {
    const end = (site.log ?? hall.newest?.log)?.describe().endSequence
    return end !== undefined && (end === 0 || (progress?.untilSequence ?? 0) >= end)
  }
  return site.ledger.describe().partitions.every(({ endOffset, partition, topic }) => {
    const left = site.ledger?.recordsOf({ topic, partition, from: 0, until: endOffset }).at(-1)?.offset ?? -1
    return (offsets.get(`${topic}/${partition}`)?.offset ?? 0) > left
  })
}

/** True once it is so; what takes too long is reported. */
async function waitFor(world: World, what: string, isSo: () => boolean): Promise<boolean> {
  const fromMs = world.scheduler.nowMs
  while (!isSo()) {
    if (world.scheduler.nowMs - fromMs > patienceMs) {
      world.report('progress', `${what} has not come within ${patienceMs} ms`)
      return false
    }
    await world.sleep(lookEveryMs)
  }
  return true
}

function calmDown(world: World, hall: Hall): void {
  world.trace.note(world.scheduler.nowMs, 'world', 'nothing goes wrong any more')
  world.isCalm = true
  world.outages.logUntilMs = 0
  world.outages.warehouseUntilMs = 0
  for (const station of hall.stations.slice(0, -1)) station.process.kill('as one of two')
}

/** What was counted is asked for once more, after a restart: the same ids, and windows that have to close. */
async function examine(world: World, site: LogSite, hall: Hall, shop: Shop): Promise<void> {
  if (world.random.chance(0.5)) hall.newest?.process.kill('for the examination')
  else await hall.newest?.stop(1_000)
  if (!(await waitFor(world, 'another process', () => (hall.newest?.log ?? null) !== null))) return
  await site.append(shop.repeat(), hall.newest)
  await site.append(shop.make(12, world.nowMs()), hall.newest)
  if (!(await waitFor(world, 'the last commit', () => isCaughtUp(world, site, hall)))) return
  if (world.scenario.idleMs === 0) return
  world.jumpClock(world.scenario.latenessMs + world.scenario.futureMs * 2_000 + world.scenario.windowSizeMs)
  const hasOpen = (): boolean => {
    const dueMs = world.nowMs() - world.scenario.latenessMs
    return [...world.server.tables.windows.values()].some(
      ({ endMs, final }) => !final && endMs <= dueMs - world.scenario.windowSizeMs,
    )
  }
  await waitFor(world, 'the close of windows that are due', () => !hasOpen())
}

/** Lives one seed from its first record to its last check. */
export async function simulateSeed(seed: number, lines = 60): Promise<SeedReport> {
  const world = createWorld(seed)
  const { scenario, scheduler, trace, violations, witness } = world
  const site = createLogSite(world)
  const shop = createShop(createRandom(seed, 'shop'), scenario)
  const hall = createHall(world, site)
  const chaos = createChaos(world, hall, site)
  let isOver = false
  const live = async (): Promise<void> => {
    hall.launch()
    const produced = produce(world, site, hall, shop)
    await chaos.run()
    calmDown(world, hall)
    await produced
    if (await waitFor(world, 'the commit of everything', () => isCaughtUp(world, site, hall))) {
      await examine(world, site, hall, shop)
    }
    hall.switchOff()
    await hall.newest?.stop(1_000)
    await inspect(world, site, chaos.readmitted)
  }
  const living = live().catch((error: unknown) => {
    world.report('simulation', error instanceof Error ? (error.stack ?? error.message) : describeError(error))
  })
  void living.then(() => {
    isOver = true
  })
  await scheduler.run(() => isOver).catch((error: unknown) => world.report('progress', describeError(error)))
  const { progress } = world.server.tables
  return {
    seed,
    logKind: scenario.logKind,
    violations,
    faults: Object.fromEntries(trace.faults),
    commits: witness.committed,
    records: Object.values(progress?.counters.perTopic ?? {}).reduce((sum, { received }) => sum + received, 0),
    processes: Number(world.nextName().slice(1)) - 1,
    virtualMs: scheduler.nowMs,
    steps: scheduler.steps,
    digest: trace.digest,
    trace: violations.length > 0 ? trace.list(lines) : [],
  }
}
