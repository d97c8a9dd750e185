import { Fault } from '../base/fault.ts'
import { toOneLine } from './fault.ts'
import type { DuckdbSession } from './session.ts'

/**
 * Lets through one SELECT (WITH, VALUES, FROM, TABLE, SHOW, DESCRIBE, SUMMARIZE are spellings of it), or EXPLAIN of one.
 *
 * A SELECT can do more than read: `SELECT * FROM enable_logging(…)` changes the whole instance, settings locked or not,
 * a read-only transaction or not. So the statement's own parse tree is searched, and of functions in FROM only those
 * listed here may run.
 */

const tableFunctions = new Set([
  'duckdb_columns',
  'duckdb_constraints',
  'duckdb_databases',
  'duckdb_dependencies',
  'duckdb_extensions',
  'duckdb_functions',
  'duckdb_indexes',
  'duckdb_keywords',
  'duckdb_memory',
  'duckdb_optimizers',
  'duckdb_schemas',
  'duckdb_sequences',
  'duckdb_settings',
  'duckdb_tables',
  'duckdb_types',
  'duckdb_views',
  'generate_series',
  'histogram',
  'histogram_values',
  'icu_calendar_names',
  'json_each',
  'json_tree',
  'pg_timezone_names',
  'pragma_database_size',
  'pragma_show',
  'pragma_storage_info',
  'pragma_table_info',
  'pragma_version',
  'range',
  'repeat',
  'repeat_row',
  'summary',
  'test_all_types',
  'unnest',
])

/** Functions of values that change something or hold a thread. */
const refusedFunctions = new Set(['currval', 'nextval', 'setseed', 'sleep_ms', 'write_log'])

const refuse = (message: string, hint: string): Fault => new Fault('refused', message, { domain: 'user', hint })

const onlySelect = 'this takes one SELECT, or EXPLAIN of one'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function checkFunction(name: string, isInFrom: boolean): void {
  const known = name.toLowerCase()
  if (isInFrom ? tableFunctions.has(known) : !refusedFunctions.has(known)) return
  throw refuse(`${known} cannot be used here`, 'user SQL reads the warehouse: no files, no settings, nothing written')
}

/** Searches a parse tree for functions, without recursion: a tree may be as deep as its statement is long. */
function checkTree(root: unknown): void {
  const open: { readonly node: unknown; readonly isInFrom: boolean }[] = [{ node: root, isInFrom: false }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, isInFrom } = next
    if (Array.isArray(node)) {
      for (const item of node) open.push({ node: item, isInFrom: false })
      continue
    }
    if (!isObject(node)) continue
    if (typeof node['function_name'] === 'string') checkFunction(node['function_name'], isInFrom)
    const isTableFunction = node['type'] === 'TABLE_FUNCTION'
    for (const [name, child] of Object.entries(node)) {
      open.push({ node: child, isInFrom: isTableFunction && name === 'function' })
    }
  }
}

type Parsed =
  | { readonly kind: 'select'; readonly statements: readonly unknown[] }
  | { readonly kind: 'other' }
  | { readonly kind: 'error'; readonly message: string }

async function parse(session: DuckdbSession, sql: string): Promise<Parsed> {
  const [json] = await session.read('SELECT json_serialize_sql($1::VARCHAR)::VARCHAR', [sql], (row) => row.text(0))
  const tree: unknown = JSON.parse(json ?? 'null')
  if (!isObject(tree)) return { kind: 'other' }
  if (tree['error'] === false && Array.isArray(tree['statements'])) {
    return { kind: 'select', statements: tree['statements'] }
  }
  if (tree['error_type'] === 'not implemented') return { kind: 'other' }
  return { kind: 'error', message: toOneLine(String(tree['error_message'])) }
}

/** EXPLAIN with what follows it; comments may come first. */
const explain = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*explain\s+(analyze\s+)?(?=\S)/i

/**
 * Checks a statement and returns the text to run, which is exactly what was checked.
 *
 * @throws Fault `sql` where it cannot be parsed; `refused` where it is anything but one SELECT that only reads
 */
export async function guardSelect(session: DuckdbSession, sql: string): Promise<string> {
  const prefix = explain.exec(sql)
  const inner = prefix ? sql.slice(prefix[0].length) : sql
  const parsed = await parse(session, inner)
  if (parsed.kind === 'error') throw new Fault('sql', parsed.message, { domain: 'user' })
  if (parsed.kind === 'other') throw refuse(onlySelect, 'nothing can be written through SQL; PIVOT is not supported')
  if (parsed.statements.length !== 1) {
    throw refuse(parsed.statements.length === 0 ? 'there is no statement' : 'one statement at a time', onlySelect)
  }
  checkTree(parsed.statements)
  if (!prefix) return inner
  return prefix[1] === undefined ? `EXPLAIN ${inner}` : `EXPLAIN ANALYZE ${inner}`
}
