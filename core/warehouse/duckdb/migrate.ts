import type { DuckdbSession } from '../../duckdb/session.ts'
import { findMissing, type Migration, migrations } from '../migrations.ts'

/** Run at every open, before anything else: all else names its schema. */
export const schemasSql = 'CREATE SCHEMA IF NOT EXISTS public; CREATE SCHEMA IF NOT EXISTS storepulse;'

const ledgerSql = `CREATE TABLE IF NOT EXISTS storepulse.migrations (
  number integer PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp NOT NULL DEFAULT current_timestamp
)`

/**
 * Applies missing migrations in order, each in a transaction of its own. One that was applied already must be the same
 * text still.
 *
 * @throws Fault `warehouse-newer`, nothing changed
 */
export async function migrateSchema(session: DuckdbSession, known: readonly Migration[] = migrations): Promise<void> {
  await session.run(ledgerSql)
  const applied = await session.read(
    'SELECT number, name, checksum FROM storepulse.migrations ORDER BY number',
    [],
    (row) => ({ number: row.number(0), name: row.text(1), checksum: row.text(2) }),
  )
  for (const migration of findMissing(applied, known)) {
    await session.transaction(async () => {
      await session.run(migration.sql)
      await session.run('INSERT INTO storepulse.migrations (number, name, checksum) VALUES ($1, $2, $3)', [
        migration.number,
        migration.name,
        migration.checksum,
      ])
    })
  }
}
