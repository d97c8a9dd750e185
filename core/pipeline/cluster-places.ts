import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Fault } from '../base/fault.ts'
import { windowSketch } from '../base/window-sketch.ts'
import type { KafkaLog } from '../log/kafka/kafka-log.ts'
import { readKafkaConnection, readKafkaTopics } from '../settings/kafka-connection.ts'
import { namesPostgres, type PostgresUse, readPostgresServers } from '../settings/postgres-connection.ts'
import type { Settings } from '../settings/settings.ts'
import type { SchemaPlan } from '../warehouse/postgres/schema-plan.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { BuildInputs } from './build.ts'
import { describeDialling } from './tunnelled.ts'
import type { WholeSpan } from './whole-span.ts'

/** Watching begins far enough back that every tile over an hour is full at once. */
const watchedMs = 70 * 60_000

/** Opens the cluster's topics as a log; where the profile only looks there is nothing in it that could write. */
export async function openClusterLog({ clock, logger, settings }: BuildInputs): Promise<KafkaLog> {
  const { openKafkaLog } = await import('../log/kafka/kafka-log.ts')
  const { profile } = settings
  const { isolation, names, startFrom } = readKafkaTopics(settings)
  const chosenStart = typeof startFrom === 'string' ? startFrom : startFrom.atMs
  return await openKafkaLog({
    connection: { ...readKafkaConnection(settings), ...(await describeDialling(settings)) },
    topics: names,
    writes: profile.writes.events === 'kafka',
    startFrom: profile.rowsTo === 'memory' ? clock.nowMs() - watchedMs : chosenStart,
    isolation: isolation === 'read_committed' ? 'read-committed' : 'read-uncommitted',
    clock,
    logger,
  })
}

/** The servers of one use, the first of them by itself. */
async function listServers(settings: Settings, use: PostgresUse) {
  const dialling = await describeDialling(settings)
  const { connections } = readPostgresServers(settings, process.env, use)
  const [first, ...others] = connections.map((connection) => ({ ...connection, ...dialling }))
  if (!first) throw new Fault('internal', 'no PostgreSQL server is left')
  return { first, others }
}

const findSchemaSql = `SELECT count(*) FROM information_schema.tables
  WHERE table_schema = 'storepulse' AND table_name = 'migrations'`

async function hasSchema(warehouse: Warehouse): Promise<boolean> {
  const { rows } = await warehouse.query(findSchemaSql, { timeoutMs: 10_000, maxRows: 1 })
  return Number(rows[0]?.[0] ?? 0) > 0
}

/** Told why a replica is not asked, and null once it is again. */
export type ReplicaWatch = (fault: Fault | null) => void

/** What may be done to a database that has no schema of ours. */
export interface FirstMigration {
  readonly migrates: boolean
  /** Whether a table with somebody else's rows is taken over, whatever the settings say. */
  readonly adopts?: boolean
}

/**
 * Opens the PostgreSQL that rows go to. A database that has no schema of ours is changed only where that was asked for.
 *
 * @throws Fault `schema-missing` where it was not
 */
export async function openSharedWarehouse(
  { clock, logger, settings }: Pick<BuildInputs, 'clock' | 'logger' | 'settings'>,
  wholeSpan: WholeSpan,
  { adopts = false, migrates }: FirstMigration,
  onReplica?: ReplicaWatch,
): Promise<Warehouse> {
  const { openPostgresWarehouse } = await import('../warehouse/postgres/postgres-warehouse.ts')
  const { first, others } = await listServers(settings, 'write')
  const readers = settings.secret('warehouse.readUrl') === '' ? null : await listServers(settings, 'read')
  const warehouse = await openPostgresWarehouse({
    connection: first,
    others,
    readConnection: readers?.first ?? null,
    otherReaders: readers?.others ?? [],
    ...(onReplica ? { onReplica } : {}),
    sketch: windowSketch,
    writes: true,
    adopt: adopts || settings.flag('warehouse.adopt'),
    zone: settings.text('warehouse.zone'),
    clock,
    wholeFromMs: () => wholeSpan.fromMs,
  })
  try {
    const place = `database ${first.database} on ${[first, ...others].map(({ host }) => host).join(', ')}`
    if (!(await hasSchema(warehouse))) {
      if (!migrates) {
        throw new Fault('schema-missing', `${place} has no schema of Storepulse yet`, {
          domain: 'user',
          hint: 'make it with `storepulse migrate`, or by `storepulse run` with this profile',
        })
      }
      logger.warn(`making schema storepulse in ${place}`)
    }
    await warehouse.migrate()
    return warehouse
  } catch (error) {
    await warehouse.close()
    throw error
  }
}

/** What the first migration would make in the PostgreSQL that rows go to; null where the schema is there. */
export async function planFirstMigration(settings: Settings): Promise<SchemaPlan | null> {
  const { planSchema } = await import('../warehouse/postgres/schema-plan.ts')
  const { first, others } = await listServers(settings, 'write')
  return await planSchema([first, ...others])
}

/** The cluster's own table, to look at: no session of it can write. Null where no PostgreSQL is named. */
export async function openWatchedTable(
  { clock, settings }: BuildInputs,
  onReplica: ReplicaWatch = () => undefined,
): Promise<Warehouse | null> {
  if (!namesPostgres(settings, process.env, 'read')) return null
  const { openPostgresWarehouse } = await import('../warehouse/postgres/postgres-warehouse.ts')
  const readers = await listServers(settings, 'read')
  // The primary too is only ever looked at, and only while the replica is away.
  const hasBoth = settings.secret('warehouse.readUrl') !== '' && namesPostgres(settings, process.env, 'write')
  const { first, others } = hasBoth ? await listServers(settings, 'write') : readers
  return await openPostgresWarehouse({
    connection: first,
    others,
    readConnection: hasBoth ? readers.first : null,
    otherReaders: hasBoth ? readers.others : [],
    onReplica,
    sketch: windowSketch,
    writes: false,
    adopt: false,
    zone: settings.text('warehouse.zone'),
    clock,
  })
}

/** Forgets the rows of an earlier look: they are only for as long as somebody watches. */
export const dropScratch = (file: string): Promise<void> => rm(dirname(file), { recursive: true, force: true })
