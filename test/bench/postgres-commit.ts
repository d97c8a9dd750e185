import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../core/base/clock.ts'
import { openPostgresWarehouse } from '../../core/warehouse/postgres/postgres-warehouse.ts'
import type { Warehouse } from '../../core/warehouse/warehouse.ts'
import { findPostgres } from '../support/services/postgres-install.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { exactSketch, makeCommit, makeRow, startMs, token, windowSizeMs } from '../support/warehouse-commits.ts'
import type { Figure } from './measure.ts'

const stores = 100
const commitEveryMs = 100
const bulkRows = 20_000

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

/** Epochs as 10,000 events a second over 100 stores make them: every store's open window, ten times a second. */
async function commitSteadily(warehouse: Warehouse, firstEpoch: number, count: number): Promise<readonly number[]> {
  const durations: number[] = []
  for (let index = 0; index < count; index += 1) {
    const epoch = firstEpoch + index
    const minute = Math.floor(epoch / 600)
    const rows = Array.from({ length: stores }, (_, store) =>
      makeRow({ storeId: store + 1, startMs: startMs + minute * windowSizeMs, revision: epoch, transactions: epoch }),
    )
    const startedMs = performance.now()
    await warehouse.commit(makeCommit(epoch, { rows }))
    const tookMs = performance.now() - startedMs
    durations.push(tookMs)
    await sleep(Math.max(0, commitEveryMs - tookMs))
  }
  return durations.sort((left, right) => left - right)
}

/** Rows a second of commits as a backlog makes them. */
async function commitInBulk(
  warehouse: Warehouse,
  firstEpoch: number,
  count: number,
  revision: number,
): Promise<number> {
  const startedMs = performance.now()
  for (let index = 0; index < count; index += 1) {
    const rows = Array.from({ length: bulkRows }, (_, row) =>
      makeRow({
        storeId: (row % 1_000) + 1,
        startMs: startMs + (10_000 + index * 20 + Math.floor(row / 1_000)) * windowSizeMs,
        revision,
        final: true,
        sketch: sketch400,
      }),
    )
    await warehouse.commit(makeCommit(firstEpoch + index, { rows }))
  }
  return (count * bulkRows) / ((performance.now() - startedMs) / 1_000)
}

/** As long as a window's sketch. */
const sketch400 = new Uint8Array(400).fill(65)

/** Commits to a PostgreSQL of its own that syncs every one of them. */
export async function benchPostgresCommit(): Promise<readonly Figure[]> {
  if (findPostgres() === null) return []
  const server = await startPostgres({ settings: { fsync: 'on', full_page_writes: 'on', max_wal_size: '4GB' } })
  try {
    const { database, host, password, port, user } = server
    const warehouse = await openPostgresWarehouse({
      connection: { host, port, user, password, database, tls: { mode: 'disable', ca: null, cert: null, key: null } },
      readConnection: null,
      sketch: exactSketch,
      writes: true,
      adopt: false,
      zone: 'UTC',
      clock: systemClock,
    })
    await warehouse.migrate()
    await warehouse.claim({ token, processId: 1, command: 'bench', atMs: startMs })
    const figure = (what: string, value: number, unit: string): Figure => ({ bench: 'postgres', what, value, unit })
    await commitSteadily(warehouse, 1, 20)
    const steady = await commitSteadily(warehouse, 21, 200)
    const state = Buffer.alloc(160 * 1_048_576, 'a state that packs about as well as sketches do, which is well; ')
    const startedMs = performance.now()
    await warehouse.saveSnapshot({ epoch: 220, offsets: [], untilSequence: 220, state })
    const besideSnapshot = await commitSteadily(warehouse, 221, 50)
    await warehouse.loadSnapshots()
    const snapshotMs = performance.now() - startedMs
    const inserted = await commitInBulk(warehouse, 1_000, 5, 1)
    const updated = await commitInBulk(warehouse, 2_000, 5, 2)
    await warehouse.close()
    return [
      figure('commit at 10,000 events/s, p50', percentile(steady, 0.5), 'ms'),
      figure('commit at 10,000 events/s, p99', percentile(steady, 0.99), 'ms'),
      figure('the same beside a snapshot of 160 MB, p50', percentile(besideSnapshot, 0.5), 'ms'),
      figure('the same beside a snapshot of 160 MB, p99', percentile(besideSnapshot, 0.99), 'ms'),
      figure('snapshot of 160 MB written and read back', snapshotMs, 'ms'),
      figure('window rows inserted in bulk', inserted, 'rows/s'),
      figure('window rows updated in bulk', updated, 'rows/s'),
    ]
  } finally {
    await server.stop()
  }
}
