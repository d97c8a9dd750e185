import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { DistinctKind } from '../../base/distinct.ts'
import { Fault, toFault } from '../../base/fault.ts'
import { type Duckdb, openDuckdb } from '../../duckdb/connection.ts'
import { runGuestQuery } from '../../duckdb/guest-query.ts'
import type { OwnerClaim, EpochCommit, QueryOptions, QueryResult, Warehouse } from '../warehouse.ts'
import { createCheckpoints } from './checkpoints.ts'
import { type Committed, commitEpoch } from './commit.ts'
import { listEpochs, listIdleEpochs, readProgress } from './epoch-rows.ts'
import { createHolder, type Holder, sessionCount } from './holder.ts'
import { deleteQuarantined, findLate, findQuarantined, listLate, listQuarantined } from './ledgers.ts'
import { migrateSchema, schemasSql } from './migrate.ts'
import { pruneTables } from './prune.ts'
import { createSnapshots, findSnapshotFolder } from './snapshots.ts'
import { createStats } from './stats.ts'
import { listWindows } from './stored-windows.ts'

export interface DuckdbWarehouseOptions {
  /** Path of the database file; its folder is made if need be. */
  readonly file: string
  /** Kind of the windows' sketches, for amendments. */
  readonly sketch: DistinctKind
  /** Memory DuckDB may use for data, megabytes. */
  readonly memoryLimitMb?: number
  /** Times user SQL. */
  readonly clock?: Clock
}

const defaultMemoryLimitMb = 96

async function openFile({ file, memoryLimitMb = defaultMemoryLimitMb }: DuckdbWarehouseOptions): Promise<Duckdb> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw toFault(error, `${dirname(file)} could not be made`)
  }
  return await openDuckdb({
    file,
    memoryLimitMb,
    sessions: sessionCount,
    reachesFiles: false,
    setUp: schemasSql,
    setUpSession: "SET search_path = 'public,storepulse'",
    checkpointBytes: null,
  })
}

const claimSql = `INSERT INTO storepulse.owner (slot, fencing_token, process_id, command, claimed_at)
  SELECT 1, $1, $2, $3, epoch_ms($4::BIGINT)
  ON CONFLICT (slot) DO UPDATE SET fencing_token = excluded.fencing_token, process_id = excluded.process_id,
    command = excluded.command, claimed_at = excluded.claimed_at`

/** Commits epochs on the writing session. */
function createCommitter(holder: Holder, options: DuckdbWarehouseOptions, noteWritten: (startMs: number) => void) {
  const checkpoints = createCheckpoints(options.file)
  const guests = new Set<AbortController>()
  let before: Committed | null = null

  const commitOnce = async (commit: EpochCommit): Promise<void> => {
    const rows = await holder.write('an epoch could not be committed', async (session) => {
      const known = before
      before = null
      const result = await commitEpoch(session, commit, options.sketch, known)
      before = result.committed
      return result.rows
    })
    if (rows.length > 0) noteWritten(rows.reduce((least, { startMs }) => Math.min(least, startMs), Infinity))
  }
  /** Between commits. Where it matters that one failed, the next use of the warehouse says so. */
  const checkpointIfDue = async (rows: number): Promise<boolean> => {
    try {
      if (!(await checkpoints.isDue(rows))) return false
      await holder.write('a checkpoint failed', (session) => checkpoints.run(session))
      return true
    } catch {
      return false
    }
  }

  return {
    guests,
    async commit(commit: EpochCommit): Promise<void> {
      try {
        await commitOnce(commit)
      } catch (error) {
        if (!(error instanceof Fault) || error.detail['outOfMemory'] !== true || guests.size === 0) throw error
        // Somebody's query has taken the memory: it goes, the commit stays.
        for (const guest of guests) guest.abort()
        await commitOnce(commit)
      }
      void checkpointIfDue(commit.rows.length)
    },
  }
}

/**
 * Opens the embedded warehouse. {@link Warehouse.migrate} comes next.
 *
 * @throws Fault `owned`, `warehouse-damaged`, `read-only`, `disk-full`, `data-directory`; the file stays as it is
 */
export async function openDuckdbWarehouse(options: DuckdbWarehouseOptions): Promise<Warehouse> {
  const { clock = systemClock, file } = options
  const holder = createHolder(await openFile(options), () => openFile(options))
  const snapshots = createSnapshots(findSnapshotFolder(file))
  const stats = createStats()
  const committer = createCommitter(holder, options, (startMs) => stats.noteWritten(startMs))

  const claim = ({ atMs, command, processId, token }: OwnerClaim): Promise<number> =>
    holder.write('the warehouse could not be claimed', (session) =>
      session.run(claimSql, [token, processId, command, atMs]),
    )
  const query = async (sql: string, { maxRows, signal, timeoutMs }: QueryOptions): Promise<QueryResult> => {
    const stop = new AbortController()
    const abort = (): void => stop.abort()
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    committer.guests.add(stop)
    try {
      return await holder.visit(stop.signal, (session) =>
        runGuestQuery(session, sql, { timeoutMs, maxRows, clock, signal: stop.signal }),
      )
    } finally {
      committer.guests.delete(stop)
      signal?.removeEventListener('abort', abort)
    }
  }

  return {
    migrate: () => holder.write('the schema could not be brought up to date', migrateSchema),
    async claim(request) {
      await claim(request)
    },
    loadProgress: () => holder.read('the progress could not be read', readProgress),
    commit: (commit) => committer.commit(commit),
    saveSnapshot: (snapshot) => snapshots.save(snapshot),
    loadSnapshots: () => snapshots.load(),
    listEpochs: (from, limit) =>
      holder.read('the epochs could not be read', (session) => listEpochs(session, from, limit)),
    listIdleEpochs: (from) => holder.read('the epochs could not be read', (session) => listIdleEpochs(session, from)),
    readStats: () => holder.read('the stats could not be read', (session) => stats.read(session)),
    listWindows: (fromMs, untilMs) =>
      holder.read('the windows could not be read', (session) => listWindows(session, fromMs, untilMs)),
    listLate: (page) => holder.read('the late ledger could not be read', (session) => listLate(session, page)),
    listQuarantine: (page) =>
      holder.read('the quarantine could not be read', (session) => listQuarantined(session, page)),
    findLate: (ref) => holder.read('the late ledger could not be read', (session) => findLate(session, ref)),
    findQuarantined: (ref) =>
      holder.read('the quarantine could not be read', (session) => findQuarantined(session, ref)),
    purgeQuarantine: (refs) =>
      holder.write('the quarantine could not be purged', (session) => deleteQuarantined(session, refs)),
    async prune(bounds) {
      await holder.write('old rows could not be dropped', (session) => pruneTables(session, bounds))
      stats.forget()
    },
    query,
    async close() {
      for (const guest of committer.guests) guest.abort()
      await holder.close()
    },
  }
}
