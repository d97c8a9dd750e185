import { Fault } from '../../base/fault.ts'
import { type Applied, findMissing, type Migration, migrations } from '../migrations.ts'
import { encodeText } from './row.ts'
import type { PostgresSession } from './session.ts'
import type { Sessions } from './sessions.ts'
import { checkSummaryShape } from './summary-shape.ts'
import { beginSql, patientLimits, runTransaction } from './transaction.ts'

/** Migrations of two processes that start at once come one after the other. The number is this program's own. */
const lockSql = 'SELECT pg_advisory_xact_lock(7410, 1)'

const ledgerSql = `CREATE SCHEMA IF NOT EXISTS storepulse;
CREATE TABLE IF NOT EXISTS storepulse.migrations (
  number integer PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp NOT NULL DEFAULT current_timestamp
)`

/** Greatest id of the rows that were there when the user's table was taken over. */
export const adoptedName = 'summary.adoptedId'

/** What there is in a database. */
export interface Found {
  /** The app's own tables are there. */
  readonly isOurs: boolean
  /** They are, and this user may look at them. */
  readonly canReadOurs: boolean
  readonly hasSummary: boolean
}

/** By the catalogue: asking for a table by name fails where the user may not use its schema. */
const findTablesSql = `SELECT coalesce(bool_or(n.nspname = 'storepulse'), FALSE),
    coalesce(bool_or(n.nspname = 'storepulse' AND has_schema_privilege(n.oid, 'USAGE')
      AND has_table_privilege(c.oid, 'SELECT')), FALSE),
    coalesce(bool_or(n.nspname = 'public'), FALSE)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE (n.nspname = 'storepulse' AND c.relname = 'migrations')
    OR (n.nspname = 'public' AND c.relname = 'transactions_summary')`

export async function findTables(session: PostgresSession): Promise<Found> {
  const [found] = await session.read(findTablesSql, [], (row) => ({
    isOurs: row.flag(0),
    canReadOurs: row.flag(1),
    hasSummary: row.flag(2),
  }))
  return found ?? { isOurs: false, canReadOurs: false, hasSummary: false }
}

const readApplied = (session: PostgresSession): Promise<readonly Applied[]> =>
  session.read('SELECT number, name, checksum FROM storepulse.migrations ORDER BY number', [], (row) => ({
    number: row.number(0),
    name: row.text(1),
    checksum: row.text(2),
  }))

/** Statements of a migration; none of ours has a semicolon inside a text or a comment. */
const splitStatements = (sql: string): readonly string[] =>
  sql
    .replaceAll(/--[^\n]*/g, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')

/** Without what makes the user's table, which is there. */
const withoutSummary = (sql: string): string =>
  splitStatements(sql)
    .filter((statement) => !/^CREATE (?:SEQUENCE|TABLE|INDEX)\b[^(]*\bpublic\.transactions_summary/i.test(statement))
    .join(';\n')

interface Adoption {
  /** Rows that are in the user's table already. */
  readonly rows: number
  readonly lastId: number
}

async function readAdoption(session: PostgresSession): Promise<Adoption> {
  const [found] = await session.read(
    'SELECT count(*), coalesce(max(id), 0) FROM public.transactions_summary',
    [],
    (row) => ({ rows: row.number(0), lastId: row.number(1) }),
  )
  return found ?? { rows: 0, lastId: 0 }
}

/** @throws Fault `refused` where the table may not be taken over, `setting` where it cannot */
async function checkAdoption(session: PostgresSession, options: MigrateOptions): Promise<Adoption> {
  await checkSummaryShape(session)
  const adoption = await readAdoption(session)
  if (adoption.rows > 0 && !options.adopt) {
    throw new Fault(
      'refused',
      `public.transactions_summary has ${adoption.rows} rows that are not this program's; nothing was changed`,
      {
        domain: 'user',
        hint: 'choose another database, or take the table over with warehouse.adopt=true: its rows stay as they are',
      },
    )
  }
  if (adoption.rows > 0 && options.zone !== 'UTC') {
    throw new Fault('setting', `a table in ${options.zone} cannot be taken over: windows are written in UTC`, {
      domain: 'user',
      hint: 'choose another database, or set warehouse.zone to UTC if that is what the rows are in',
    })
  }
  return adoption
}

export interface MigrateOptions {
  readonly adopt: boolean
  /** Zone of the times in a table that is not ours. */
  readonly zone: string
}

async function apply(session: PostgresSession, migration: Migration, options: MigrateOptions): Promise<void> {
  const isTaken = migration.number === 1 && (await findTables(session)).hasSummary
  const adoption = isTaken ? await checkAdoption(session, options) : null
  await session.script(adoption ? withoutSummary(migration.sql) : migration.sql)
  if (adoption) {
    await session.run('INSERT INTO storepulse.settings (name, value) VALUES ($1, $2)', [
      adoptedName,
      String(adoption.lastId),
    ])
  }
  await session.run('INSERT INTO storepulse.migrations (number, name, checksum) VALUES ($1, $2, $3)', [
    String(migration.number),
    encodeText(migration.name),
    migration.checksum,
  ])
}

/** Applies the next missing migration. Returns whether there was one. */
async function applyNext(
  session: PostgresSession,
  options: MigrateOptions,
  known: readonly Migration[],
): Promise<boolean> {
  await session.script(lockSql)
  const { isOurs } = await findTables(session)
  const [next] = findMissing(isOurs ? await readApplied(session) : [], known)
  if (!next) return false
  if (!isOurs) await session.script(ledgerSql)
  await apply(session, next, options)
  return true
}

/**
 * Applies missing migrations in order, each in a transaction of its own under one lock. A user's table that is there is
 * taken over where that is wanted, its rows as they are.
 *
 * @throws Fault `warehouse-newer`, `refused`, `setting`; nothing changed
 */
export async function migrateSchema(
  sessions: Sessions,
  options: MigrateOptions,
  known: readonly Migration[] = migrations,
): Promise<void> {
  const begin = { sql: beginSql('READ WRITE', patientLimits), doing: 'the schema could not be brought up to date' }
  for (;;) {
    const isMore = await runTransaction(sessions, begin, (session) => applyNext(session, options, known))
    if (!isMore) return
  }
}
