import { mkdir, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { DistinctKind } from '../../base/distinct.ts'
import { systemErrorCode, toFault } from '../../base/fault.ts'
import { type Duckdb, openDuckdb } from '../../duckdb/connection.ts'
import { createKeptSums, type KeptSums } from '../kept-sums.ts'
import type { EpochCommit, Warehouse } from '../warehouse.ts'
import { createCheckpoints } from './checkpoints.ts'
import { type Committed, commitEpoch } from './commit.ts'
import { listEpochs, listIdleEpochs, readProgress } from './epoch-rows.ts'
import { createGuests, type Guests } from './guests.ts'
import { createHolder, type Holder, sessionCount } from './holder.ts'
import {
  deleteQuarantined,
  findEvicted,
  findLate,
  findQuarantined,
  listConflicts,
  listLate,
  listQuarantined,
  sumLedgers,
} from './ledgers.ts'
import { migrateSchema, schemasSql } from './migrate.ts'
import { findHardLimitMb, keepLimitOpenSql, trimPages } from './memory.ts'
import { appendAudit, listAlerts, listAudit, listTrends, saveAlerts, saveTrends } from './operations.ts'
import { claimOwner, readOwner, releaseOwner, settleOwner, touchOwner } from './owner-row.ts'
import { pruneTables } from './prune.ts'
import { createSnapshots, findSnapshotFolder } from './snapshots.ts'
import { sumWindows } from './stats.ts'
import { listWindows } from './stored-windows.ts'

export interface DuckdbWarehouseOptions {
  /** Path of the database file; its folder is made if need be. */
  readonly file: string
  /** Kind of the windows' sketches, for amendments. */
  readonly sketch: DistinctKind
  /** Memory for cached pages, and for all work while there are queries, megabytes. */
  readonly memoryLimitMb?: number
  /** Times user SQL. */
  readonly clock?: Clock
}

const defaultMemoryLimitMb = 96

/** Snapshots of a warehouse that is gone say nothing of the one that is made in its place. */
async function dropOrphans(file: string): Promise<void> {
  try {
    if ((await stat(file)).size > 0) return
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
  }
  await rm(findSnapshotFolder(file), { recursive: true, force: true })
}

async function openFile({ file, memoryLimitMb = defaultMemoryLimitMb }: DuckdbWarehouseOptions): Promise<Duckdb> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await dropOrphans(file)
  } catch (error) {
    throw toFault(error, `${dirname(file)} could not be made ready`)
  }
  return await openDuckdb({
    file,
    memoryLimitMb: findHardLimitMb(memoryLimitMb),
    sessions: sessionCount,
    reachesFiles: false,
    setUp: `${schemasSql} ${keepLimitOpenSql};`,
    setUpSession: "SET search_path = 'public,storepulse'",
    checkpointBytes: null,
  })
}

/** Commits epochs on the writing session; checkpoints between commits. */
function createCommitter(
  holder: Holder,
  guests: Guests,
  stats: KeptSums,
  { file, memoryLimitMb = defaultMemoryLimitMb, sketch }: DuckdbWarehouseOptions,
): (commit: EpochCommit) => Promise<void> {
  const checkpoints = createCheckpoints(file)
  let before: Committed | null = null

  const commitOnce = async (commit: EpochCommit): Promise<void> => {
    const { rows } = await holder.write('an epoch could not be committed', async (session) => {
      const known = before
      before = null
      const result = await commitEpoch(session, commit, sketch, known)
      before = result.committed
      return result
    })
    if (rows.length > 0) stats.noteWritten(rows.reduce((least, { startMs }) => Math.min(least, startMs), Infinity))
  }
  /** Where it matters that one failed, the next use of the warehouse says so. */
  const checkpointIfDue = async (rows: number): Promise<boolean> => {
    try {
      if (!checkpoints.isLookDue(rows)) return false
      await holder.write('the file could not be looked at', () => checkpoints.checkFile())
      if (!(await checkpoints.isDue())) return false
      await holder.write('a checkpoint failed', (session) => checkpoints.run(session))
      if (guests.count > 0) return true
      return await holder.workAlone('memory could not be given up', (session) => trimPages(session, memoryLimitMb))
    } catch {
      return false
    }
  }

  return async (commit) => {
    await commitOnce(commit)
    void checkpointIfDue(commit.rows.length)
  }
}

