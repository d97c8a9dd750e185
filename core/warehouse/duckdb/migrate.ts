import { Fault } from '../../base/fault.ts'
import type { DuckdbSession } from '../../duckdb/session.ts'
import { type Migration, migrations } from './migrations.ts'

/** Run at every open, before anything else: all else names its schema. */
export const schemasSql = 'CREATE SCHEMA IF NOT EXISTS public; CREATE SCHEMA IF NOT EXISTS storepulse;'

const ledgerSql = `CREATE TABLE IF NOT EXISTS storepulse.migrations (
  number integer PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp NOT NULL DEFAULT current_timestamp
)`

interface Applied {
  readonly number: number
  readonly name: string
  readonly checksum: string
}

function refuseNewer(message: string): Fault {
  return new Fault('warehouse-newer', message, { hint: 'update this program, or use another data directory' })
}

/** The migrations still to run. @throws Fault `warehouse-newer` */
function findMissing(applied: readonly Applied[], known: readonly Migration[]): readonly Migration[] {
  const newest = known.length
  for (const { number, name, checksum } of applied) {
    const migration = known.find((other) => other.number === number)
    if (!migration) {
      throw refuseNewer(`the warehouse has schema ${number} (${name}), this program knows up to ${newest}`)
    }
    if (migration.checksum !== checksum) {
      throw refuseNewer(`schema ${number} (${name}) of the warehouse is not the one of this program`)
    }
  }
  return known.filter(({ number }) => !applied.some((other) => other.number === number))
}

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
