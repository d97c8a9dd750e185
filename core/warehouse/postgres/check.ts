import { describeError, Fault } from '../../base/fault.ts'
import type { Servers } from './connections.ts'
import { findShapeProblems } from './summary-shape.ts'
import { findTables } from './migrate.ts'
import { msOf } from './parameter.ts'
import { type Chosen, createServerChoice } from './server-choice.ts'
import { createSession, type PostgresSession } from './session.ts'
import { beginSql } from './transaction.ts'

/** One thing looked at on a server. */
export interface PostgresCheck {
  readonly step: string
  readonly ok: boolean
  readonly detail: string
  /** What to do about it; null when all is well. */
  readonly fix: string | null
}

export interface CheckOptions extends Omit<Servers, 'readConnection'> {
  readonly adopt: boolean
}

const passed = (step: string, detail: string): PostgresCheck => ({ step, ok: true, detail, fix: null })
const failed = (step: string, detail: string, fix: string): PostgresCheck => ({ step, ok: false, detail, fix })

const oldestVersion = 130_000
const newestVersion = 190_000
const mostSkewMs = 5_000

interface ServerFacts {
  readonly versionNumber: number
  readonly version: string
  readonly isStandby: boolean
  readonly isReadOnly: boolean
  readonly encoding: string
  readonly zone: string
  readonly atMs: number
  readonly tls: string | null
}

/** The zone is that of the server, which the transaction's own would hide. */
async function readFacts(session: PostgresSession): Promise<ServerFacts> {
  const [facts] = await session.read(
    `SELECT current_setting('server_version_num'), current_setting('server_version'), pg_is_in_recovery(),
      current_setting('default_transaction_read_only') = 'on', current_setting('server_encoding'),
      (SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'),
      ${msOf("(clock_timestamp() AT TIME ZONE 'UTC')")},
      coalesce((SELECT version || ' ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl), '')`,
    [],
    (row) => ({
      versionNumber: row.number(0),
      version: row.text(1),
      isStandby: row.flag(2),
      isReadOnly: row.flag(3),
      encoding: row.text(4),
      zone: row.text(5),
      atMs: row.number(6),
      tls: row.text(7) || null,
    }),
  )
  if (!facts) throw new Fault('internal', 'the server does not say what it is')
  return facts
}

function checkFacts(facts: ServerFacts, { clock, connection, writes }: CheckOptions): readonly PostgresCheck[] {
  const { encoding, isReadOnly, isStandby, tls, version, versionNumber, zone } = facts
  const skewMs = Math.round(facts.atMs - clock.nowMs())
  const isKnown = versionNumber >= oldestVersion && versionNumber < newestVersion
  const state = isStandby ? 'a standby' : isReadOnly && writes ? 'read-only by default' : 'a primary'
  const isWritable = !isStandby && !isReadOnly
  return [
    tls === null && connection.tls.mode === 'prefer'
      ? passed('tls', 'the connection is not encrypted: the server speaks no TLS')
      : passed('tls', tls ?? 'not asked for'),
    isKnown
      ? passed('version', `PostgreSQL ${version}`)
      : failed('version', `PostgreSQL ${version}`, 'versions 13 to 18 are known to work'),
    isWritable || !writes
      ? passed('recovery', `it is ${state}`)
      : failed('recovery', `it is ${state}`, 'connect to the primary, or use a profile that only watches'),
    encoding === 'UTF8'
      ? passed('encoding', encoding)
      : failed('encoding', `the database is in ${encoding}`, "make one with ENCODING 'UTF8'"),
    passed('timezone', `${zone} on the server; windows are in UTC whatever it is`),
    Math.abs(skewMs) <= mostSkewMs
      ? passed('clock', `${skewMs} ms ahead of this machine`)
      : failed('clock', `the server is ${skewMs} ms ahead of this machine`, 'let NTP set both clocks'),
  ]
}

interface Rights {
  readonly canCreateSchema: boolean
  readonly canCreateTable: boolean
  readonly canReadSummary: boolean
  readonly canWriteSummary: boolean
  readonly canWriteOurs: boolean
}

export async function readRights(session: PostgresSession): Promise<Rights> {
  const [rights] = await session.read(
    `SELECT has_database_privilege(current_database(), 'CREATE'),
      coalesce(has_schema_privilege(to_regnamespace('public'), 'CREATE'), FALSE),
      coalesce(has_table_privilege(to_regclass('public.transactions_summary'), 'SELECT'), FALSE),
      coalesce(has_table_privilege(to_regclass('public.transactions_summary'), 'SELECT')
        AND has_table_privilege(to_regclass('public.transactions_summary'), 'INSERT')
        AND has_table_privilege(to_regclass('public.transactions_summary'), 'UPDATE'), FALSE),
      coalesce((SELECT bool_and(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'INSERT')
          AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'storepulse' AND c.relkind = 'r'), FALSE)`,
    [],
    (row) => ({
      canCreateSchema: row.flag(0),
      canCreateTable: row.flag(1),
      canReadSummary: row.flag(2),
      canWriteSummary: row.flag(3),
      canWriteOurs: row.flag(4),
    }),
  )
  if (!rights) throw new Fault('internal', 'the server does not say what is allowed')
  return rights
}

