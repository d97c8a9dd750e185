import { Client } from 'pg'
import { onTestFinished, vi } from 'vitest'
import type { PostgresConnection } from '../../core/base/connections.ts'
import { systemClock } from '../../core/base/clock.ts'
import { openPostgresWarehouse, type PostgresOptions } from '../../core/warehouse/postgres/postgres-warehouse.ts'
import type { Warehouse } from '../../core/warehouse/warehouse.ts'
import { type PostgresAddress, runSql } from './services/postgres.ts'
import { usePostgres } from './services/use.ts'
import { exactSketch, startMs, token } from './warehouse-commits.ts'

/** A database of a running test. */
export interface TestDatabase {
  readonly address: PostgresAddress
  readonly connection: PostgresConnection
  /** Runs SQL as the server's superuser; what it prints. */
  sql(statement: string): string
  /** The same from another database of the server. */
  sqlFromOutside(statement: string): string
  /** Runs SQL without waiting for its end. */
  sqlLater(statement: string): Promise<void>
  /** Waits until a statement gives `t`. */
  waitFor(statement: string): Promise<void>
  /** Opens a warehouse that is closed when the test ends. */
  open(changes?: Partial<PostgresOptions>): Promise<Warehouse>
  /** The same, migrated and claimed under the token `first`. */
  openClaimed(changes?: Partial<PostgresOptions>): Promise<Warehouse>
}

export const noTls = { mode: 'disable', ca: null, cert: null, key: null } as const

/** How the warehouse is told of a server. */
export const connectionTo = (
  { database, host, password, port, user }: PostgresAddress,
  changes: Partial<PostgresConnection> = {},
): PostgresConnection => ({ host, port, user, password, database, tls: noTls, ...changes })

export function makeTestDatabase(address: PostgresAddress): TestDatabase {
  const connection = connectionTo(address)
  const open = async (changes: Partial<PostgresOptions> = {}): Promise<Warehouse> => {
    const warehouse = await openPostgresWarehouse({
      connection,
      readConnection: null,
      sketch: exactSketch,
      writes: true,
      adopt: false,
      zone: 'UTC',
      clock: systemClock,
      ...changes,
    })
    onTestFinished(() => warehouse.close())
    return warehouse
  }
  return {
    address,
    connection,
    sql: (statement) => runSql(address, statement),
    sqlFromOutside: (statement) => runSql(address, statement, 'postgres'),
    async sqlLater(statement) {
      const client = new Client({ ...connection, password: address.password, ssl: false })
      await client.connect()
      try {
        await client.query(statement)
      } finally {
        await client.end()
      }
    },
    async waitFor(statement) {
      await vi.waitFor(
        () => {
          if (runSql(address, statement) !== 't') throw new Error(`never true: ${statement}`)
        },
        { timeout: 20_000, interval: 50 },
      )
    },
    open,
    async openClaimed(changes) {
      const warehouse = await open(changes)
      await warehouse.migrate()
      await warehouse.claim({ token, processId: 1, command: 'run', atMs: startMs })
      return warehouse
    },
  }
}

let shared: Promise<PostgresAddress> | null = null

/** One database for all tests of a file, emptied for each: much faster than making one each time. */
export async function useEmptyDatabase(): Promise<TestDatabase> {
  shared ??= usePostgres()
  return openEmptied(await shared)
}

const clearSql = `DO $$ BEGIN
    IF to_regclass('storepulse.owner') IS NOT NULL THEN
      EXECUTE (SELECT 'TRUNCATE public.transactions_summary, ' || string_agg(format('storepulse.%I', tablename), ', ')
        FROM pg_tables WHERE schemaname = 'storepulse' AND tablename <> 'migrations');
      ALTER SEQUENCE public.transactions_summary_id_seq RESTART;
    END IF;
  END $$`

/** The same for tests that leave the schema as it is: only its rows go, which is faster still. */
export async function openCleared(address: PostgresAddress): Promise<TestDatabase> {
  const database = makeTestDatabase(address)
  await database.sqlLater(clearSql)
  return database
}

/** The run's server, its database's rows gone. */
export async function useClearedDatabase(): Promise<TestDatabase> {
  shared ??= usePostgres()
  return await openCleared(await shared)
}

/** A database without anything of ours, whatever a test before has left. */
export function openEmptied(address: PostgresAddress): TestDatabase {
  const database = makeTestDatabase(address)
  database.sql(
    `SET client_min_messages = 'error'; DROP SCHEMA IF EXISTS storepulse CASCADE;
      DROP TABLE IF EXISTS public.transactions_summary;
      DROP SEQUENCE IF EXISTS public.transactions_summary_id_seq`,
  )
  return database
}
