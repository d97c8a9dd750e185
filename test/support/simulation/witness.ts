import type { EpochCommit, PartitionOffset, StoredWindow } from '../../../core/warehouse/warehouse.ts'
import type { MemoryTables } from '../../../core/warehouse/memory/memory-warehouse.ts'
import { formatWindowKey } from '../../../core/warehouse/amend.ts'
import type { SimulatedProcess } from './process.ts'
import type { World } from './world.ts'

/** A commit as it took effect, and what the tables held right after it. */
export interface SeenCommit {
  readonly commit: EpochCommit
  readonly futureMs: number
  /** The windows that it wrote, as stored. */
  readonly stored: readonly StoredWindow[]
  readonly offsets: readonly PartitionOffset[]
}

/** Sees all that happens, from outside; remembers what is checked afterwards. */
export interface Witness {
  noteCommit(commit: EpochCommit, tables: MemoryTables, by: SimulatedProcess): void
  noteClaim(token: string): void
  /** Something that starts the count of quiet time anew: a sale was read, a partition could not be. */
  noteDisturbed(process: SimulatedProcess): void
  /** Every process stood still. */
  noteSlept(): void
  /** A read gave nothing. */
  notePoll(process: SimulatedProcess): void
  /** The warehouse is a new one. */
  forgetCommits(): void
  /** Those of the warehouse that there is, in order. */
  readonly commits: readonly SeenCommit[]
  readonly committed: number
}

interface Watched {
  readonly disturbedAtMs: number[]
  readonly polls: { readonly atMs: number; readonly wallMs: number }[]
}

export function createWitness(world: Pick<World, 'nowMs' | 'report' | 'scenario' | 'scheduler' | 'trace'>): Witness {
  const { scenario, scheduler, trace } = world
  const watched = new Map<SimulatedProcess, Watched>()
  let commits: SeenCommit[] = []
  let owner: string | null = null
  let committed = 0

  const watch = (process: SimulatedProcess): Watched => {
    const known = watched.get(process) ?? { disturbedAtMs: [], polls: [] }
    watched.set(process, known)
    return known
  }

  /** An idle close needs quiet, and windows that are due. */
  const checkIdle = ({ epoch }: EpochCommit, by: SimulatedProcess): void => {
    const { disturbedAtMs, polls } = watch(by)
    if (scenario.idleMs === 0) world.report('idle', `epoch ${epoch.epoch} is idle where nothing closes by itself`)
    if ((epoch.watermarkMs ?? 0) > epoch.readAtMs - scenario.latenessMs) {
      world.report('idle', `epoch ${epoch.epoch} closes windows that were not due`)
    }
    const decided = polls.findLast(({ wallMs }) => wallMs === epoch.readAtMs)
    if (!decided) return world.report('idle', `epoch ${epoch.epoch} is idle without a poll that gave nothing`)
    const quietMs = decided.atMs - (disturbedAtMs.findLast((atMs) => atMs <= decided.atMs) ?? -Infinity)
    if (quietMs < scenario.idleMs - 0.01) {
      world.report('idle', `epoch ${epoch.epoch} closes windows after ${quietMs.toFixed(1)} ms of quiet`)
    }
  }

  return {
    noteCommit(commit, tables, by) {
      const { epoch } = commit
      committed += 1
      trace.note(
        scheduler.nowMs,
        by.name,
        `committed ${epoch.kind} epoch ${epoch.epoch}, [${epoch.fromSequence}, ${epoch.untilSequence})`,
      )
      if (commit.token !== owner)
        world.report('fencing', `epoch ${epoch.epoch} was committed by ${commit.token}, not ${owner}`)
      if (epoch.kind === 'idle') checkIdle(commit, by)
      const keys = new Set([...commit.rows, ...commit.amendments].map(formatWindowKey))
      const stored = [...keys].flatMap((key) => tables.windows.get(key) ?? [])
      commits.push({ commit, futureMs: by.futureMs, stored, offsets: [...tables.offsets.values()] })
    },
    noteClaim(token) {
      owner = token
    },
    noteDisturbed(process) {
      watch(process).disturbedAtMs.push(scheduler.nowMs)
    },
    noteSlept() {
      for (const { disturbedAtMs } of watched.values()) disturbedAtMs.push(scheduler.nowMs)
    },
    notePoll(process) {
      watch(process).polls.push({ atMs: scheduler.nowMs, wallMs: world.nowMs() })
    },
    forgetCommits() {
      commits = []
    },
    get commits() {
      return commits
    },
    get committed() {
      return committed
    },
  }
}
