import type { DistinctKind } from '../../base/distinct.ts'
import { Fault } from '../../base/fault.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'
import type { WindowRow } from '../../events/epoch.ts'
import { applyAmendments } from '../amend.ts'
import type { EpochCommit } from '../warehouse.ts'
import { listCounters, listOffsets } from '../counter-rows.ts'
import { insertEpoch, insertWindowSize, readWindowSize } from './epoch-rows.ts'
import { appendLedgers, markReadmitted } from './ledgers.ts'
import { type Numbers, readNumbers, writeNumbers } from './numbers.ts'
import { touchOwner } from './owner-row.ts'
import { findAmended, writeWindows } from './window-rows.ts'

/** What the last commit of this process left in the warehouse, so that the next need not ask. */
export interface Committed {
  readonly windowSizeMs: number
  readonly numbers: Numbers
}

async function findCommitted(session: DuckdbSession, commit: EpochCommit): Promise<Committed> {
  const sizeMs = await readWindowSize(session)
  if (sizeMs === null) await insertWindowSize(session, commit.windowSizeMs)
  return { windowSizeMs: sizeMs ?? commit.windowSizeMs, numbers: await readNumbers(session) }
}

function refuseOtherSize({ windowSizeMs }: Committed, commit: EpochCommit): void {
  if (commit.windowSizeMs === windowSizeMs) return
  throw new Fault('setting', `/window/sizeMs must stay ${windowSizeMs}: the warehouse has rows of that size`, {
    domain: 'user',
  })
}

export interface CommitResult {
  /** The rows written, those of amendments included. */
  readonly rows: readonly WindowRow[]
  readonly committed: Committed
}

/**
 * Commits an epoch in one transaction, the fence first. Needs the session for itself.
 *
 * @param known what the commit before left; null where that is not known for certain
 */
export async function commitEpoch(
  session: DuckdbSession,
  commit: EpochCommit,
  sketch: DistinctKind,
  known: Committed | null,
): Promise<CommitResult> {
  return await session.transaction(async () => {
    await touchOwner(session, 'committed_at', commit.token, commit.committedAtMs)
    const before = known ?? (await findCommitted(session, commit))
    refuseOtherSize(before, commit)
    const stored = await findAmended(session, commit.amendments)
    const rows = applyAmendments(commit.rows, commit.amendments, stored, sketch)
    await writeWindows(session, rows, commit.finalRowsOnly)
    await appendLedgers(session, commit)
    await markReadmitted(session, commit.readmitted, commit.committedAtMs)
    const values = [...listCounters(commit.counters), ...listOffsets(commit.offsets)]
    const numbers = await writeNumbers(session, before.numbers, values)
    await insertEpoch(session, commit.epoch)
    return { rows, committed: { windowSizeMs: before.windowSizeMs, numbers } }
  })
}
