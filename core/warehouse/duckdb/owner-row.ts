import { Fault } from '../../base/fault.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'
import type { OwnerClaim, OwnerState, Progress } from '../warehouse.ts'
import { readOwnerState } from '../stored-rows.ts'
import { readProgress } from './epoch-rows.ts'

/** Whoever claims has not been heard of yet. */
const claimSql = `INSERT INTO storepulse.owner (slot, fencing_token, process_id, command, claimed_at)
  SELECT 1, $1, $2, $3, epoch_ms($4::BIGINT)
  ON CONFLICT (slot) DO UPDATE SET fencing_token = excluded.fencing_token, process_id = excluded.process_id,
    command = excluded.command, claimed_at = excluded.claimed_at, committed_at = NULL, seen_at = NULL`

const refuseStale = (): Fault => new Fault('fenced', 'another process has taken this warehouse over')

export async function claimOwner(session: DuckdbSession, claim: OwnerClaim): Promise<void> {
  await session.run(claimSql, [claim.token, claim.processId, claim.command, claim.atMs])
}

/** Notes an instant of the owner's in one of its columns. @throws Fault `fenced` when the token is not the owner's */
export async function touchOwner(
  session: DuckdbSession,
  column: 'committed_at' | 'seen_at',
  token: string,
  atMs: number,
): Promise<void> {
  const touched = await session.run(
    `UPDATE storepulse.owner SET ${column} = epoch_ms($2::BIGINT) WHERE fencing_token = $1`,
    [token, atMs],
  )
  if (touched === 0) throw refuseStale()
}

/** When it was last heard of stays. */
export async function releaseOwner(session: DuckdbSession, token: string): Promise<void> {
  await session.run("UPDATE storepulse.owner SET fencing_token = '' WHERE fencing_token = $1", [token])
}

/** Inside the running transaction. */
export async function readOwner(session: DuckdbSession): Promise<OwnerState | null> {
  const [owner] = await session.read(
    `SELECT fencing_token, process_id, command, epoch_ms(claimed_at), epoch_ms(greatest(
        coalesce(committed_at, seen_at), coalesce(seen_at, committed_at)))
      FROM storepulse.owner`,
    [],
    readOwnerState,
  )
  return owner ?? null
}

/** Needs the session that commits for itself: having it, no attempt is under way any more. */
export async function settleOwner(session: DuckdbSession, token: string): Promise<Progress | null> {
  return await session.transaction(async () => {
    if ((await readOwner(session))?.token !== token) throw refuseStale()
    return await readProgress(session)
  })
}
