import { createRandom } from '../../../core/base/random.ts'
import type { LogRecord } from '../../../core/events/record.ts'
import type { EventLog, LogPosition } from '../../../core/log/log.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { createLedgerLog, type LedgerLog } from '../ledger-log.ts'
import { createSimulatedDisk, type SimulatedDisk } from '../simulated-disk.ts'
import { openSimulatedLog } from '../simulated-log.ts'
import type { SimulatedProcess } from './process.ts'
import type { MadeRecord } from './shop.ts'
import type { Station } from './station.ts'
import type { World } from './world.ts'

/** Where the log is kept, whatever becomes of the processes that read it. */
export interface LogSite {
  /** As a process finds it. */
  open(process: SimulatedProcess): Promise<EventLog>
  /** Appends as a producer does; where a log lives in a process it is that one's, and goes with it. */
  append(records: readonly MadeRecord[], through: Station | undefined): Promise<void>
  /** What a process leaves behind that is gone. */
  noteEnd(process: SimulatedProcess): void
  /** For a log that has its order in itself: every record it has ever had, by sequence. */
  listAll(): Promise<readonly LogRecord[]>
  /** For a log whose order the ledger has. */
  readonly ledger: LedgerLog | null
  /** Outside of all processes; null where only a process can have it. */
  readonly log: EventLog | null
}

const stampOf = (world: World, made: readonly MadeRecord[], hasProducerTime: boolean) => ({
  appendedAtMs: made.map(({ producerSkewMs }) => {
    if (!hasProducerTime) return world.nowMs()
    // A producer may give no time at all.
    return producerSkewMs === -1 ? -1 : world.nowMs() + producerSkewMs
  }),
  origin: 'live' as const,
})

async function readToEnd(log: EventLog, from: readonly LogPosition[]): Promise<readonly LogRecord[]> {
  const reader = log.openReader(from)
  const records: LogRecord[] = []
  for (let some = await reader.read(10_000, 1_000_000); some.length > 0; some = await reader.read(10_000, 1_000_000)) {
    records.push(...some)
  }
  await reader.close()
  return records
}

/** A log in memory that outlives its readers, with its own order or a cluster's. */
function createSharedSite(world: World, log: EventLog, ledger: LedgerLog | null): LogSite {
  const seen: LogRecord[] = []
  return {
    open: async () => log,
    async append(made) {
      await log.append(
        made.map(({ record }) => record),
        stampOf(world, made, ledger !== null),
      )
      world.wakeReaders()
    },
    noteEnd: () => undefined,
    async listAll() {
      if (ledger) return []
      // What is dropped later has been seen by then.
      const { partitions } = log.describe()
      const from = partitions.map(({ topic, partition, startOffset }) => {
        const last = seen.findLast((record) => record.topic === topic && record.partition === partition)
        return { topic, partition, offset: last ? last.offset + 1 : startOffset }
      })
      seen.push(...(await readToEnd(log, from)))
      return seen
    },
    ledger,
    log,
  }
}

/** The real log of segments, on a disk that a power cut leaves some of. */
function createDiskSite(world: World): LogSite {
  const { random, scenario, trace } = world
  let disk: SimulatedDisk = createSimulatedDisk()
  let isFirst = true
  return {
    async open(process) {
      disk = disk.copy(() => process.hop(0.05))
      isFirst = false
      return await openSimulatedLog(disk, {
        partitions: scenario.partitions,
        clock: process.clock,
        segmentBytes: 4_096,
      })
    },
    async append(made, through) {
      if (!through?.log) return
      const appending = through.log.append(
        made.map(({ record }) => record),
        stampOf(world, made, false),
      )
      const noteLost = (error: unknown): void =>
        trace.note(world.scheduler.nowMs, 'shop', `not taken: ${String(error)}`)
      await Promise.race([appending.catch(noteLost), through.process.killed])
    },
    noteEnd() {
      if (isFirst || world.isCalm || !random.chance(scenario.faults['power-cut'])) return
      trace.count('power-cut')
      disk = disk.cutPower(random)
    },
    async listAll() {
      const log = await openSimulatedLog(
        disk.copy(() => Promise.resolve()),
        { partitions: scenario.partitions },
      )
      const records = await readToEnd(log, [])
      await log.close()
      return records
    },
    ledger: null,
    log: null,
  }
}

export function createLogSite(world: World): LogSite {
  const { logKind, partitions, seed } = world.scenario
  if (logKind === 'segment') return createDiskSite(world)
  if (logKind === 'memory') return createSharedSite(world, createMemoryLog({ partitions }), null)
  const ledger = createLedgerLog(partitions, createRandom(seed, 'fetches'))
  return createSharedSite(world, ledger, ledger)
}
