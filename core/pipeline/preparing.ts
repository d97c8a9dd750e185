import { Fault } from '../base/fault.ts'
import type { SchemaPlanView } from '../protocol/cluster.ts'
import { readKafkaConnection, readKafkaTopics } from '../settings/kafka-connection.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { Settings } from '../settings/settings.ts'
import type { BuildInputs } from './build.ts'
import { openLocalWarehouse } from './local-warehouse.ts'
import { describeDialling } from './tunnelled.ts'

/** A topic on the cluster, and whether it was there before. */
export interface PreparedTopic {
  readonly name: string
  readonly outcome: 'made' | 'was-there'
}

/** Makes the topics that are missing on the cluster of a profile. @throws Fault `usage` for one without a cluster, or that only looks */
export async function createTopics({ clock, logger, settings }: BuildInputs): Promise<readonly PreparedTopic[]> {
  const { profile } = settings
  if (profile.eventsFrom !== 'kafka' || profile.writes.events !== 'kafka') {
    throw new Fault('usage', `a profile of kind ${profile.kind} makes no topics`, {
      domain: 'user',
      hint: 'use --profile process, or a profile of your own of that kind',
    })
  }
  const { createKafkaTopics } = await import('../log/kafka/topics.ts')
  const { names, partitions, replicationFactor } = readKafkaTopics(settings)
  const connection = { ...readKafkaConnection(settings), ...(await describeDialling(settings)) }
  return await createKafkaTopics({ connection, topics: names, partitions, replicationFactor, clock, logger })
}

/**
 * Brings the schema of a profile's warehouse up to date, for the first time too. Whoever calls owns the data directory.
 *
 * @param who asked for it, for the audit trail
 * @param adopts whether a table with somebody else's rows is taken over, whatever the settings say
 */
export async function migrateWarehouse(inputs: BuildInputs, who: string, adopts = false): Promise<void> {
  const { rowsTo } = inputs.settings.profile
  if (rowsTo === 'memory') {
    throw new Fault('usage', 'a profile that only watches has no schema of its own', { domain: 'user' })
  }
  const open = async (): Promise<Warehouse> => {
    if (rowsTo === 'duckdb') return await openLocalWarehouse(inputs)
    const { openSharedWarehouse } = await import('./cluster-places.ts')
    return await openSharedWarehouse(inputs, { fromMs: null }, { migrates: true, adopts })
  }
  const warehouse = await open()
  try {
    const subject = 'the schema of the warehouse'
    await warehouse.appendAudit({ atMs: inputs.clock.nowMs(), who, action: 'migrated', subject, detail: '' })
  } finally {
    await warehouse.close()
  }
}

/**
 * What opening a profile for the first time would make in its PostgreSQL; null where there is nothing to make.
 *
 * @throws Fault as connecting does
 */
export async function planMigration(settings: Settings): Promise<SchemaPlanView | null> {
  if (settings.profile.rowsTo !== 'postgres') return null
  const { planFirstMigration } = await import('./cluster-places.ts')
  return await planFirstMigration(settings)
}
