import { Fault } from '../../base/fault.ts'
import { isConnectionLost, toPostgresFault } from './fault.ts'
import { isOutcomeKnown, type PostgresSession } from './session.ts'
import type { Sessions } from './sessions.ts'

/**
 * Every statement runs in a transaction that first says all it depends on: behind a pooler the next transaction may be
 * another server session's, so nothing is ever set for a session.
 */

export interface Limits {
  readonly statementMs: number
  readonly lockMs: number
  /** The server ends a transaction whose client is silent for so long: it must not hold its locks for ever. */
  readonly idleMs: number
}

/** A lock is waited for longer than a stalled transaction can hold it. */
export const usualLimits: Limits = { statementMs: 12_000, lockMs: 10_000, idleMs: 8_000 }

/** For what goes over whole tables, beside commits. */
export const patientLimits: Limits = { statementMs: 40_000, lockMs: 10_000, idleMs: 8_000 }

/** Thousands of rows of a commit are joined in memory; the server's own setting may be too little for that. */
const workMemorySql = "SET LOCAL work_mem = '32MB'"

/** One script: BEGIN and settings, in one round trip. */
export const beginSql = (mode: 'READ ONLY' | 'READ WRITE', limits: Limits = usualLimits): string =>
  [
    `BEGIN TRANSACTION ISOLATION LEVEL ${mode === 'READ ONLY' ? 'REPEATABLE READ READ ONLY' : 'READ COMMITTED'}`,
    `SET LOCAL statement_timeout = ${limits.statementMs}`,
    `SET LOCAL lock_timeout = ${limits.lockMs}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${limits.idleMs}`,
    'SET LOCAL search_path = public, storepulse',
    "SET LOCAL client_encoding = 'UTF8'",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL bytea_output = 'hex'",
    'SET LOCAL extra_float_digits = 1',
    ...(mode === 'READ WRITE' ? [workMemorySql] : []),
  ].join(';')

export interface Begin {
  readonly sql: string
  /** What failed where something fails, for the message. */
  readonly doing: string
}

/** Adds to a fault whether the transaction may stand. */
function noteOutcome(fault: Fault, committed: 'no' | 'unknown'): Fault {
  return new Fault(fault.code, fault.message, {
    retry: fault.retry,
    domain: fault.domain,
    cause: fault.cause ?? fault,
    detail: { ...fault.detail, committed },
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
  })
}

async function runOn<Result>(
  session: PostgresSession,
  { doing, sql }: Begin,
  work: (session: PostgresSession, touched: number) => Promise<Result>,
): Promise<Result> {
  let result: Result
  try {
    const touched = await session.script(sql)
    result = await work(session, touched)
  } catch (error) {
    await session.rollBack()
    throw noteOutcome(toPostgresFault(error, doing), 'no')
  }
  try {
    await session.commit()
    return result
  } catch (error) {
    await session.close()
    if (isOutcomeKnown(error)) throw noteOutcome(toPostgresFault(error, doing), 'no')
    const fault = toPostgresFault(error, `${doing}, or it was and the answer was lost`)
    throw noteOutcome(fault, 'unknown')
  }
}

/**
 * Runs a transaction. A connection that has idled and turns out to be dead before anything was done is replaced once.
 *
 * @param work is given the number of rows that the last statement of `begin.sql` changed
 * @throws Fault with `detail.committed`: `no`, or `unknown` where the answer to COMMIT was lost; what else `work` throws
 */
export async function runTransaction<Result>(
  sessions: Sessions,
  begin: Begin,
  work: (session: PostgresSession, touched: number) => Promise<Result>,
): Promise<Result> {
  const doing = begin.doing
  let isStale = false
  try {
    return await sessions.use(async (session, hasIdled) => {
      let hasBegun = false
      try {
        return await runOn(session, begin, (begun, touched) => {
          hasBegun = true
          return work(begun, touched)
        })
      } catch (error) {
        isStale = hasIdled && !hasBegun && isConnectionLost(error)
        throw error
      }
    })
  } catch (error) {
    if (!isStale) throw error instanceof Fault ? error : toPostgresFault(error, doing)
  }
  await sessions.refresh()
  return await sessions.use((session) => runOn(session, begin, work))
}
