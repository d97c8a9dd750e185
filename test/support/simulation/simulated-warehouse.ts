import { Fault } from '../../../core/base/fault.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import {
  createMemoryTables,
  createMemoryWarehouse,
  type MemoryTables,
} from '../../../core/warehouse/memory/memory-warehouse.ts'
import type { EpochCommit, Snapshot, Warehouse } from '../../../core/warehouse/warehouse.ts'
import { createCall, simulated } from './port.ts'
import { type SimulatedProcess, wait } from './process.ts'
import type { Witness } from './witness.ts'
import type { World } from './world.ts'

/** The warehouse itself, which no process takes with it. */
export interface WarehouseServer {
  readonly tables: MemoryTables
  readonly warehouse: Warehouse
  /** Attempts whose process is gone or cut off, and that still hold the lock on the owner's row. */
  locks: number
  /** Nothing can be read any more; it can only be replaced. */
  isDamaged: boolean
  /** A commit as it arrives. */
  apply(commit: EpochCommit, by: SimulatedProcess): Promise<void>
}

export function createServer(witness: Witness): WarehouseServer {
  const tables = createMemoryTables()
  const warehouse = createMemoryWarehouse({ sketch: windowSketch, tables })
  return {
    tables,
    warehouse,
    locks: 0,
    isDamaged: false,
    async apply(commit, by) {
      await warehouse.commit(commit)
      witness.noteCommit(commit, tables, by)
    },
  }
}

/** A connection from a process to whatever is the warehouse at the moment. */
// Long because every verb of the port has its own way to go wrong.
export function connectWarehouse(world: World, process: SimulatedProcess): Warehouse {
  const { random, scenario, scheduler, trace } = world
  const { faults } = scenario
  const { server } = world
  const { warehouse } = server
  const call = createCall(world, process, () => world.outages.warehouseUntilMs)
  /** The epoch whose fate is not known to the process. */
  let unknownEpoch: number | null = null

  const refuseDamaged = (): void => {
    if (server.isDamaged) throw new Fault('warehouse-damaged', `${simulated}the warehouse cannot be read`)
  }
  const ask = <Result>(name: string, effect: () => Promise<Result>, risk = 1): Promise<Result> =>
    call(
      name,
      async () => {
        refuseDamaged()
        return await effect()
      },
      { risk },
    )
  /** Whoever updates the owner's row waits for those that hold its lock. */
  const waitForLocks = async (): Promise<void> => {
    while (server.locks > 0) await process.hop(10)
  }

  const land = (commit: EpochCommit, holdsLock: boolean): void => {
    trace.count('lands-late')
    if (holdsLock) server.locks += 1
    const isRolledBack = random.chance(0.3)
    scheduler.after(5 + random.nextInt(2_000), () => {
      if (holdsLock) server.locks -= 1
      if (isRolledBack || server.isDamaged) return
      const say = (what: string): void =>
        trace.note(scheduler.nowMs, 'network', `epoch ${commit.epoch.epoch} arrives late: ${what}`)
      server.apply(commit, process).then(
        () => say('committed'),
        (error: unknown) => say(String(error)),
      )
    })
  }

  const commitOnce = async (commit: EpochCommit): Promise<void> => {
    if (!world.isCalm && random.chance(faults['lands-late'])) {
      await process.hop(random.next() * 2)
      refuseDamaged()
      land(commit, random.chance(0.5))
      if (random.chance(0.3)) {
        process.kill('while its commit is under way')
        return await wait()
      }
      throw new Fault('unreachable', `${simulated}the connection was lost`, { retry: true })
    }
    if (world.mayBeDamaged && !world.isCalm && random.chance(faults.damage)) {
      trace.count('damage')
      server.isDamaged = true
    }
    await call(
      `commit ${commit.epoch.epoch}`,
      async () => {
        refuseDamaged()
        await server.apply(commit, process)
      },
      { risk: 2, isRepeatable: true },
    )
  }

  /** What a torn write leaves of a snapshot. */
  const tear = (snapshot: Snapshot): Snapshot => {
    if (world.isCalm || !world.mayLoseSnapshots || !random.chance(faults['snapshot-torn'])) return snapshot
    trace.count('snapshot-torn')
    return { ...snapshot, state: snapshot.state.slice(0, random.nextInt(snapshot.state.length)) }
  }
  const lose = (snapshots: readonly Snapshot[]): readonly Snapshot[] => {
    if (world.isCalm || !world.mayLoseSnapshots || !random.chance(faults['snapshot-lost'])) return snapshots
    trace.count('snapshot-lost')
    return snapshots.slice(1 + random.nextInt(2))
  }

  return {
    ...warehouse,
    claim: (claim) =>
      ask('claim', async () => {
        await waitForLocks()
        await warehouse.claim(claim)
        world.witness.noteClaim(claim.token)
        trace.note(scheduler.nowMs, process.name, `owns the warehouse as ${claim.token}`)
      }),
    loadProgress: () => ask('progress', () => warehouse.loadProgress()),
    async commit(commit) {
      if (unknownEpoch !== null) world.report('outcome', `epoch ${unknownEpoch} is tried again, its fate not looked at`)
      unknownEpoch = commit.epoch.epoch
      await commitOnce(commit)
      unknownEpoch = null
    },
    async settle(token) {
      const progress = await ask('settle', async () => {
        await waitForLocks()
        return await warehouse.settle(token)
      })
      unknownEpoch = null
      return progress
    },
    saveSnapshot: (snapshot) =>
      ask(`snapshot ${snapshot.epoch}`, async () => {
        await warehouse.saveSnapshot(tear(snapshot))
      }),
    loadSnapshots: () => ask('snapshots', async () => lose(await warehouse.loadSnapshots())),
    listEpochs: (from, limit) => ask('epochs', () => warehouse.listEpochs(from, limit), 0.5),
    listIdleEpochs: (from) => ask('idle epochs', () => warehouse.listIdleEpochs(from), 0.5),
    findLate: (ref) => ask('late', () => warehouse.findLate(ref), 0.3),
    findQuarantined: (ref) => ask('quarantine', () => warehouse.findQuarantined(ref), 0.3),
    prune: (bounds) => ask('prune', () => warehouse.prune(bounds)),
    close: () => process.hop(random.next()),
  }
}
