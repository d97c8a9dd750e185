import { Fault } from '../../base/fault.ts'

/**
 * What user SQL may be: one SELECT (WITH, VALUES, TABLE), or EXPLAIN of one. The server does the most of it: the
 * statement runs as a cursor in a read-only transaction, which takes nothing else. What a read-only transaction still
 * lets a function do (end other sessions, take locks that outlive it, read files, run SQL from a text) is refused here by
 * its name; what the role may not do anyway, the server refuses.
 */

const refuse = (message: string, hint: string): Fault => new Fault('refused', message, { domain: 'user', hint })

const onlySelect = 'this takes one SELECT, or EXPLAIN of one'

const refusedFunctions = [
  'currtid\\w*',
  'currval',
  'cursor_to_xml\\w*',
  'database_to_xml\\w*',
  'dblink\\w*',
  'lastval',
  'lo_\\w+',
  'lowrite',
  'nextval',
  'pg_(?:try_)?advisory_\\w+',
  'pg_backup_\\w+',
  'pg_cancel_backend',
  'pg_create_\\w+',
  'pg_drop_\\w+',
  'pg_export_snapshot',
  'pg_file_\\w+',
  'pg_import_system_collations',
  'pg_log_\\w+',
  'pg_logical_\\w+',
  'pg_ls_\\w+',
  'pg_notify',
  'pg_promote',
  'pg_read_\\w+',
  'pg_reload_conf',
  'pg_replication_\\w+',
  'pg_rotate_\\w+',
  'pg_sleep\\w*',
  'pg_start_backup',
  'pg_stat_file',
  'pg_stat_reset\\w*',
  'pg_stop_backup',
  'pg_switch_\\w+',
  'pg_terminate_backend',
  'pg_wal_\\w+',
  'query_to_xml\\w*',
  'schema_to_xml\\w*',
  'set_config',
  'setseed',
  'setval',
  'table_to_xml\\w*',
  'ts_stat',
]
const refusedCall = new RegExp(`(?<![\\w$])"?(${refusedFunctions.join('|')})"?\\s*\\(`, 'i')
/** Identifiers whose letters are written as numbers. */
const hiddenName = /(?<![\w$])u&\s*"/i

/** A comment between a name and its parenthesis would hide a call. */
const comments = /--[^\n]*|\/\*[\s\S]*?\*\//g

const otherStatements = new Set(
  `abort alter analyze begin call checkpoint close cluster comment commit copy create deallocate declare delete discard do
  drop end execute fetch grant import insert listen load lock merge move notify prepare reassign refresh reindex release
  reset revoke rollback savepoint security set show start truncate unlisten update vacuum`.split(/\s+/),
)

/** EXPLAIN with what follows it; comments may come first. */
const explain = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*explain\s+(analyze\s+)?(?=\S)/i

export interface GuardedSelect {
  /** The SELECT itself. */
  readonly select: string
  /** What to put in front of it, or null where its rows are wanted. */
  readonly explain: 'EXPLAIN' | 'EXPLAIN ANALYZE' | null
}

/** @throws Fault `refused` where it is anything but one SELECT that only reads, as far as its text tells */
export function guardSelect(sql: string): GuardedSelect {
  const prefix = explain.exec(sql)
  const select = prefix ? sql.slice(prefix[0].length) : sql
  const bare = select.replaceAll(comments, ' ').trim()
  if (bare === '' || bare === ';') throw refuse('there is no statement', onlySelect)
  const word = /^[a-z]+/i.exec(bare)?.[0].toLowerCase() ?? ''
  if (otherStatements.has(word)) throw refuse(onlySelect, 'nothing can be written through SQL')
  const call = refusedCall.exec(bare) ?? refusedCall.exec(select)
  if (call || hiddenName.test(bare)) {
    throw refuse(
      `${call?.[1]?.toLowerCase() ?? 'a hidden name'} cannot be used here`,
      'user SQL reads the warehouse: no files, no settings, nothing written',
    )
  }
  if (!prefix) return { select, explain: null }
  return { select, explain: prefix[1] === undefined ? 'EXPLAIN' : 'EXPLAIN ANALYZE' }
}

/** What a statement of somebody's failed of. */
export function refuseStatement(error: unknown, sqlState: string, message: string): Fault {
  const text = message.replaceAll(/\s+/g, ' ').trim()
  if (/multiple commands/i.test(text)) return refuse('one statement at a time', onlySelect)
  if (/data-modifying|must not specify INTO/i.test(text) || sqlState === '25006') {
    return refuse(onlySelect, 'nothing can be written through SQL')
  }
  if (sqlState === '42501') return new Fault('refused', text, { domain: 'user', cause: error })
  return new Fault('sql', text, { domain: 'user', cause: error })
}
