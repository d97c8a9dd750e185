import type { PostgresConnection } from '../../base/connections.ts'
import type { Clock } from '../../base/clock.ts'
import type { DistinctKind } from '../../base/distinct.ts'
import { Fault } from '../../base/fault.ts'
import { createKeptSums, noStats } from '../kept-sums.ts'
import { noLedgerSums } from '../evicting.ts'
import type { EpochCommit, Progress, Warehouse } from '../warehouse.ts'
import { type Committed, writeEpoch } from './commit.ts'
import { type Connections, openConnections } from './connections.ts'
import { listEpochs, listIdleEpochs, readProgress } from './epoch-rows.ts'
import { createGuests } from './guest-query.ts'
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
import { type Found, findTables, migrateSchema } from './migrate.ts'
import { appendAudit, listAlerts, listAudit, listTrends, saveAlerts, saveTrends } from './operations.ts'
import { claimOwner, fenceSql, readOwner, refuseStale, releaseOwner, touchSql } from './owner-row.ts'
import { pruneTables } from './prune.ts'
import type { PostgresSession } from './session.ts'
import { createSnapshots } from './snapshots.ts'
import { sumWindows } from './stats.ts'
import { listForeignWindows, listWindows } from './stored-windows.ts'
import { beginSql, patientLimits, runTransaction, usualLimits } from './transaction.ts'

export interface PostgresOptions {
  readonly connection: PostgresConnection
  /** Further servers of the same data: the first that takes writes is used, another one after a failover. */
  readonly others?: readonly PostgresConnection[]
  /** A replica that answers queries and the port's reads for the pages, or null. */
  readonly readConnection: PostgresConnection | null
  /** Further replicas: the first that answers is used. */
  readonly otherReaders?: readonly PostgresConnection[]
  /** Told why the replica is not used, and null once it is again. */
  readonly onReplica?: (fault: Fault | null) => void
  /** Kind of the windows' sketches, for amendments. */
  readonly sketch: DistinctKind
  /** False: every session is read-only, and nothing of the port that writes does anything but refuse. */
  readonly writes: boolean
  /** Whether a `transactions_summary` with rows of somebody else's may be taken over. */
  readonly adopt: boolean
  /** Zone of the times in a `transactions_summary` that is not ours. */
  readonly zone: string
  readonly clock: Clock
  /**
   * Windows that start at this instant or later were read whole, so that they may replace rows that were there before the
   * table was taken over; null, or left out, replaces none.
   */
  readonly wholeFromMs?: () => number | null
}

/** A table or column that a schema older than this program's does not have. */
const isMissingTable = (error: unknown): boolean =>
  error instanceof Fault && /^42(?:P01|703)$/.test(String(error.detail['sqlState']))

const refuseWrite = (): Fault =>
  new Fault('read-only', 'this profile only watches: nothing is written to PostgreSQL', {
    domain: 'user',
    hint: 'use a profile that processes',
  })

/**
 * Opens a warehouse in PostgreSQL 13 to 18. {@link Warehouse.migrate} comes next where it is to be written.
 *
 * @throws Fault `unreachable`, `refused`, `read-only`, one sentence a cause, within 10 seconds
 */
export async function openPostgresWarehouse(options: PostgresOptions): Promise<Warehouse> {
  return createWarehouse(options, await openConnections(options))
}

/** How long sums are kept: others may write the table too. */
const keptMs = 300_000
/** A zone is at most 14 hours from UTC: what is settled in UTC less a day is settled in any. */
const dayMs = 86_400_000

