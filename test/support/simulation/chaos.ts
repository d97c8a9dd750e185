import type { Readmission } from '../../../core/events/epoch.ts'
import { formatRef, type RecordRef } from '../../../core/events/record.ts'
import type { Hall } from './hall.ts'
import type { LogSite } from './log-site.ts'
import type { FaultName } from './scenario.ts'
import type { Station } from './station.ts'
import type { World } from './world.ts'

/** What happens by itself while there is trouble. */
export interface Chaos {
  /** Resolves when the trouble is over. */
  run(): Promise<void>
  /** Records that somebody was told would count after all. */
  readonly readmitted: ReadonlySet<string>
}

/** Times what it was: the records that were too early are not any more. */
const loosened = 1_000
/** Each makes the trouble last longer. */
const mostLongOutages = 2

// Long because it is a list of what may happen.
export function createChaos(world: World, hall: Hall, site: LogSite): Chaos {
  const { outages, random, rules, scenario, scheduler, trace } = world
  const { faults } = scenario
  const readmitted = new Set<string>()
  let untilMs = scenario.troubleMs
  const happens = (name: FaultName): boolean => random.chance(faults[name])
  const note = (name: string, what: string): void => {
    trace.count(name)
    trace.note(scheduler.nowMs, 'world', what)
  }
  let longOutages = 0
  /** A moment, or now and then minutes. */
  const drawOutageMs = (): number => {
    if (longOutages === mostLongOutages || random.chance(0.85)) return random.nextInt(8_000)
    longOutages += 1
    return 60_000 + random.nextInt(120_000)
  }

  const breakOff = (name: 'log' | 'warehouse'): void => {
    const outageMs = drawOutageMs()
    note(`${name}-outage`, `the ${name} is away for ${outageMs} ms`)
    if (name === 'log') outages.logUntilMs = scheduler.nowMs + outageMs
    else outages.warehouseUntilMs = scheduler.nowMs + outageMs
    if (outageMs > 60_000) untilMs += outageMs
  }
  const sleep = (): void => {
    const sleepMs = 10_000 + random.nextInt(random.chance(0.5) ? 60_000 : 7_200_000)
    note('sleep', `asleep for ${sleepMs} ms`)
    scheduler.skip(sleepMs)
    world.witness.noteSlept()
    untilMs += sleepMs
  }
  const jump = (): void => {
    const byMs = (random.nextInt(2_001) - 1_000) * (random.chance(0.5) ? 20 : 2_000)
    note('clock-jump', `the clock jumps by ${byMs} ms`)
    world.jumpClock(byMs)
  }

  const restart = async (station: Station): Promise<void> => {
    note('restart', `${station.process.name} is restarted`)
    await station.stop(random.nextInt(2_000))
    const { snapshots, progress } = world.server.tables
    // What lies behind the last snapshot is read again by the rules of today.
    const isClean = progress !== null && snapshots[0]?.epoch === progress.epoch && hall.stations.length === 0
    if (scenario.loosensRules && isClean && rules.futureMs === scenario.futureMs) {
      rules.futureMs *= loosened
      note('rule', `from now on ${rules.futureMs} ms of future are accepted`)
    }
  }

  const listRefs = (from: 'late' | 'quarantine'): readonly RecordRef[] => {
    const { late, quarantine } = world.server.tables
    return from === 'late' ? [...late.values()].map(({ ref }) => ref) : [...quarantine.values()].map(({ ref }) => ref)
  }
  const readmit = async ({ ledger, process }: Station): Promise<void> => {
    const from = random.chance(0.6) ? 'late' : 'quarantine'
    const known = listRefs(from).map(formatRef)
    const refs =
      known.length === 0
        ? []
        : Array.from({ length: 1 + random.nextInt(4) }, () => known[random.nextInt(known.length)] ?? '')
    if (!ledger || refs.length === 0) return
    note('readmit', `${process.name} is asked to readmit ${refs.join(', ')}`)
    for (const { outcome, ref } of await ledger.readmit(refs, from, 'somebody')) {
      if (outcome === 'readmitted') readmitted.add(ref)
    }
  }

  const readmitBlindly = async (station: Station): Promise<void> => {
    const { late, quarantine } = world.server.tables
    const known: readonly Readmission[] = [
      ...[...late.values()].map(({ ref }) => ({ ref, was: 'late', reason: null }) as const),
      ...[...quarantine.values()].map(({ reason, ref }) => ({ ref, was: 'invalid', reason }) as const),
    ]
    const readmission = known[random.nextInt(Math.max(1, known.length))]
    if (!readmission) return
    note('readmit', `${station.process.name} is told that ${formatRef(readmission.ref)} counts`)
    await station.readmitBlindly(readmission)
  }

  /** Drops what no snapshot needs any more. */
  const tidy = async (): Promise<void> => {
    const { log } = site
    const oldest = world.server.tables.snapshots.at(-1)
    if (!log || !oldest) return
    const needed = (await site.listAll()).filter(({ sequence }) => sequence >= oldest.untilSequence)
    const keptFromMs = needed.reduce((least, { appendedAtMs }) => Math.min(least, appendedAtMs), world.nowMs())
    await log.retain({ bytes: 0, ageMs: Math.max(1, world.nowMs() - keptFromMs) }, world.nowMs())
    const { partitions } = log.describe()
    await world.server.warehouse.prune({
      windowsBeforeMs: null,
      lateRows: 5,
      quarantineRows: 5,
      evictedRows: 5,
      heldFrom: partitions.map(({ partition, startOffset, topic }) => ({ topic, partition, offset: startOffset })),
      epochsBelowSequence: log.describe().startSequence,
      epochRows: 100_000,
      alertRows: 1,
      trendsBeforeMs: 0,
    })
    note('retention', `the log begins at ${log.describe().startSequence}`)
  }

  /** Whoever did something and was hit on the way has said so already. */
  const attempt = (doing: Promise<void>): void =>
    void doing.catch((error: unknown) => trace.note(scheduler.nowMs, 'world', `not done: ${String(error)}`))

  // A log on a disk is one process's, and what is dropped from a log may be what an owner from before still wants.
  const mayBeTakenOver = scenario.logKind !== 'segment' && !scenario.retains
  const tick = (): void => {
    const { newest } = hall
    if (happens('log-outage')) breakOff('log')
    if (happens('warehouse-outage')) breakOff('warehouse')
    if (happens('sleep')) sleep()
    if (happens('clock-jump')) jump()
    if (newest && happens('restart')) attempt(restart(newest))
    if (newest && random.chance(faults.crash * 2)) {
      trace.count('crash')
      newest.process.kill('at any moment')
    }
    if (mayBeTakenOver && happens('takeover')) {
      note('takeover', 'another process takes over')
      hall.launch()
    }
    if (newest?.process.isAlive && !scenario.retains && happens('readmit')) {
      attempt(random.chance(0.6) ? readmit(newest) : readmitBlindly(newest))
    }
    if (scenario.retains && random.chance(0.1)) attempt(tidy())
  }

  return {
    async run() {
      while (scheduler.nowMs < untilMs) {
        tick()
        await world.sleep(1_000)
      }
    },
    readmitted,
  }
}
