import type { DistinctKind } from '../../base/distinct.ts'
import { Fault } from '../../base/fault.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'
import type { Counters, WindowRow } from '../../events/epoch.ts'
import { applyAmendments } from '../amend.ts'
import type { EpochCommit } from '../warehouse.ts'
import { listChangedCounters } from './counter-rows.ts'
import { insertEpoch, insertWindowSize, readWindowSize, writeOffsets } from './epoch-rows.ts'
import { appendLedgers, markReadmitted } from './ledgers.ts'
import { findAmended, writeWindows } from './window-rows.ts'

/** What the last commit of this process left, so that the next writes only what differs. */
export interface Committed {
  readonly counters: Counters
  readonly windowSizeMs: number
}

async function claimFence(session: DuckdbSession, commit: EpochCommit): Promise<void> {
  const claimed = await session.run(
    'UPDATE storepulse.owner SET committed_at = epoch_ms($2::BIGINT) WHERE fencing_token = $1',
    [commit.token, commit.committedAtMs],
  )
  if (claimed === 0) throw new Fault('fenced', 'another process has taken this warehouse over')
}

async function checkWindowSize(session: DuckdbSession, commit: EpochCommit, before: Committed | null): Promise<void> {
  const sizeMs = before?.windowSizeMs ?? (await readWindowSize(session))
  if (sizeMs === null) await insertWindowSize(session, commit.windowSizeMs)
  else if (sizeMs !== commit.windowSizeMs) {
    throw new Fault('setting', `/window/sizeMs must stay ${sizeMs}: the warehouse has rows of that size`, {
      domain: 'user',
    })
  }
}

async function writeCounters(session: DuckdbSession, counters: Counters, before: Committed | null): Promise<void> {
  const changed = listChangedCounters(counters, before?.counters ?? null)
  if (changed.length === 0) return
  await session.run(
    `INSERT INTO storepulse.counters
      SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]), unnest($3::BIGINT[])
      ON CONFLICT (topic, name) DO UPDATE SET value = excluded.value`,
    [
      { texts: changed.map(({ topic }) => topic) },
      { texts: changed.map(({ name }) => name) },
      { integers: changed.map(({ value }) => value) },
    ],
  )
}

/**
 * Commits an epoch in one transaction, the fence first. Needs the session for itself. Returns the rows written, those of
 * amendments included.
 */
export async function commitEpoch(
  session: DuckdbSession,
  commit: EpochCommit,
  sketch: DistinctKind,
  before: Committed | null,
): Promise<readonly WindowRow[]> {
  return await session.transaction(async () => {
    await claimFence(session, commit)
    await checkWindowSize(session, commit, before)
    const stored = await findAmended(session, commit.amendments)
    const rows = applyAmendments(commit.rows, commit.amendments, stored, sketch)
    await writeWindows(session, rows, commit.finalRowsOnly)
    await appendLedgers(session, commit)
    await markReadmitted(session, commit.readmitted, commit.committedAtMs)
    await writeCounters(session, commit.counters, before)
    await writeOffsets(session, commit.offsets)
    await insertEpoch(session, commit.epoch)
    return rows
  })
}
