import type { DistinctKind } from '../../base/distinct.ts'
import { Fault } from '../../base/fault.ts'
import type { EpochRecord, WindowRow } from '../../events/epoch.ts'
import { formatRef } from '../../events/record.ts'
import { applyAmendments, formatWindowKey } from '../amend.ts'
import { summarize } from '../summary.ts'
import {
  createLedgers,
  createLedgerTables,
  keepConflicts,
  type LedgerTables,
  markReadmitted,
  trimLedgers,
} from './ledgers.ts'
import { type OperationTables, rememberOperations, trimOperations } from './operations.ts'
import type {
  EpochCommit,
  OwnerState,
  Progress,
  PartitionOffset,
  Snapshot,
  StoredWindow,
  Warehouse,
} from '../warehouse.ts'

/** What a memory warehouse holds; handed to a second instance it is the warehouse reopened. */
export interface MemoryTables extends OperationTables, LedgerTables {
  readonly windows: Map<string, StoredWindow>
  /** Keys of the windows that the user's table would have. */
  readonly published: Set<string>
  readonly offsets: Map<string, PartitionOffset>
  readonly epochs: EpochRecord[]
  snapshots: readonly Snapshot[]
  progress: Omit<Progress, 'offsets'> | null
  owner: OwnerState | null
}

/** Empty tables. */
export const createMemoryTables = (): MemoryTables => ({
  windows: new Map(),
  published: new Set(),
  offsets: new Map(),
  epochs: [],
  ...createLedgerTables(),
  snapshots: [],
  progress: null,
  owner: null,
  alerts: new Map(),
  trends: new Map(),
  audit: [],
})

export interface MemoryWarehouseOptions {
  /** Kind of the windows' sketches, for amendments. */
  readonly sketch: DistinctKind
  readonly tables?: MemoryTables
}

const snapshotsKept = 2

/** @throws Fault `fenced` */
function checkOwner(tables: MemoryTables, token: string): OwnerState {
  if (tables.owner?.token === token) return tables.owner
  throw new Fault('fenced', 'another process has taken this warehouse over')
}

/** Refuses a commit before anything is changed. */
function checkCommit(tables: MemoryTables, commit: EpochCommit): void {
  checkOwner(tables, commit.token)
  const { epoch } = commit.epoch
  if (tables.progress && epoch <= tables.progress.epoch) {
    throw new Fault('internal', `epoch ${epoch} is already committed`)
  }
  const sizeMs = tables.progress?.windowSizeMs ?? commit.windowSizeMs
  if (commit.windowSizeMs !== sizeMs) {
    throw new Fault('setting', `/window/sizeMs must stay ${sizeMs}: the warehouse has rows of that size`, {
      domain: 'user',
    })
  }
}

function noteSeen(tables: MemoryTables, token: string, atMs: number): void {
  const owner = checkOwner(tables, token)
  tables.owner = { ...owner, seenAtMs: Math.max(owner.seenAtMs ?? atMs, atMs) }
}

const readProgress = (tables: MemoryTables): Progress | null =>
  tables.progress ? { ...tables.progress, offsets: [...tables.offsets.values()] } : null

