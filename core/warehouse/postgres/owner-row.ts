import { Fault } from '../../base/fault.ts'
import type { OwnerClaim, OwnerState } from '../warehouse.ts'
import { readOwnerState } from '../stored-rows.ts'
import { instantOf, literal, msOf } from './parameter.ts'
import { encodeText } from './row.ts'
import type { PostgresSession } from './session.ts'

export const refuseStale = (): Fault => new Fault('fenced', 'another process has taken this warehouse over')

/**
 * The fence, as the end of the script that begins a transaction: no row means that the token is not the owner's. The
 * row's lock waits out whatever an older connection of the same owner is still doing.
 */
export const touchSql = (column: 'committed_at' | 'seen_at', token: string, atMs: number): string =>
  `UPDATE storepulse.owner SET ${column} = ${instantOf(String(atMs))} WHERE slot = 1 AND fencing_token = ${literal(token)}`

/** The fence without a trace. */
export const fenceSql = (token: string): string =>
  `UPDATE storepulse.owner SET slot = slot WHERE slot = 1 AND fencing_token = ${literal(token)}`

/** Whoever claims has not been heard of yet. */
const claimSql = `INSERT INTO storepulse.owner (slot, fencing_token, process_id, command, claimed_at)
  VALUES (1, $1, $2, $3, ${instantOf('$4')})
  ON CONFLICT (slot) DO UPDATE SET fencing_token = excluded.fencing_token, process_id = excluded.process_id,
    command = excluded.command, claimed_at = excluded.claimed_at, committed_at = NULL, seen_at = NULL`

export async function claimOwner(session: PostgresSession, claim: OwnerClaim): Promise<void> {
  await session.run(claimSql, [
    encodeText(claim.token),
    String(claim.processId),
    encodeText(claim.command),
    String(claim.atMs),
  ])
}

/** When it was last heard of stays. */
export async function releaseOwner(session: PostgresSession, token: string): Promise<void> {
  await session.run("UPDATE storepulse.owner SET fencing_token = '' WHERE slot = 1 AND fencing_token = $1", [
    encodeText(token),
  ])
}

export async function readOwner(session: PostgresSession): Promise<OwnerState | null> {
  const [owner] = await session.read(
    `SELECT fencing_token, process_id, command, ${msOf('claimed_at')}, ${msOf('greatest(committed_at, seen_at)')}
      FROM storepulse.owner`,
    [],
    readOwnerState,
  )
  return owner ?? null
}