async function checkRights(
  session: PostgresSession,
  { adopt, connection, writes }: CheckOptions,
): Promise<readonly PostgresCheck[]> {
  const { database, user } = connection
  const found = await findTables(session)
  const rights = await readRights(session)
  const checks: PostgresCheck[] = []
  if (found.hasSummary) {
    checks.push(
      (writes ? rights.canWriteSummary : rights.canReadSummary)
        ? passed('rights on the table', `transactions_summary can be ${writes ? 'written' : 'read'}`)
        : failed(
            'rights on the table',
            `user ${user} cannot ${writes ? 'write' : 'read'} transactions_summary`,
            `GRANT SELECT${writes ? ', INSERT, UPDATE, DELETE' : ''} ON public.transactions_summary TO ${user}`,
          ),
    )
  }
  if (!writes) {
    if (!found.isOurs || found.canReadOurs) return checks
    const grant = `GRANT USAGE ON SCHEMA storepulse TO ${user}; GRANT SELECT ON ALL TABLES IN SCHEMA storepulse TO ${user}`
    return [...checks, failed('rights', `user ${user} cannot read the schema storepulse`, grant)]
  }
  if (found.isOurs) {
    checks.push(
      rights.canWriteOurs
        ? passed('rights', 'the schema storepulse can be written')
        : failed(
            'rights',
            `user ${user} cannot write the schema storepulse`,
            `connect as the user that made it, or GRANT ALL ON ALL TABLES IN SCHEMA storepulse TO ${user}`,
          ),
    )
  } else {
    const canCreate = rights.canCreateSchema && (found.hasSummary || rights.canCreateTable)
    const needed = [
      ...(rights.canCreateSchema ? [] : [`GRANT CREATE ON DATABASE ${database} TO ${user}`]),
      ...(found.hasSummary || rights.canCreateTable ? [] : [`GRANT CREATE ON SCHEMA public TO ${user}`]),
    ]
    checks.push(
      canCreate
        ? passed('rights', 'the schema can be made')
        : failed('rights', `user ${user} cannot make the schema`, needed.join('; ')),
    )
  }
  if (found.hasSummary) checks.push(await checkTable(session, found.isOurs, adopt))
  return checks
}

async function checkTable(session: PostgresSession, isOurs: boolean, adopt: boolean): Promise<PostgresCheck> {
  const step = 'table'
  const problems = await findShapeProblems(session)
  if (problems.length > 0) {
    return failed(
      step,
      `transactions_summary has another shape: ${problems.join(', ')}`,
      'alter it, or use another database',
    )
  }
  if (isOurs) return passed(step, 'transactions_summary is as it should be')
  const [hasRows] = await session.read('SELECT EXISTS (SELECT FROM public.transactions_summary)', [], (row) =>
    row.flag(0),
  )
  if (hasRows !== true || adopt) return passed(step, 'transactions_summary is there and can be taken over')
  return failed(
    step,
    "transactions_summary has rows that are not this program's",
    'choose another database, or take it over with warehouse.adopt=true: its rows stay as they are',
  )
}

async function examine(session: PostgresSession, options: CheckOptions): Promise<readonly PostgresCheck[]> {
  await session.script(beginSql('READ ONLY'))
  try {
    const facts = await readFacts(session)
    return [...checkFacts(facts, options), ...(await checkRights(session, options))]
  } finally {
    await session.rollBack()
  }
}

/**
 * Looks at a server as `doctor` shows it: connection, TLS, sign-in, version, recovery, encoding, zone, clock, rights and
 * the shape of the user's table. Changes nothing; within 10 seconds where it does not answer.
 */
export async function checkPostgres(options: CheckOptions): Promise<readonly PostgresCheck[]> {
  const choice = createServerChoice(
    [options.connection, ...(options.others ?? [])],
    options.writes ? 'writable' : 'any',
  )
  let chosen: Chosen
  try {
    chosen = await choice.connect({ isReadOnly: !options.writes, answerMs: 10_000 })
  } catch (error) {
    const fix = error instanceof Fault ? (error.hint ?? null) : null
    return [{ step: 'connection', ok: false, detail: describeError(error), fix }]
  }
  const session = createSession(chosen.client)
  const { server } = chosen
  const connected = passed('connection', `${server.host}:${server.port} as ${server.user}`)
  try {
    return [connected, ...(await examine(session, options))]
  } catch (error) {
    return [connected, failed('server', describeError(error), 'see the log of the server')]
  } finally {
    await session.close()
  }
}
