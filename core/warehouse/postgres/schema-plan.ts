import { Fault } from '../../base/fault.ts'
import { migrations } from '../migrations.ts'
import { readRights } from './check.ts'
import type { PostgresConnection } from '../../base/connections.ts'
import { toPostgresFault } from './fault.ts'
import { findTables } from './migrate.ts'
import { createServerChoice } from './server-choice.ts'
import { createSession, type PostgresSession } from './session.ts'
import { findShapeProblems } from './summary-shape.ts'
import { beginSql } from './transaction.ts'

/** A right that is needed to make the schema, and whether the user has it. */
export interface NeededRight {
  readonly right: string
  readonly isGranted: boolean
  /** The statement that grants it. */
  readonly grant: string
}

/** What the first migration makes in a database. */
export interface SchemaPlan {
  /** Host and port. */
  readonly server: string
  readonly database: string
  readonly user: string
  /** Every table that is made, with its schema. */
  readonly tables: readonly string[]
  readonly rights: readonly NeededRight[]
  /** Rows of somebody else's in the user's table, which is there then; counted up to {@link mostCounted}. */
  readonly foreignRows: number
  /** Why the user's table cannot be written as it is, a sentence each. */
  readonly shapeProblems: readonly string[]
}

/** Where more rows are in a table, there are "more than" so many. */
export const mostCounted = 1_000_000

const summaryName = 'public.transactions_summary'

const listTables = (): readonly string[] =>
  migrations.flatMap(({ sql }) => [...sql.matchAll(/^CREATE TABLE (\w+\.\w+)/gm)].map(([, name]) => name ?? ''))

async function countRows(session: PostgresSession): Promise<number> {
  const [count] = await session.read(
    `SELECT count(*) FROM (SELECT FROM ${summaryName} LIMIT ${mostCounted + 1}) AS counted`,
    [],
    (row) => row.number(0),
  )
  return count ?? 0
}

async function look(session: PostgresSession, server: PostgresConnection): Promise<SchemaPlan | null> {
  const { database, host, port, user } = server
  const { hasSummary, isOurs } = await findTables(session)
  if (isOurs) return null
  const rights = await readRights(session)
  const onSchema = { right: `CREATE on database ${database}`, grant: `GRANT CREATE ON DATABASE ${database} TO ${user}` }
  const onTable = hasSummary
    ? {
        right: `SELECT, INSERT and UPDATE on ${summaryName}`,
        grant: `GRANT SELECT, INSERT, UPDATE, DELETE ON ${summaryName} TO ${user}`,
        isGranted: rights.canWriteSummary,
      }
    : {
        right: 'CREATE on schema public',
        grant: `GRANT CREATE ON SCHEMA public TO ${user}`,
        isGranted: rights.canCreateTable,
      }
  return {
    server: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    database,
    user,
    tables: ['storepulse.migrations', ...listTables()].filter((name) => !hasSummary || name !== summaryName),
    rights: [{ ...onSchema, isGranted: rights.canCreateSchema }, onTable],
    foreignRows: hasSummary && rights.canReadSummary ? await countRows(session) : 0,
    shapeProblems: hasSummary ? await findShapeProblems(session) : [],
  }
}

/**
 * Says what the first migration would make, and whether the user may; null where the schema is there. Changes nothing.
 *
 * @param servers of the same data: the first that takes writes is looked at
 * @throws Fault `unreachable`, `refused`, `read-only`, one sentence a cause, within 10 seconds
 */
export async function planSchema(servers: readonly PostgresConnection[]): Promise<SchemaPlan | null> {
  const choice = createServerChoice(servers, 'writable')
  const { client, server } = await choice.connect({ isReadOnly: true, answerMs: 10_000 })
  const session = createSession(client)
  try {
    await session.script(beginSql('READ ONLY'))
    return await look(session, server)
  } catch (error) {
    throw error instanceof Fault ? error : toPostgresFault(error, 'the database could not be looked at')
  } finally {
    await session.rollBack()
    await session.close()
  }
}