function createWarehouse(options: PostgresOptions, connections: Connections): Warehouse {
  const { clock, sketch, wholeFromMs = () => null, writes, zone } = options
  const { reader, side, writer } = connections
  const guests = createGuests(connections.guests, connections.cancelling, clock)
  const stats = createKeptSums({ keptMs, zoneSlackMs: 0 })
  const foreignStats = createKeptSums({ keptMs, zoneSlackMs: zone === 'UTC' ? 0 : dayMs })
  const snapshots = createSnapshots(side, clock)
  let before: Committed | null = null
  let known: Found | null = null

  const read = <Result>(doing: string, work: (session: PostgresSession) => Promise<Result>): Promise<Result> =>
    runTransaction(reader, { sql: beginSql('READ ONLY', patientLimits), doing }, work)
  const write = async <Result>(
    doing: string,
    work: (session: PostgresSession) => Promise<Result>,
    sessions = side,
  ): Promise<Result> => {
    if (!writes) throw refuseWrite()
    const limits = sessions === side ? patientLimits : usualLimits
    return await runTransaction(sessions, { sql: beginSql('READ WRITE', limits), doing }, work)
  }
  /** Where the app's tables are not there, or not yet the ones of this program, there is nothing in them. */
  const readOurs = async <Result>(
    doing: string,
    nothing: Result,
    work: (session: PostgresSession) => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await read(doing, async (session) => ((await look(session)).canReadOurs ? await work(session) : nothing))
    } catch (error) {
      if (writes || !isMissingTable(error)) throw error
      return nothing
    }
  }
  const look = async (session: PostgresSession): Promise<Found> => {
    if (known) return known
    const found = await findTables(session)
    if (found.canReadOurs) known = found
    return found
  }
  /** A transaction that begins with the fence. */
  const fenced = async <Result>(
    doing: string,
    fence: string,
    work: (session: PostgresSession, touched: number) => Promise<Result>,
    sessions = writer,
  ): Promise<Result> => {
    if (!writes) throw refuseWrite()
    return await runTransaction(sessions, { sql: `${beginSql('READ WRITE')};${fence}`, doing }, work)
  }

  const commit = async (request: EpochCommit): Promise<void> => {
    const fence = touchSql('committed_at', request.token, request.committedAtMs)
    const { rows } = await fenced('an epoch could not be committed', fence, async (session, touched) => {
      const known = before
      before = null
      return await writeEpoch(session, touched, request, sketch, known, wholeFromMs())
    }).then((result) => {
      before = result.committed
      return result
    })
    if (rows.length > 0) stats.noteWritten(rows.reduce((least, { startMs }) => Math.min(least, startMs), Infinity))
  }
  const settle = async (token: string): Promise<Progress | null> => {
    before = null
    await writer.refresh()
    return await fenced('the outcome of a commit could not be found out', fenceSql(token), async (session, touched) => {
      if (touched === 0) throw refuseStale()
      return await readProgress(session)
    })
  }

  return {
    async migrate() {
      if (!writes) throw refuseWrite()
      await migrateSchema(side, { adopt: options.adopt, zone })
    },
    claim: (claim) =>
      write('the warehouse could not be claimed', (session) => claimOwner(session, claim), writer).finally(() => {
        before = null
      }),
    loadProgress: () => readOurs('the progress could not be read', null, readProgress),
    commit,
    settle,
    beat: (token, atMs) =>
      fenced(
        'the owner could not be said to be alive',
        touchSql('seen_at', token, atMs),
        async (_, touched) => {
          if (touched === 0) throw refuseStale()
        },
        side,
      ),
    release: (token) => write('the warehouse could not be given up', (session) => releaseOwner(session, token)),
    readOwner: () => readOurs('the owner could not be read', null, readOwner),
    async saveSnapshot(snapshot) {
      if (!writes) throw refuseWrite()
      await snapshots.save(snapshot)
    },
    loadSnapshots: async () => {
      const found = await read('the recovery snapshots could not be read', look)
      return found.canReadOurs ? await snapshots.load() : []
    },
    listEpochs: (from, limit) =>
      readOurs('the epochs could not be read', [], (session) => listEpochs(session, from, limit)),
    listIdleEpochs: (from) => readOurs('the epochs could not be read', [], (session) => listIdleEpochs(session, from)),
    readStats: () =>
      read('the stats could not be read', async (session) => {
        const found = await look(session)
        if (!found.hasSummary) return noStats
        const [sums, tableZone] = found.canReadOurs ? [stats, 'UTC'] : [foreignStats, zone]
        return await sums.read(sumWindows(session, tableZone), clock.nowMs())
      }),
    listWindows: (fromMs, untilMs) =>
      read('the windows could not be read', async (session) => {
        const found = await look(session)
        if (found.canReadOurs) return await listWindows(session, fromMs, untilMs)
        return found.hasSummary ? await listForeignWindows(session, fromMs, untilMs, zone) : []
      }),
    listLate: (page) => readOurs('the late ledger could not be read', [], (session) => listLate(session, page)),
    listQuarantine: (page) =>
      readOurs('the quarantine could not be read', [], (session) => listQuarantined(session, page)),
    findLate: (ref) => readOurs('the late ledger could not be read', null, (session) => findLate(session, ref)),
    findQuarantined: (ref) =>
      readOurs('the quarantine could not be read', null, (session) => findQuarantined(session, ref)),
    listConflicts: (page) => readOurs('the conflicts could not be read', [], (session) => listConflicts(session, page)),
    findEvicted: (ref) => readOurs('the ledgers could not be read', null, (session) => findEvicted(session, ref)),
    sumLedgers: () => readOurs('the ledgers could not be read', noLedgerSums, sumLedgers),
    purgeQuarantine: (refs) =>
      write('the quarantine could not be purged', (session) => deleteQuarantined(session, refs)),
    saveAlerts: (alerts) => write('alerts could not be saved', (session) => saveAlerts(session, alerts)),
    listAlerts: (limit) => readOurs('the alerts could not be read', [], (session) => listAlerts(session, limit)),
    saveTrends: (points) => write('trends could not be saved', (session) => saveTrends(session, points)),
    listTrends: (sinceMs) => readOurs('the trends could not be read', [], (session) => listTrends(session, sinceMs)),
    appendAudit: (entry) => write('the audit trail could not be written', (session) => appendAudit(session, entry)),
    listAudit: (page) => readOurs('the audit trail could not be read', [], (session) => listAudit(session, page)),
    async prune(bounds) {
      await write('old rows could not be dropped', (session) => pruneTables(session, bounds))
      stats.forget()
    },
    query: (sql, queryOptions) => guests.query(sql, queryOptions),
    async close() {
      guests.end()
      await snapshots.finish()
      await connections.close()
    },
  }
}