/** A warehouse of plain maps: for scratch work and for tests. It has no SQL. */
export function createMemoryWarehouse(options: MemoryWarehouseOptions): Warehouse {
  const tables = options.tables ?? createMemoryTables()

  const putRow = (row: WindowRow, finalRowsOnly: boolean): void => {
    const key = formatWindowKey(row)
    const stored = tables.windows.get(key)
    if (stored && stored.revision >= row.revision) return
    const sketch = row.final ? row.sketch : new Uint8Array(0)
    tables.windows.set(key, { ...row, sketch })
    if (row.final || !finalRowsOnly) tables.published.add(key)
  }

  return {
    migrate: async () => undefined,
    claim: async ({ atMs, command, processId, token }) => {
      tables.owner = { token, processId, command, claimedAtMs: atMs, seenAtMs: null }
    },
    loadProgress: async () => readProgress(tables),
    async commit(commit) {
      checkCommit(tables, commit)
      const { epoch } = commit.epoch
      const rows = applyAmendments(commit.rows, commit.amendments, tables.windows, options.sketch)
      for (const row of rows) putRow(row, commit.finalRowsOnly)
      for (const sale of commit.late) tables.late.set(formatRef(sale.ref), { ...sale, epoch, readmittedAtMs: null })
      for (const record of commit.quarantined) {
        tables.quarantine.set(formatRef(record.ref), { ...record, epoch, readmittedAtMs: null })
      }
      markReadmitted(tables, commit.readmitted, commit.committedAtMs)
      keepConflicts(tables, commit.conflicts, epoch)
      for (const offset of commit.offsets) tables.offsets.set(`${offset.topic}/${offset.partition}`, offset)
      tables.epochs.push(commit.epoch)
      const { watermarkMs, untilSequence } = commit.epoch
      tables.progress = {
        epoch,
        untilSequence,
        watermarkMs,
        counters: commit.counters,
        windowSizeMs: commit.windowSizeMs,
      }
      noteSeen(tables, commit.token, commit.committedAtMs)
    },
    async settle(token) {
      checkOwner(tables, token)
      return readProgress(tables)
    },
    beat: async (token, atMs) => noteSeen(tables, token, atMs),
    release: async (token) => {
      if (tables.owner?.token === token) tables.owner = { ...tables.owner, token: null }
    },
    readOwner: async () => tables.owner,
    saveSnapshot: async (snapshot) => {
      tables.snapshots = [snapshot, ...tables.snapshots].slice(0, snapshotsKept)
    },
    loadSnapshots: async () => tables.snapshots,
    listEpochs: async (fromEpoch, limit) => tables.epochs.filter(({ epoch }) => epoch >= fromEpoch).slice(0, limit),
    listIdleEpochs: async (fromEpoch) =>
      tables.epochs.filter(({ epoch, kind }) => kind === 'idle' && epoch >= fromEpoch),
    readStats: async () => {
      const rows = [...tables.windows].flatMap(([key, row]) => (tables.published.has(key) ? [row] : []))
      return {
        windows: rows.length,
        transactions: rows.reduce((sum, row) => sum + row.transactions, 0),
        cents: rows.reduce((sum, row) => sum + (summarize(row.cents, row.transactions).revenueCents ?? 0n), 0n),
        stores: new Set(rows.map(({ storeId }) => storeId)).size,
        latestWindowMs: rows.reduce<number | null>((latest, { startMs }) => Math.max(latest ?? startMs, startMs), null),
      }
    },
    listWindows: async (fromMs, untilMs) =>
      [...tables.windows.values()]
        .filter(({ startMs }) => startMs >= fromMs && startMs < untilMs)
        .sort((left, right) => left.startMs - right.startMs || left.storeId - right.storeId),
    ...createLedgers(tables),
    ...rememberOperations(tables),
    async prune(bounds) {
      for (const [key, row] of tables.windows) {
        if (bounds.windowsBeforeMs === null || row.endMs > bounds.windowsBeforeMs) continue
        tables.windows.delete(key)
        tables.published.delete(key)
      }
      trimLedgers(tables, bounds)
      trimOperations(tables, bounds)
      const last = tables.epochs.length - 1
      const kept = tables.epochs.filter(({ kind, untilSequence }, index) => {
        if (index === last) return true
        if (kind === 'idle') return untilSequence >= bounds.epochsBelowSequence
        return untilSequence > bounds.epochsBelowSequence && index > last - bounds.epochRows
      })
      tables.epochs.splice(0, tables.epochs.length, ...kept)
    },
    query: async () => {
      throw new Fault('sql', 'a warehouse in memory answers no SQL', {
        domain: 'user',
        hint: 'use a profile with a warehouse on disk, such as local',
      })
    },
    close: async () => undefined,
  }
}