/**
 * Opens the embedded warehouse. {@link Warehouse.migrate} comes next.
 *
 * @throws Fault `owned`, `warehouse-damaged`, `read-only`, `disk-full`, `data-directory`; the file stays as it is
 */
export async function openDuckdbWarehouse(options: DuckdbWarehouseOptions): Promise<Warehouse> {
  const { clock = systemClock, file, memoryLimitMb = defaultMemoryLimitMb } = options
  const holder = createHolder(await openFile(options), () => openFile(options))
  const snapshots = createSnapshots(findSnapshotFolder(file))
  const stats = createKeptSums({ keptMs: Number.POSITIVE_INFINITY, zoneSlackMs: 0 })
  const guests = createGuests(holder, clock, memoryLimitMb)
  const commit = createCommitter(holder, guests, stats, options)

  return {
    migrate: () => holder.write('the schema could not be brought up to date', migrateSchema),
    claim: (claim) => holder.write('the warehouse could not be claimed', (session) => claimOwner(session, claim)),
    loadProgress: () => holder.read('the progress could not be read', readProgress),
    commit,
    settle: (token) => holder.write('the progress could not be read', (session) => settleOwner(session, token)),
    beat: (token, atMs) =>
      holder.write('the owner could not be noted', (session) => touchOwner(session, 'seen_at', token, atMs)),
    release: (token) => holder.write('the warehouse could not be given up', (session) => releaseOwner(session, token)),
    readOwner: () => holder.read('the owner could not be read', readOwner),
    saveSnapshot: (snapshot) => snapshots.save(snapshot),
    loadSnapshots: () => snapshots.load(),
    listEpochs: (from, limit) =>
      holder.read('the epochs could not be read', (session) => listEpochs(session, from, limit)),
    listIdleEpochs: (from) => holder.read('the epochs could not be read', (session) => listIdleEpochs(session, from)),
    readStats: () =>
      holder.read('the stats could not be read', (session) => stats.read(sumWindows(session), clock.nowMs())),
    listWindows: (fromMs, untilMs) =>
      holder.read('the windows could not be read', (session) => listWindows(session, fromMs, untilMs)),
    listLate: (page) => holder.read('the late ledger could not be read', (session) => listLate(session, page)),
    listQuarantine: (page) =>
      holder.read('the quarantine could not be read', (session) => listQuarantined(session, page)),
    findLate: (ref) => holder.read('the late ledger could not be read', (session) => findLate(session, ref)),
    findQuarantined: (ref) =>
      holder.read('the quarantine could not be read', (session) => findQuarantined(session, ref)),
    listConflicts: (page) => holder.read('the conflicts could not be read', (session) => listConflicts(session, page)),
    findEvicted: (ref) => holder.read('the ledgers could not be read', (session) => findEvicted(session, ref)),
    sumLedgers: () => holder.read('the ledgers could not be read', sumLedgers),
    purgeQuarantine: (refs) =>
      holder.write('the quarantine could not be purged', (session) => deleteQuarantined(session, refs)),
    saveAlerts: (alerts) => holder.write('alerts could not be kept', (session) => saveAlerts(session, alerts)),
    listAlerts: (limit) => holder.read('the alerts could not be read', (session) => listAlerts(session, limit)),
    saveTrends: (points) => holder.write('trends could not be kept', (session) => saveTrends(session, points)),
    listTrends: (sinceMs) => holder.read('the trends could not be read', (session) => listTrends(session, sinceMs)),
    appendAudit: (entry) =>
      holder.write('the audit trail could not be written', (session) => appendAudit(session, entry)),
    listAudit: (page) => holder.read('the audit trail could not be read', (session) => listAudit(session, page)),
    async prune(bounds) {
      await holder.write('old rows could not be dropped', (session) => pruneTables(session, bounds))
      stats.forget()
    },
    query: (sql, queryOptions) => guests.query(sql, queryOptions),
    async close() {
      guests.end()
      await holder.close()
    },
  }
}
